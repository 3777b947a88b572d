"""In which order the objects of a manifest are applied, and deleted. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from fairlead.drivers.k3s.manifests.objects import ManifestObject
from fairlead.engines.kube import ObjectKind
from fairlead.publish.chart.object_kinds import IN_KUBERNETES

NAMESPACE: Final = ObjectKind("v1", "Namespace")
CRD: Final = ObjectKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")


class Wave(IntEnum):
    """What is applied at once; the order is that of the numbers."""

    NAMESPACES = 0
    #: The next wave waits until these are established.
    DEFINITIONS = 1
    #: What others refer to: accounts and their rights, configuration, storage, quotas.
    FOUNDATIONS = 2
    WORKLOADS = 3
    #: What makes the API server call a workload.
    WEBHOOKS = 4
    CUSTOM_RESOURCES = 5


# With those that a chart brings nothing of: they hold no objects, or few clusters serve them.
_BUILT_IN_GROUPS: Final = IN_KUBERNETES | {
    "authentication.k8s.io",
    "authorization.k8s.io",
    "internal.apiserver.k8s.io",
    "storagemigration.k8s.io",
}
_FOUNDATIONS: Final = frozenset(
    (
        "ClusterRole",
        "ClusterRoleBinding",
        "ConfigMap",
        "IngressClass",
        "LimitRange",
        "NetworkPolicy",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PriorityClass",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "RuntimeClass",
        "Secret",
        "Service",
        "ServiceAccount",
        "StorageClass",
    )
)
_WEBHOOKS: Final = frozenset(("APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"))


def is_built_in(kind: ObjectKind) -> bool:
    """Whether every cluster has the group of a kind, so that a kind that is not there never will be."""
    group, slash, _ = kind.api_version.rpartition("/")
    return (group if slash else "") in _BUILT_IN_GROUPS


def wave_of(kind: ObjectKind) -> Wave:
    """When objects of a kind are applied."""
    if not is_built_in(kind):
        return Wave.CUSTOM_RESOURCES
    if kind == NAMESPACE:
        return Wave.NAMESPACES
    if kind.kind == CRD.kind:
        return Wave.DEFINITIONS
    if kind.kind in _FOUNDATIONS:
        return Wave.FOUNDATIONS
    return Wave.WEBHOOKS if kind.kind in _WEBHOOKS else Wave.WORKLOADS


def plan_waves(objects: Iterable[ManifestObject]) -> list[tuple[Wave, list[ManifestObject]]]:
    """The objects by waves, in the order in which they are applied; within a wave as they were written."""
    waves: dict[Wave, list[ManifestObject]] = {}
    for each in objects:
        waves.setdefault(wave_of(each.ref.kind), []).append(each)
    return sorted(waves.items(), key=lambda entry: entry[0])


def plan_deletion(kinds: Iterable[ObjectKind]) -> list[set[ObjectKind]]:
    """The kinds in the order in which their objects are deleted: the other way round."""
    waves: dict[Wave, set[ObjectKind]] = {}
    for kind in kinds:
        waves.setdefault(wave_of(kind), set()).add(kind)
    return [waves[wave] for wave in sorted(waves, reverse=True)]
