"""What an Ingress and a Gateway have in common: routes from outside to endpoints, host names, TLS, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.value import Value

#: How cert-manager's annotation is called for each kind of issuer.
ISSUERS = {"ClusterIssuer": "cert-manager.io/cluster-issuer", "Issuer": "cert-manager.io/issuer"}


@dataclass(frozen=True, slots=True)
class Route:
    """One route; ``host`` is None for the host names of the whole router, or for all where it has none."""

    path: str
    endpoint: Endpoint
    host: str | Value | None
    path_type: str
    where: Location = field(compare=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS for all host names; ``secret`` is None for the router's own one, ``<name>-tls``."""

    secret: str | Parameter | None
    where: Location = field(compare=False)


class Router(Resource):
    """Routes from outside the cluster to HTTP endpoints.

    Args:
        name: The resource's name.
    """

    #: The kinds of path that the cluster knows.
    path_types: ClassVar[tuple[str, ...]] = ()
    #: What a path that is compared as it is has to look like, where the cluster cares.
    path_syntax: ClassVar[re.Pattern[str] | None] = None

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.routes: list[Route] = []
        self.hostnames: list[tuple[str | Value, Location]] = []
        self.class_name: str | Value | None = None
        self.tls: Tls | None = None
        self.annotations: dict[str, tuple[str | Value, Location]] = {}

    def with_hostname(self, host: str | Value) -> Self:
        """Answer for a host name only; called several times, for each. Routes with a host of their own keep that.

        Args:
            host: The name, such as ``shop.example.com`` or ``*.example.com``; a parameter, or a ``ref`` with one in it.
        """
        self._declare("with_hostname")
        if self._text_or_value("with_hostname", "host", host):
            self.hostnames.append((host, user_location()))
        return self

    def with_tls(
        self,
        secret: str | Parameter | None = None,
        *,
        issuer: str | Parameter | None = None,
        issuer_kind: str = "ClusterIssuer",
    ) -> Self:
        """Answer by HTTPS for all host names.

        Args:
            secret: The name of the Secret with certificate and key; by default ``<name>-tls``.
            issuer: The cert-manager issuer that fills the Secret; by default somebody else does.
            issuer_kind: ``ClusterIssuer``, or ``Issuer`` for one of the app's namespace.
        """
        self._declare("with_tls")
        good = secret is None or self._name_or_value("with_tls", "secret", secret)
        good &= issuer is None or self._text_or_value("with_tls", "issuer", issuer)
        if good and self._one_of("with_tls", "issuer_kind", issuer_kind, tuple(ISSUERS)):
            self.tls = Tls(secret, user_location())
            if issuer is not None:
                self.annotations[ISSUERS[issuer_kind]] = issuer, user_location()
        return self

    def given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the endpoints of its routes, and parameters."""
        yield from super().given_values()
        for route in self.routes:
            yield route.endpoint, route.where
            yield route.host, route.where
        yield from self.hostnames
        yield from self.annotations.values()
        yield self.class_name, self.where
        if self.tls is not None:
            yield self.tls.secret, self.tls.where

    def _add_route(
        self, method: str, path: str, target: Resource | Endpoint, host: str | Value | None, path_type: str
    ) -> None:
        self._declare(method)
        valid = self._path(method, "path", path)
        valid = valid and self._is_routable(method, path, path_type)
        valid &= self._one_of(method, "path_type", path_type, self.path_types)
        valid &= host is None or self._text_or_value(method, "host", host)
        endpoint = self._endpoint(method, target)
        if endpoint is not None and valid:
            self.routes.append(Route(path, endpoint, host, path_type, user_location()))

    def _is_routable(self, method: str, path: str, path_type: str) -> bool:
        """Whether the cluster takes a path; of one that a controller reads in its own way it asks nothing."""
        if path_type not in ("Prefix", "PathPrefix", "Exact"):
            return True
        lowered = path.lower()
        steps = [part for part in ("//", "/./", "/../", "%2f") if part in lowered]
        steps += [end for end in ("/..", "/.") if lowered.endswith(end)]
        if not steps and (self.path_syntax is None or self.path_syntax.fullmatch(path)):
            return True
        mistake(
            f"{method}() got {path!r} as path, which no request has once its path is tidied"
            if steps
            else f"{method}() got {path!r} as path, which is none of a URL",
            resource=self.name,
            remedy=f"Leave {steps[0]!r} out."
            if steps
            else "Percent-encode what a URL can't have as it is, and stay within 1024 characters.",
        )
        return False

    def _endpoint(self, method: str, target: Resource | Endpoint) -> Endpoint | None:
        """The endpoint that a target is, or None, reported."""
        handle: Any = target.endpoint() if isinstance(target, Resource) else target
        if isinstance(handle, Endpoint):
            return handle
        mistake(
            f"{method}() needs a resource or an endpoint, not {kind_of(target)}",
            resource=self.name,
            remedy="Pass what an add_…() returned, or its endpoint('…').",
        )
        return None

    def _set_class(self, method: str, name: str | Value) -> None:
        self._declare(method)
        if self._name_or_value(method, "name", name):
            self.class_name = name

    def _annotate(self, method: str, key: str, value: str | Value) -> None:
        self._declare(method)
        if self._annotation_key(method, key) and self._text_or_value(method, key, value):
            self.annotations[key] = value, user_location()

    def _name_or_value(self, method: str, what: str, value: object) -> bool:
        return isinstance(value, Value) or self._object_name(method, what, value)

    def _text_or_value(self, method: str, what: str, value: object) -> bool:
        return isinstance(value, Value) or self._text(method, what, value)
