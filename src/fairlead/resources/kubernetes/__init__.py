"""Publishing to Kubernetes, as a definition says it: the environment, and what belongs to it beside the workloads."""

from fairlead.resources.kubernetes.environment import KubernetesEnvironment
from fairlead.resources.kubernetes.gateway import Gateway
from fairlead.resources.kubernetes.helm_chart import HelmChart
from fairlead.resources.kubernetes.ingress import Ingress
from fairlead.resources.kubernetes.manifests import GivenManifest
from fairlead.resources.kubernetes.properties import KubernetesProperties, KubernetesPropertyOptions
from fairlead.resources.kubernetes.routes import Route, Router

__all__ = [
    "Gateway",
    "GivenManifest",
    "HelmChart",
    "Ingress",
    "KubernetesEnvironment",
    "KubernetesProperties",
    "KubernetesPropertyOptions",
    "Route",
    "Router",
]
