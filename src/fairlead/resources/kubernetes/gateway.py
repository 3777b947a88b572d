"""The Gateway: routes by the Gateway API."""

from __future__ import annotations

import re
from typing import ClassVar, Self

from fairlead.model.resource import Endpoint, Resource
from fairlead.model.value import Value
from fairlead.resources.kubernetes.routes import Router


class Gateway(Router):
    """Routes from outside the cluster to HTTP endpoints, by a Gateway and HTTPRoutes.

    Args:
        name: The resource's name.
    """

    kind: ClassVar[str] = "Gateway"
    path_types: ClassVar[tuple[str, ...]] = ("PathPrefix", "Exact", "RegularExpression")
    path_syntax: ClassVar[re.Pattern[str] | None] = re.compile(
        r"([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}){1,1024}"
    )

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
        path_type: str = "PathPrefix",
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

    def with_gateway_annotation(self, key: str, value: str | Value) -> Self:
        """Put an annotation on the Gateway object."""
        self._annotate("with_gateway_annotation", key, value)
        return self
