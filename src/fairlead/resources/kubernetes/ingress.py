"""The Ingress: routes that the cluster's Ingress controller serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, Self, TypeAlias, get_args

from fairlead.model.locations import Location, user_location
from fairlead.model.resource import Endpoint, Resource
from fairlead.model.values.value import Value
from fairlead.resources.kubernetes.routes import Router

IngressPathType: TypeAlias = Literal["Prefix", "Exact", "ImplementationSpecific"]


class Ingress(Router):
    """Routes from outside the cluster to HTTP endpoints, by an Ingress object.

    Args:
        name: The resource's name.
    """

    kind: ClassVar[str] = "Ingress"
    path_types: ClassVar[tuple[str, ...]] = get_args(IngressPathType)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.default_backend: tuple[Endpoint, Location] | None = None

    def with_path(
        self,
        path: str,
        target: Resource | Endpoint,
        *,
        host: str | Value | None = None,
        path_type: IngressPathType = "Prefix",
    ) -> Self:
        """Send a path to an endpoint.

        Args:
            path: Starts with ``/``.
            target: An endpoint, or a resource for its default one.
            host: The host name it is for, or a value; by default those of ``with_hostname``, or all.
            path_type: ``Prefix``, ``Exact`` or ``ImplementationSpecific``.
        """
        self._add_route("with_path", path, target, host, path_type)
        return self

    def with_default_backend(self, target: Resource | Endpoint) -> Self:
        """Send everything that no path is for to an endpoint.

        Args:
            target: An endpoint, or a resource for its default one.
        """
        self._declare("with_default_backend")
        endpoint = self._endpoint("with_default_backend", target)
        if endpoint is not None:
            self.default_backend = endpoint, user_location()
        return self

    def with_ingress_class(self, name: str | Value) -> Self:
        """Say which controller serves it; by default the cluster's default one."""
        self._set_class("with_ingress_class", name)
        return self

    def with_ingress_annotation(self, key: str, value: str | Value) -> Self:
        """Put an annotation on the Ingress object."""
        self._annotate("with_ingress_annotation", key, value)
        return self

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the default backend."""
        yield from super()._given_values()
        if self.default_backend is not None:
            yield self.default_backend
