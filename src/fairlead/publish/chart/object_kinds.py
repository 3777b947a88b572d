"""The kinds of objects that Kubernetes itself and the Gateway API know."""

from __future__ import annotations

CRD = "CustomResourceDefinition"

#: The kinds of Kubernetes itself, of the Gateway API and of cert-manager that belong to the whole cluster, by the
#: groups of their APIs.
_CLUSTER_WIDE: dict[str, set[str]] = {
    "": {"Namespace", "Node", "PersistentVolume"},
    "admissionregistration.k8s.io": {
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
    },
    "apiextensions.k8s.io": {CRD},
    "apiregistration.k8s.io": {"APIService"},
    "cert-manager.io": {"ClusterIssuer"},
    "certificates.k8s.io": {"CertificateSigningRequest", "ClusterTrustBundle"},
    "flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
    "gateway.networking.k8s.io": {"GatewayClass"},
    "networking.k8s.io": {"IngressClass", "IPAddress", "ServiceCIDR"},
    "node.k8s.io": {"RuntimeClass"},
    "rbac.authorization.k8s.io": {"ClusterRole", "ClusterRoleBinding"},
    "resource.k8s.io": {"DeviceClass", "DeviceTaintRule", "ResourceSlice"},
    "scheduling.k8s.io": {"PriorityClass"},
    "storage.k8s.io": {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
}


def is_cluster_wide(group: str, kind: str) -> bool:
    """Whether a kind of Kubernetes itself, of the Gateway API or of cert-manager belongs to the whole cluster."""
    return kind in _CLUSTER_WIDE.get(group, ())
