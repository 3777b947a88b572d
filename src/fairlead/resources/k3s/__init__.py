"""K3s clusters, and what can be declared in them: nodes, Helm releases, manifests, service endpoints, a registry."""

from __future__ import annotations

from fairlead.resources.k3s.agent import K3sAgent
from fairlead.resources.k3s.cluster import K3sCluster
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.resources.k3s.manifest import KubernetesManifest
from fairlead.resources.k3s.registry import K3sRegistry
from fairlead.resources.k3s.service_endpoint import ServiceEndpoint

__all__ = ["HelmRelease", "K3sAgent", "K3sCluster", "K3sRegistry", "KubernetesManifest", "ServiceEndpoint"]
