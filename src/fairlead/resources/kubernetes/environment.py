"""The Kubernetes environment: what the app is published to. In a run it does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self

from fairlead.model.checks import kind_of
from fairlead.model.declaring import here, mistake
from fairlead.model.names import listing, nearest
from fairlead.model.resource import Resource
from fairlead.resources.kubernetes.gateway import Gateway
from fairlead.resources.kubernetes.helm_chart import HelmChart
from fairlead.resources.kubernetes.ingress import Ingress
from fairlead.resources.kubernetes.manifests import GivenManifest


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
        self.gateways: list[Gateway] = []
        self.manifests: list[GivenManifest] = []
        self.charts: list[HelmChart] = []
        self.network_policies = False

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

    def add_gateway(self, name: str) -> Gateway:
        """Let callers outside the cluster in by the Gateway API; the cluster has to have its CRDs.

        Args:
            name: The resource's name.
        """
        gateway = self.adopt(Gateway(name))
        self.gateways.append(gateway)
        return gateway

    def add_manifest(self, content: Mapping[str, Any] | str | PathLike[str]) -> Self:
        """Publish Kubernetes objects of your own.

        Args:
            content: An object as a mapping, whose leaves may be deferred values; YAML text with one or several; or the
                path of a file or folder of such YAML, relative to the app file's folder. A text of one line that ends
                in ``.yaml``, ``.yml`` or ``.json`` is a path too.
        """
        self._declare("add_manifest")
        given: object = content
        if isinstance(given, Mapping):
            self.manifests.append(GivenManifest(given, here()))
        elif isinstance(given, PathLike):
            self.manifests.append(GivenManifest(Path(given), here()))
        elif isinstance(given, str) and given.strip():
            is_path = "\n" not in given and given.endswith((".yaml", ".yml", ".json"))
            self.manifests.append(GivenManifest(Path(given) if is_path else given, here()))
        else:
            mistake(
                f"add_manifest() needs an object, not {kind_of(given)}",
                resource=self.name,
                remedy="Give a dict with apiVersion, kind and metadata, YAML text, or the path of a file.",
            )
        return self

    def add_helm_chart(
        self,
        name: str,
        chart: str,
        version: str,
        *,
        repo: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> HelmChart:
        """Install a chart of somebody else together with the app, in the same release.

        Args:
            name: The resource's name; the chart's values are under it.
            chart: The chart's name in its repository, or ``oci://…`` with it.
            version: Its version, or a range as Helm reads it.
            repo: The repository's address; none for ``oci://…``.
            values: Its values; leaves may be parameters and addresses.
        """
        added = self.adopt(HelmChart(name, chart, version, repo=repo, values=values))
        self.charts.append(added)
        return added

    def with_network_policies(self) -> Self:
        """Let only those connect to a workload that refer to it, and callers from outside to what is external."""
        self._declare("with_network_policies")
        self.network_policies = True
        return self
