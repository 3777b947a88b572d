"""The Kubernetes environment: what the app is published to. In a run it does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from fairlead.model.checks import kind_of
from fairlead.model.declaring import Location, here, mistake
from fairlead.model.endpoint import Endpoint
from fairlead.model.names import listing, nearest
from fairlead.model.resource import Resource


@dataclass(slots=True)
class KubernetesProperties:
    """What ``with_properties`` sets; the defaults are those of design §5.

    ``default_storage_size`` is a Kubernetes quantity; ``default_storage_type`` is one of ``pvc``, ``emptyDir``,
    ``hostPath``.
    """

    helm_chart_name: str | None = None
    helm_chart_version: str = "0.1.0"
    helm_chart_description: str | None = None
    namespace: str | None = None
    release_name: str | None = None
    default_storage_type: str = "pvc"
    default_storage_class_name: str | None = None
    default_storage_size: str = "1Gi"
    default_storage_read_write_policy: str = "ReadWriteOnce"
    default_image_pull_policy: str = "IfNotPresent"
    default_service_type: str = "ClusterIP"


_PROPERTIES = tuple(KubernetesProperties.__dataclass_fields__)


class KubernetesEnvironment(Resource):
    """A cluster that the app is published to as a Helm chart.

    Args:
        name: The resource's name.
    """

    kind: ClassVar[str] = "Kubernetes environment"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.properties = KubernetesProperties()
        self.ingresses: list[Ingress] = []

    def with_properties(self, **properties: str | None) -> Self:
        """Set properties of the chart and defaults of what is in it.

        Args:
            **properties: See :class:`KubernetesProperties`.
        """
        self._declare("with_properties")
        for name, value in properties.items():
            if name not in _PROPERTIES:
                guess = nearest(name, _PROPERTIES)
                mistake(
                    f"with_properties() has no {name!r}",
                    resource=self.name,
                    remedy=f"Did you mean {guess!r}?" if guess else f"It has {listing(_PROPERTIES)}.",
                )
            elif self._text("with_properties", name, value):
                setattr(self.properties, name, value)
        return self

    def add_ingress(self, name: str) -> Ingress:
        """Let callers outside the cluster in, by host and path.

        Args:
            name: The resource's name.
        """
        ingress = self.adopt(Ingress(name))
        self.ingresses.append(ingress)
        return ingress


@dataclass(frozen=True, slots=True)
class IngressPath:
    """One route of an ingress; ``host`` is None for all hosts."""

    path: str
    endpoint: Endpoint
    host: str | None
    path_type: str
    where: Location = field(compare=False)


class Ingress(Resource):
    """Routes from outside the cluster to HTTP endpoints.

    Args:
        name: The resource's name.
    """

    kind: ClassVar[str] = "Ingress"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.paths: list[IngressPath] = []
        self.ingress_class: str | None = None
        self.ingress_annotations: dict[str, str] = {}

    def with_path(
        self, path: str, target: Resource | Endpoint, *, host: str | None = None, path_type: str = "Prefix"
    ) -> Self:
        """Send a path to an endpoint.

        Args:
            path: Starts with ``/``.
            target: An endpoint, or a resource for its default one.
            host: The host name it is for; all when left out.
            path_type: ``Prefix``, ``Exact`` or ``ImplementationSpecific``.
        """
        self._declare("with_path")
        target_handle: Any = target.endpoint() if isinstance(target, Resource) else target
        only_host = self._optional_text("with_path", "host", host)
        valid = self._path("with_path", "path", path)
        valid &= self._one_of("with_path", "path_type", path_type, ("Prefix", "Exact", "ImplementationSpecific"))
        if not isinstance(target_handle, Endpoint):
            mistake(
                f"with_path() needs a resource or an endpoint, not {kind_of(target)}",
                resource=self.name,
                remedy="Pass what an add_…() returned, or its endpoint('…').",
            )
        elif valid:
            self.paths.append(IngressPath(path, target_handle, only_host, path_type, here()))
        return self

    def given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the endpoints of its paths."""
        yield from super().given_values()
        for path in self.paths:
            yield path.endpoint, path.where

    def with_ingress_class(self, name: str) -> Self:
        """Say which controller serves it; by default the cluster's default one."""
        self._declare("with_ingress_class")
        if self._text("with_ingress_class", "name", name):
            self.ingress_class = name
        return self

    def with_ingress_annotation(self, key: str, value: str) -> Self:
        """Put an annotation on the Ingress object."""
        self._declare("with_ingress_annotation")
        if self._text("with_ingress_annotation", "key", key) and self._text("with_ingress_annotation", key, value):
            self.ingress_annotations[key] = value
        return self
