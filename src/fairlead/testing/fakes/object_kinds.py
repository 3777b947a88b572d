"""Kinds of Kubernetes objects as a test writes them, such as ``"Deployment"``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fairlead.engines.kube import ObjectKind
from fairlead.errors import UsageError

IN_NAMESPACES: Final[Mapping[str, str]] = {
    "v1": "ConfigMap Endpoints Event PersistentVolumeClaim Pod ReplicationController Secret Service ServiceAccount",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
}
OF_THE_CLUSTER: Final[Mapping[str, str]] = {
    "v1": "Namespace Node PersistentVolume",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "networking.k8s.io/v1": "IngressClass",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "storage.k8s.io/v1": "StorageClass",
}
_VERSIONS: Final = {
    kind: version
    for kinds_by_version in (IN_NAMESPACES, OF_THE_CLUSTER)
    for version, kinds in kinds_by_version.items()
    for kind in kinds.split()
}


def parse_kind(text: str) -> ObjectKind:
    """A kind from its text.

    Args:
        text: The name of a kind that Kubernetes brings along, or of any kind behind its ``apiVersion``:
            ``harbour.example.com/v1/Notice``.

    Raises:
        UsageError: It is neither.
    """
    version, _, kind = text.rpartition("/")
    version = version or _VERSIONS.get(kind, "")
    if kind and version:
        return ObjectKind(version, kind)
    raise UsageError(
        f"{text!r} is no kind that Kubernetes brings along",
        remedy="Write it behind its apiVersion, as in 'harbour.example.com/v1/Notice'.",
    )
