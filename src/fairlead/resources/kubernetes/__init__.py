"""Publishing to Kubernetes, as a definition says it: the environment, and what belongs to it beside the workloads."""

from fairlead.resources.kubernetes.cert_manager import CertManager
from fairlead.resources.kubernetes.environment import KubernetesEnvironment
from fairlead.resources.kubernetes.gateway import Gateway
from fairlead.resources.kubernetes.helm_chart import HelmChart
from fairlead.resources.kubernetes.ingress import Ingress
from fairlead.resources.kubernetes.issuer import Issuer
from fairlead.resources.kubernetes.manifests import GivenManifest
from fairlead.resources.kubernetes.properties import KubernetesProperties, KubernetesPropertyOptions
from fairlead.resources.kubernetes.routes import Certificate, Route, Router

__all__ = [
    "CertManager",
    "Certificate",
    "Gateway",
    "GivenManifest",
    "HelmChart",
    "Ingress",
    "Issuer",
    "KubernetesEnvironment",
    "KubernetesProperties",
    "KubernetesPropertyOptions",
    "Route",
    "Router",
]
