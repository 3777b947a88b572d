"""What an Ingress and a Gateway have in common: routes from outside to endpoints, host names, TLS, annotations."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

from fairlead.model.argument_checks import kind_of
from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.model.locations import Location, mistake, user_location
from fairlead.model.names import is_host
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.value import Value
from fairlead.records import aside, record
from fairlead.resources.kubernetes.issuer import ISSUER_KINDS, Issuer, IssuerKind


@record
class Route:
    """One route; ``host`` is None for the host names of the whole router, or for all where it has none."""

    path: str
    endpoint: Endpoint
    host: str | Value | None
    path_type: str
    where: Location = aside()


@record
class Certificate:
    """One ``with_tls``.

    Args:
        secret_name: The Secret with certificate and key; None for the router's own one.
        hosts: The host names it is for; empty for all that no other certificate names.
        issuer: The issuer of cert-manager that makes it, or the name of one; None where something else does.
        issuer_kind: The kind of that issuer.
        where: The line in the app file.
    """

    secret_name: str | Value | None
    hosts: tuple[str | Value, ...]
    issuer: Issuer | str | Value | None
    issuer_kind: str
    where: Location = aside()


class Router(CustomizableObjects):
    """Routes from outside the cluster to HTTP endpoints.

    Args:
        name: The resource's name.
    """

    #: The kinds of path that the cluster knows.
    path_types: ClassVar[tuple[str, ...]] = ()
    #: What a path that is compared as it is has to look like, where the cluster cares.
    path_syntax: ClassVar[str | None] = None

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.routes: list[Route] = []
        self.hostnames: list[tuple[str | Value, Location]] = []
        self.class_name: str | Value | None = None
        self.certificates: list[Certificate] = []
        self.annotations: dict[str, tuple[str | Value, Location]] = {}

    def with_hostname(self, host: str | Value) -> Self:
        """Answer for a host name only; called several times, for each. Routes with a host of their own keep that.

        Args:
            host: The name, such as ``shop.example.com`` or ``*.example.com``; a parameter, or a ``ref`` with one in it.
        """
        self._declare("with_hostname")
        if self._host_or_value("with_hostname", "host", host):
            self.hostnames.append((host, user_location()))
        return self

    def with_tls(
        self,
        secret_name: str | Value | None = None,
        *,
        hosts: str | Value | Sequence[str | Value] | None = None,
        issuer: Issuer | str | Value | None = None,
        issuer_kind: IssuerKind = "ClusterIssuer",
        secret: str | Value | None = None,
    ) -> Self:
        """Answer by HTTPS; called several times, with a certificate for each.

        Args:
            secret_name: The name of the Secret with certificate and key; by default ``<name>-tls``, or
                ``<name>-<host>-tls`` where ``hosts`` names one.
            hosts: The host name, or several, that the certificate is for; by default all that no other one is for.
            issuer: The issuer that fills the Secret: what ``add_issuer`` returned, or the name of one that the cluster
                has. By default the Secret has to be made by other means.
            issuer_kind: ``ClusterIssuer``, or ``Issuer`` for one of the app's namespace; for a name only.
            secret: The older name of ``secret_name``; it ends with version 0.3.
        """
        self._declare("with_tls")
        good = secret_name is None or self._name_or_value("with_tls", "secret_name", secret_name)
        good &= issuer is None or isinstance(issuer, Issuer) or self._name_or_value("with_tls", "issuer", issuer)
        good &= self._one_of("with_tls", "issuer_kind", issuer_kind, ISSUER_KINDS)
        if secret is not None and self._name_or_value("with_tls", "secret", secret):
            warnings.warn(
                "with_tls(secret=) is now with_tls(secret_name=); the older name ends with version 0.3",
                DeprecationWarning,
                stacklevel=2,
            )
            secret_name = secret
        names = self._hosts(hosts)
        if good and names is not None:
            kind = issuer.issuer_kind if isinstance(issuer, Issuer) else issuer_kind
            self.certificates.append(Certificate(secret_name, names, issuer, kind, user_location()))
        return self

    def _hosts(self, hosts: object) -> tuple[str | Value, ...] | None:
        """The hosts of a certificate, each once; None, reported, where there is something else among them."""
        given: Sequence[Any] = hosts if isinstance(hosts, (list, tuple)) else [] if hosts is None else [hosts]
        good = all([self._host_or_value("with_tls", "hosts", host) for host in given])
        return tuple(dict.fromkeys(given)) if good else None

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the endpoints of its routes, and parameters."""
        yield from super()._given_values()
        for route in self.routes:
            yield route.endpoint, route.where
            yield route.host, route.where
        yield from self.hostnames
        yield from self.annotations.values()
        yield self.class_name, self.where
        for certificate in self.certificates:
            yield certificate.secret_name, certificate.where
            yield from ((host, certificate.where) for host in certificate.hosts)
            if not isinstance(certificate.issuer, Issuer):
                yield certificate.issuer, certificate.where

    def _add_route(
        self, method: str, path: str, target: Resource | Endpoint, host: str | Value | None, path_type: str
    ) -> None:
        self._declare(method)
        valid = self._path(method, "path", path)
        valid = valid and self._is_routable(method, path, path_type)
        valid &= self._one_of(method, "path_type", path_type, self.path_types)
        valid &= host is None or self._host_or_value(method, "host", host)
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
        if not steps and (self.path_syntax is None or re.fullmatch(self.path_syntax, path)):
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

    def _host_or_value(self, method: str, what: str, value: object) -> bool:
        """Whether something is the name of a host, or is known only later."""
        if not self._text_or_value(method, what, value):
            return False
        good = not isinstance(value, str) or is_host(value)
        if not good:
            mistake(
                f"{method}() got {value!r} as {what}, which is not the name of a host",
                resource=self.name,
                remedy="Write it in lower case, without scheme, port and path: 'shop.example.com'.",
            )
        return good
