"""The Gateway: routes by the Gateway API."""

from __future__ import annotations

from typing import ClassVar, Literal, Self, TypeAlias, get_args

from fairlead.model.locations import mistake
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.value import Value
from fairlead.resources.kubernetes.routes import Router

GatewayPathType: TypeAlias = Literal["PathPrefix", "Exact", "RegularExpression"]

#: Seconds of a year.
YEAR = 365 * 24 * 60 * 60


class Gateway(Router):
    """Routes from outside the cluster to HTTP endpoints, by a Gateway and HTTPRoutes.

    Args:
        name: The resource's name.
    """

    kind: ClassVar[str] = "Gateway"
    path_types: ClassVar[tuple[str, ...]] = get_args(GatewayPathType)
    path_syntax: ClassVar[str | None] = r"([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}){1,1024}"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.redirects_to_https = True
        #: The header Strict-Transport-Security; None for none.
        self.hsts: str | None = None

    def with_gateway_class(self, name: str | Value) -> Self:
        """Say which controller serves it; a Gateway has to have one."""
        self._set_class("with_gateway_class", name)
        return self

    def with_route(
        self,
        path: str,
        target: Resource | Endpoint,
        *,
        host: str | Value | None = None,
        path_type: GatewayPathType = "PathPrefix",
    ) -> Self:
        """Send a path to an endpoint.

        Args:
            path: Starts with ``/``.
            target: An endpoint, or a resource for its default one.
            host: The host name it is for, or a value; by default those of ``with_hostname``, or all.
            path_type: ``PathPrefix``, ``Exact`` or ``RegularExpression``.
        """
        self._add_route("with_route", path, target, host, path_type)
        return self

    def with_https_redirect(self, enabled: bool = True) -> Self:
        """Say what becomes of plain HTTP for hosts with TLS.

        Args:
            enabled: Whether it is sent on to HTTPS, which is the default; else it is answered like HTTPS.
        """
        self._declare("with_https_redirect")
        self.redirects_to_https = self._flag("with_https_redirect", "enabled", enabled)
        return self

    def with_hsts(self, max_age: int = YEAR, *, include_subdomains: bool = False, preload: bool = False) -> Self:
        """Tell browsers, in each answer by HTTPS, to come by HTTPS only (Strict-Transport-Security).

        Args:
            max_age: Seconds that they remember it; 0 makes them forget it. By default a year.
            include_subdomains: Whether it is so for all hosts below as well.
            preload: Whether browsers may bring the host along in their lists.
        """
        self._declare("with_hsts")
        good = self._number("with_hsts", "max_age", max_age, 0)
        below = self._flag("with_hsts", "include_subdomains", include_subdomains)
        preloaded = self._flag("with_hsts", "preload", preload)
        if good and preloaded and not (below and max_age >= YEAR):
            mistake(
                "with_hsts(preload=True) is refused by the lists of browsers",
                resource=self.name,
                remedy=f"Include subdomains, and give a max_age of {YEAR} or more, or leave preload= out.",
            )
        elif good:
            words = (f"max-age={max_age}", "includeSubDomains" if below else "", "preload" if preloaded else "")
            self.hsts = "; ".join(filter(None, words))
        return self

    def with_gateway_annotation(self, key: str, value: str | Value) -> Self:
        """Put an annotation on the Gateway object."""
        self._annotate("with_gateway_annotation", key, value)
        return self
