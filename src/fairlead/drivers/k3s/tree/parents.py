"""Below what an object is shown: its workload, the resource of the definition that brought it, or its cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from fairlead.drivers.k3s.nodes.node_arguments import node_name
from fairlead.drivers.k3s.own_labels import RESOURCE, cut
from fairlead.model.resource import Resource
from fairlead.resources.k3s.agent import K3sAgent
from fairlead.resources.k3s.helm_release import HelmRelease

_INSTANCE: Final = "app.kubernetes.io/instance"
_RELEASE: Final = "meta.helm.sh/release-name"
_RELEASE_NAMESPACE: Final = "meta.helm.sh/release-namespace"
_TEMPLATE_HASH: Final = "pod-template-hash"
READ_LABELS: Final = (RESOURCE, _INSTANCE, _TEMPLATE_HASH)
READ_ANNOTATIONS: Final = (RESOURCE, _RELEASE, _RELEASE_NAMESPACE)

SYSTEM_NAMESPACES: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces of the cluster itself, whose objects are shown below one group for each."""

WORKLOADS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


@dataclass(frozen=True, slots=True)
class Origins:
    """What the definition brings into a cluster.

    Args:
        owner: The cluster's name.
        releases: Its Helm releases: the resource's name by namespace and Helm's name.
        resources: The names of all its children by the label that they put on objects.
        nodes: The resource by the name of its node, agents only.
    """

    owner: str
    releases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, owner: str, children: Iterable[Resource]) -> Self:
        """The origins in a cluster with these declared children."""
        children = tuple(children)
        return cls(
            owner,
            {(child.namespace, child.release_name): child.name for child in children if isinstance(child, HelmRelease)},
            {label: child.name for child in children for label in (child.name, cut(child.name))},
            {node_name(child.name): child.name for child in children if isinstance(child, K3sAgent)},
        )

    def id_of(self, kind: str, namespace: str | None, name: str) -> str:
        """The id of an object as an observed child."""
        return f"{self.owner}/{kind.lower()}/{namespace or '-'}/{name}"

    def parent_of_node(self, name: str) -> str:
        """Below what a node is shown: its agent, or the cluster for that of the server."""
        return self.nodes.get(name, self.owner)

    def parent_of(self, obj: Mapping[str, Any]) -> str:
        """Below what a pod or a workload is shown, as an id or the name of a resource."""
        metadata = obj["metadata"]
        workload = workload_of(metadata)
        if workload is not None:
            return self.id_of(workload[0], metadata.get("namespace"), workload[1])
        if metadata.get("namespace") in SYSTEM_NAMESPACES:
            return self.id_of("Namespace", None, metadata["namespace"])
        return self._resource(metadata) or self.owner

    def _resource(self, metadata: Mapping[str, Any]) -> str | None:
        labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
        named = labels.get(RESOURCE) or annotations.get(RESOURCE)
        if named is not None and named in self.resources:
            return self.resources[named]
        namespace = metadata.get("namespace", "")
        release = (annotations.get(_RELEASE_NAMESPACE, namespace), annotations.get(_RELEASE, ""))
        instance = (namespace, labels.get(_INSTANCE, ""))  # of what an operator of the release made, too
        return self.releases.get(release) or self.releases.get(instance)


def workload_of(metadata: Mapping[str, Any]) -> tuple[str, str] | None:
    """The kind and name of the workload that an object belongs to; None if it belongs to none that is shown.

    The ReplicaSet between a pod and its Deployment is skipped: its name is the Deployment's with the hash of the pod's
    template behind it, which the pod carries as a label.
    """
    owner = next((owner for owner in metadata.get("ownerReferences") or () if owner.get("controller")), None)
    if owner is None:
        return None
    kind, name = str(owner["kind"]), str(owner["name"])
    template_hash = (metadata.get("labels") or {}).get(_TEMPLATE_HASH)
    if kind == "ReplicaSet" and template_hash and name.endswith(f"-{template_hash}"):
        return "Deployment", name.removesuffix(f"-{template_hash}")
    return (kind, name) if kind in WORKLOADS else None
