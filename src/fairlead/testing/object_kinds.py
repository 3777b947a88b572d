"""Kinds of Kubernetes objects as a test writes them, such as ``"Deployment"``."""

from __future__ import annotations

from typing import Final

from fairlead.engines.kube import ObjectKind
from fairlead.errors import UsageError

_BUILT_IN: Final = {
    "v1": "ConfigMap Endpoints Event Namespace Node PersistentVolume PersistentVolumeClaim Pod ReplicationController "
    "Secret Service ServiceAccount",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apps/v1": "DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "batch/v1": "CronJob Job",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "storage.k8s.io/v1": "StorageClass",
}
_VERSIONS: Final = {kind: version for version, kinds in _BUILT_IN.items() for kind in kinds.split()}


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
