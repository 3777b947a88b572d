"""Endpoints: where a resource listens, and the deferred parts of that address.

An :class:`EndpointSpec` is the declaration. An :class:`EndpointHandle` may be taken before the declaration is made,
since the order of a definition never matters; it is looked up when the app is built. The handles that a definition gets
are of ``model.resource.Endpoint``, which also knows the resource as one.
"""

from __future__ import annotations

from typing import Literal

from fairlead.model.locations import Declarable, Location
from fairlead.model.names import listing
from fairlead.model.values.value import Value
from fairlead.records import record

Protocol = Literal["tcp", "udp"]
EndpointProperty = Literal["host", "port", "target_port", "scheme", "url", "host_and_port", "public_url", "public_host"]


@record
class EndpointSpec:
    """A declared endpoint.

    Args:
        name: Unique on its resource.
        scheme: ``http``, ``https``, ``tcp``, or any other that a client understands.
        port: The port on the host that callers use; None lets Fairlead choose and remember one.
        target_port: The port that the app listens on; None lets Fairlead choose one and hand it over in ``env``.
        protocol: The transport.
        env: Environment variable that gets the port to listen on.
        external: Whether it is meant for callers outside the app.
        where: The line that declared it.
    """

    name: str
    scheme: str
    where: Location
    port: int | None = None
    target_port: int | None = None
    protocol: Protocol = "tcp"
    env: str | None = None
    external: bool = False

    @property
    def is_http(self) -> bool:
        """Whether a browser can open it."""
        return self.scheme in ("http", "https")


class EndpointOwner(Declarable):
    """A resource as far as its endpoints know it, which are below it; a resource is one."""

    name: str
    #: What it has declared, by name.
    endpoints: dict[str, EndpointSpec]


class EndpointValue(Value):
    """One part of an endpoint's address."""

    def __init__(self, endpoint: EndpointHandle, name: EndpointProperty) -> None:
        self.endpoint = endpoint
        self.name = name

    @property
    def is_public(self) -> bool:
        """Whether it is of the address that people type, which is the same for all consumers."""
        return self.name in ("public_url", "public_host")

    def describe(self) -> str:
        """Endpoint and part, dotted."""
        return f"{self.endpoint.describe()}.{self.name}"


class EndpointHandle(Value):
    """A handle on an endpoint; used as a value it is the endpoint's URL.

    Args:
        resource: Whose endpoint it is.
        name: Its name; None for the only endpoint, or else ``http``.
        where: The line that asked for it.
    """

    def __init__(self, resource: EndpointOwner, name: str | None, where: Location) -> None:
        self._resource = resource
        self.requested = name
        self.where = where
        #: The host name or address that the consumer reaches it by.
        self.host = EndpointValue(self, "host")
        #: The port that the consumer reaches it by.
        self.port = EndpointValue(self, "port")
        #: The port that the resource itself listens on.
        self.target_port = EndpointValue(self, "target_port")
        #: The scheme, such as ``http``.
        self.scheme = EndpointValue(self, "scheme")
        #: ``scheme://host:port``.
        self.url = EndpointValue(self, "url")
        #: ``host:port``.
        self.host_and_port = EndpointValue(self, "host_and_port")
        #: What people type to get there, without a slash at the end: in a run ``http://localhost:<port>``, in a chart
        #: scheme, host and path of the first route of an Ingress or Gateway that leads to it.
        self.public_url = EndpointValue(self, "public_url")
        #: The host of that, with a port where it has one.
        self.public_host = EndpointValue(self, "public_host")

    @property
    def resource(self) -> EndpointOwner:
        """Whose endpoint it is."""
        return self._resource

    def parts(self) -> tuple[str | Value, ...]:
        """The URL."""
        return (self.url,)

    def describe(self) -> str:
        """How the definition spells it."""
        return (
            f"{self.resource.name}.endpoint({self.requested!r})"
            if self.requested
            else f"{self.resource.name}.endpoint()"
        )

    def find(self) -> EndpointSpec | None:
        """The declaration, or None when there is no such endpoint."""
        declared = self.resource.endpoints
        if self.requested is not None:
            return declared.get(self.requested)
        return next(iter(declared.values())) if len(declared) == 1 else declared.get("http")

    @property
    def spec(self) -> EndpointSpec:
        """The declaration.

        Raises:
            LookupError: There is no such endpoint; the text names those that there are.
        """
        found = self.find()
        if found is None:
            raise LookupError(self.problem())
        return found

    def problem(self) -> str:
        """Why :meth:`find` found nothing."""
        names = listing(self.resource.endpoints)
        if not self.resource.endpoints:
            return "it has no endpoints"
        if self.requested is None:
            return f"it has several endpoints and none is called 'http': {names}"
        return f"it has no endpoint {self.requested!r}; its endpoints are {names}"


def has_public_address(value: object) -> bool:
    """Whether something is a value with an address in it that people type."""
    leaves = value.leaves() if isinstance(value, Value) else ()
    return any(isinstance(leaf, EndpointValue) and leaf.is_public for leaf in leaves)
