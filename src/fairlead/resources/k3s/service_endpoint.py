"""Service endpoints: Services of a cluster that are reached from outside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from fairlead.model.argument_checks import kind_of
from fairlead.model.endpoints.consumer import Contribution
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.endpoints.placement import NeededPort, Placement
from fairlead.model.endpoints.reference import endpoint_variables
from fairlead.model.locations import mistake, user_location
from fairlead.model.names import is_scheme, is_subdomain, variable_form
from fairlead.model.publishing import LOCAL, PublishLocalAs
from fairlead.model.resource import Consumer, Resource
from fairlead.model.values.value import ref
from fairlead.resources.k3s.server import NODE_PORTS, K3sServer

_USUALLY_HTTPS = (443, 8443, "https")


class ServiceEndpoint(Resource):
    """A Service of a cluster, reached through a port of the cluster's server.

    Args:
        name: The resource's name.
        cluster: Its cluster.
        service: As for ``add_service_endpoint``, like what follows.
        port: Its port, or the name of that.
        namespace: Its namespace.
        scheme: What is spoken there.
        external: Whether it is reachable from other machines too.
        host_port: The port of this machine.
        publish_as: What publishing makes of it.
    """

    kind: ClassVar[str] = "Service endpoint"
    default_icon: ClassVar[str] = "endpoint"
    driver: ClassVar[str | None] = "fairlead.drivers.k3s.endpoints.service_endpoint:ServiceEndpointDriver"
    publish_choices: ClassVar[Sequence[str]] = LOCAL

    def __init__(
        self,
        name: str,
        cluster: K3sServer,
        service: str,
        port: int | str,
        *,
        namespace: str = "default",
        scheme: str | None = None,
        external: bool = False,
        host_port: int | None = None,
        publish_as: PublishLocalAs | None = None,
    ) -> None:
        super().__init__(name)
        method = "add_service_endpoint"
        self.cluster = cluster
        self.service = service if self._object_name(method, "service", service) else ""
        self.service_port: int | str = port if self._service_port(port) else 80
        self.namespace = namespace if self._object_name(method, "namespace", namespace) else "default"
        self.scheme = self._scheme(scheme) or ("https" if self.service_port in _USUALLY_HTTPS else "http")
        has_port = host_port is not None and self._number(method, "host_port", host_port, 1, 65535)
        self.endpoints[self.scheme] = EndpointSpec(
            self.scheme,
            self.scheme,
            user_location(),
            port=host_port if has_port else None,
            protocol="udp" if self.scheme == "udp" else "tcp",
            external=self._flag(method, "external", external),
        )
        good = publish_as is None or self._one_of(method, "publish_as", publish_as, LOCAL)
        self.publish_as = publish_as if good else None
        self.wait_for(cluster)
        self.excluded_from_manifest = True

    @property
    def made_from(self) -> str:
        """Its Service and port."""
        return f"svc/{self.service}:{self.service_port}"

    @property
    def placement(self) -> Placement:
        """A port of the server's container."""
        return Placement.port_of(self.cluster.name)

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        """A node port of the cluster, published on this machine."""
        spec = self.endpoints[self.scheme]
        yield NeededPort(
            self.cluster.name, spec.name, within=NODE_PORTS, protocol=spec.protocol, external=spec.external
        )

    def _published_address(self, endpoint: EndpointSpec) -> tuple[str, int | str]:
        """The Service itself, which the cluster that the app is published to has to have."""
        return f"{self.service}.{self.namespace}.svc", self.service_port

    def contribute(self, consumer: Consumer) -> Contribution:
        """``services__<name>__url``, ``services__<name>__<scheme>__0`` and ``<NAME>_URL``."""
        name = consumer.connection_name or self.name
        endpoint = self.endpoint(self.scheme)
        url = ref("{url}", url=endpoint.url)
        key, url_variable = f"services__{name}__url", f"{variable_form(name)}_URL"
        return Contribution(env={key: url, **endpoint_variables(name, [endpoint]), url_variable: url})

    def _scheme(self, scheme: object) -> str | None:
        if scheme is None:
            return None
        if isinstance(scheme, str) and is_scheme(scheme):
            return scheme.lower()
        mistake(
            f"add_service_endpoint() got {repr(scheme) if isinstance(scheme, str) else kind_of(scheme)} as scheme",
            resource=self.name,
            remedy="Use letters, digits, '+', '-' and '.', with a letter in front, as in 'https'.",
        )
        return None

    def _service_port(self, port: object) -> bool:
        if isinstance(port, str) and is_subdomain(port) and len(port) <= 63:
            return True
        if isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535:
            return True
        is_shown = isinstance(port, (int, str)) and not isinstance(port, bool) and port != ""
        mistake(
            f"add_service_endpoint() got {repr(port) if is_shown else kind_of(port)} as the port of the service",
            resource=self.name,
            remedy="Give a number from 1 to 65535, or the name that the Service gives its port.",
        )
        return False
