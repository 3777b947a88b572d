"""The Kubernetes environment: what the app is published to. In a run it does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self, Unpack

from fairlead.model.argument_checks import KEY_REMEDY, kind_of
from fairlead.model.groups import ALL_GROUPS
from fairlead.model.kubernetes.parts import ComputeEnvironment, NodePool
from fairlead.model.kubernetes.persistent_volumes import PersistentVolume
from fairlead.model.locations import mistake, user_location
from fairlead.model.names import is_label_key, is_label_value, listing, name_problem, nearest
from fairlead.model.parameter import Parameter
from fairlead.records import replaced
from fairlead.resources.kubernetes.cert_manager import VERSION, CertManager
from fairlead.resources.kubernetes.gateway import Gateway
from fairlead.resources.kubernetes.helm_chart import HelmChart, Order
from fairlead.resources.kubernetes.ingress import Ingress
from fairlead.resources.kubernetes.manifests import GivenManifest
from fairlead.resources.kubernetes.properties import (
    PROPERTIES,
    KubernetesProperties,
    KubernetesPropertyOptions,
    property_remedy,
)


class KubernetesEnvironment(ComputeEnvironment):
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
        self.cert_managers: list[CertManager] = []
        self.network_policies = False
        self.volumes: list[PersistentVolume] = []
        self.pull_secrets: list[str] = []
        self.image_registry: str | None = None
        self.common_labels: dict[str, str] = {}
        self.common_annotations: dict[str, str] = {}
        self.waits_for_services = True
        self.waits_for_jobs = True
        self.published_groups: list[str] = []

    def with_properties(self, **properties: Unpack[KubernetesPropertyOptions]) -> Self:
        """Set properties of the chart and defaults of what is in it.

        Args:
            **properties: See :class:`KubernetesProperties`.
        """
        self._declare("with_properties")
        accepted: dict[str, Any] = {
            name: value
            for name, value in properties.items()
            if self._is_property(name) and self._can_be_property(name, value)
        }
        self.properties = replaced(self.properties, **accepted)
        return self

    def _is_property(self, name: str) -> bool:
        if name in PROPERTIES:
            return True
        guess = nearest(name, PROPERTIES)
        mistake(
            f"with_properties() has no {name!r}",
            resource=self.name,
            remedy=f"Did you mean {guess!r}?" if guess else f"It has {listing(PROPERTIES)}.",
        )
        return False

    def _can_be_property(self, name: str, value: object) -> bool:
        """Whether a property may have a value; of a parameter the published default is judged."""
        if isinstance(value, Parameter):
            if value.secret:
                mistake(
                    f"with_properties() got a secret as {name}",
                    resource=self.name,
                    remedy="Give a parameter that is none.",
                )
            return not value.secret
        if not self._text("with_properties", name, value):
            return False
        remedy = property_remedy(name, str(value))
        if remedy is not None:
            mistake(f"{name}={value!r} is not valid", resource=self.name, remedy=remedy)
        return remedy is None

    def with_waits(self, *, services: bool = True, jobs: bool = True) -> Self:
        """Say whether pods wait for what their resources wait for, before they start.

        Args:
            services: Whether they wait until a Service has a pod that is ready.
            jobs: Whether they wait until a Job is complete, for which they get a token to look at it and to note that.
        """
        self._declare("with_waits")
        self.waits_for_services = self._flag("with_waits", "services", services)
        self.waits_for_jobs = self._flag("with_waits", "jobs", jobs)
        return self

    def with_groups(self, *names: str) -> Self:
        """Publish the members of groups here too; without this they are left out.

        Args:
            *names: The groups, as ``with_group`` names them; ``*`` for all of the app.
        """
        self._declare("with_groups")
        self.published_groups += [name for name in names if name == ALL_GROUPS or self._is_group("with_groups", name)]
        return self

    def with_image_pull_secrets(self, *names: str) -> Self:
        """Name the Secrets in the namespace that have the credentials of private registries.

        Args:
            *names: Their names; ``kubectl create secret docker-registry`` makes one.
        """
        self._declare("with_image_pull_secrets")
        self.pull_secrets += [name for name in names if self._object_name("with_image_pull_secrets", "a name", name)]
        return self

    def with_image_registry(self, registry: str) -> Self:
        """Say where the images are that are built for the app; ``fairlead build --push`` sends them there.

        Args:
            registry: The registry, and a folder in it where there is one.
        """
        self._declare("with_image_registry")
        if self._text("with_image_registry", "registry", registry):
            self.image_registry = registry.strip("/")
        return self

    def with_common_label(self, key: str, value: str) -> Self:
        """Label all that is published, pods included, for what finds or counts by labels.

        Args:
            key: The label.
            value: Its value.
        """
        self._declare("with_common_label")
        if not (isinstance(key, str) and is_label_key(key)):
            mistake(f"with_common_label() got the key {key!r} of a label", resource=self.name, remedy=KEY_REMEDY)
        elif not (isinstance(value, str) and is_label_value(value)):
            mistake(
                f"with_common_label() got {value!r} as the label {key!r}",
                resource=self.name,
                remedy="Give up to 63 letters, digits, '-', '_' and '.'.",
            )
        elif self._is_free_key("with_common_label", key):
            self.common_labels[key] = value
        return self

    def with_common_annotation(self, key: str, value: str) -> Self:
        """Annotate all that is published, pods included.

        Args:
            key: The annotation.
            value: Its text.
        """
        self._declare("with_common_annotation")
        valid = self._annotation_key("with_common_annotation", key)
        valid &= self._text("with_common_annotation", "value", value)
        if valid and self._is_free_key("with_common_annotation", key):
            self.common_annotations[key] = value
        return self

    def add_node_pool(self, name: str, labels: Mapping[str, str] | None = None) -> NodePool:
        """A pool of nodes that programs can ask for with ``with_node_pool``.

        Args:
            name: The resource's name.
            labels: What its nodes are labelled with; by default ``node-pool`` with the name.
        """
        if labels is not None and not (
            isinstance(labels, Mapping) and all(isinstance(part, str) for entry in labels.items() for part in entry)
        ):
            mistake(
                "add_node_pool() needs text by text as labels", resource=self.name, remedy="Write {'key': 'value'}."
            )
            labels = None
        pool = self.adopt(NodePool(name, self, labels or {"node-pool": str(name)}))
        if name_problem(name) is None:
            for key, value in pool.labels.items():
                self._check_label(key, value)
        return pool

    def _check_label(self, key: str, value: str) -> None:
        if not is_label_key(key):
            mistake(f"add_node_pool() got the key {key!r} of a label", resource=self.name, remedy=KEY_REMEDY)
        if not is_label_value(value):
            mistake(
                f"add_node_pool() got {value!r} as the label {key!r}",
                resource=self.name,
                remedy="Give labels={…}, with up to 63 letters, digits, '-', '_' and '.' in each value.",
            )

    def add_persistent_volume(self, name: str) -> PersistentVolume:
        """Storage that lives by itself, for programs to share or to find again; see ``with_persistent_volume``.

        Args:
            name: The resource's name, which the claim has too.
        """
        volume = self.adopt(PersistentVolume(name, self))
        self.volumes.append(volume)
        return volume

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
            self.manifests.append(GivenManifest(given, user_location()))
        elif isinstance(given, PathLike):
            self.manifests.append(GivenManifest(Path(given), user_location()))
        elif isinstance(given, str) and given.strip():
            is_path = "\n" not in given and given.endswith((".yaml", ".yml", ".json"))
            self.manifests.append(GivenManifest(Path(given) if is_path else given, user_location()))
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
        chart: str | PathLike[str],
        version: str | None = None,
        *,
        repo: str | None = None,
        values: Mapping[str, Any] | None = None,
        namespace: str | None = None,
        release_name: str | None = None,
        order: Order | None = None,
    ) -> HelmChart:
        """Install a chart of somebody else with the app: in the same release, or as a release of its own.

        It is a release of its own as soon as ``namespace``, ``release_name`` or ``order`` is given, and where the chart
        is an archive.

        Args:
            name: The resource's name; the chart's values are under it.
            chart: The chart's name in ``repo``; ``oci://…`` with it; ``repo/name`` with a repository of
                ``helm repo add``; the address of an archive (``https://….tgz``); or its folder, as ``./charts/name`` or
                ``file://charts/name``, relative to the app file's folder.
            version: Its version, or a range as Helm reads it; a folder and an archive have theirs.
            repo: The repository's address; ``file://…`` is a folder relative to the app file's.
            values: Its values; leaves may be parameters and addresses.
            namespace: The namespace of its own release; by default the app's.
            release_name: The name of its own release; by default the resource's.
            order: Whether its own release is installed ``before`` the app, which is the default, or ``after`` it.
        """
        added = self.adopt(
            HelmChart(
                name,
                chart,
                version,
                repo=repo,
                values=values,
                namespace=namespace,
                release_name=release_name,
                order=order,
            )
        )
        self.charts.append(added)
        return added

    def add_cert_manager(
        self,
        name: str,
        version: str = VERSION,
        *,
        values: Mapping[str, Any] | None = None,
        existing: bool = False,
    ) -> CertManager:
        """Have cert-manager make the certificates: a release of its own, in the namespace ``cert-manager``.

        Args:
            name: The resource's name.
            version: The version of its chart.
            values: More values of its chart; leaves may be parameters and addresses.
            existing: Whether the cluster has it already, so that only issuers are published.
        """
        added = self.adopt(CertManager(name, version, values=values, existing=existing))
        self.cert_managers.append(added)
        if not added.is_existing:
            self.charts.append(added)
        return added

    def with_network_policies(self) -> Self:
        """Let only those connect to a workload that refer to it, and callers from outside to what is external."""
        self._declare("with_network_policies")
        self.network_policies = True
        return self
