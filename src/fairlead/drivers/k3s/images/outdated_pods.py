"""Which workloads still run an earlier image of a name, after the name was given to another one.

Kubernetes rolls pods when their template changes, and a tag such as ``dev`` that has moved is no change. Fairlead does
not roll them by itself: when that is wanted, and in which order, the user knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from fairlead.drivers.k3s.images.node_images import ListedImage, Node, full_name
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import Object, ObjectKind
from fairlead.model.driving.driver_context import DriverContext

_POD = ObjectKind("v1", "Pod")
_ROLLED_OUT = ("deployment", "statefulset", "daemonset")


class Workload(NamedTuple):
    """What keeps pods, or a pod by itself: its kind as kubectl calls it, its namespace and its name."""

    kind: str
    namespace: str
    name: str

    @property
    def remedy(self) -> str:
        """The command that brings it onto the new image."""
        target = f"{self.kind}/{self.name} --namespace {self.namespace}"
        return f"kubectl rollout restart {target}" if self.kind in _ROLLED_OUT else f"kubectl delete {target}"


async def say_outdated(context: DriverContext, link: ClusterLink, names: Collection[str]) -> None:
    """Write a line for each workload that runs an earlier image of one of these names.

    Args:
        context: The start of the cluster.
        link: The cluster.
        names: Names of images as pods have them.

    Raises:
        EngineError: The cluster or a node does not answer.
    """
    if not names:
        return
    listed = await Node(link.name, link.server, link.engine).images()
    pods = (await link.api.list(_POD)).items
    for name in sorted(names):
        for workload in outdated(pods, name, listed):
            context.log(
                f"{workload.kind} {workload.namespace}/{workload.name} still runs an earlier {name}; "
                f"to replace it: {workload.remedy}"
            )


def outdated(pods: Iterable[Object], name: str, listed: Mapping[str, ListedImage]) -> list[Workload]:
    """The workloads that run an earlier image of a name, sorted.

    Args:
        pods: All pods.
        name: The name of the image.
        listed: What a node has.
    """
    image = listed.get(full_name(name))
    current = None if image is None else image.digest
    found = {
        _workload_of(pod)
        for pod in pods
        if pod.get("status", {}).get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
        for running in _running(pod, full_name(name))
        if _digest(running, listed) != current
    }
    return sorted(found)


def _running(pod: Object, name: str) -> Iterator[str]:
    """The ids of the images that a pod's containers of a name run."""
    asked = {each["name"]: full_name(str(each.get("image", ""))) for each in pod.get("spec", {}).get("containers", ())}
    for status in pod.get("status", {}).get("containerStatuses") or ():
        if asked.get(status.get("name")) == name and "running" in status.get("state", {}):
            yield str(status.get("imageID", ""))


def _digest(image_id: str, listed: Mapping[str, ListedImage]) -> str | None:
    """The digest that containerd has an image under, from what a pod's status says it runs."""
    # docker.io/library/api@sha256:1fbab…  of a registry, or sha256:283b3…, the id of its configuration
    _, at, digest = image_id.rpartition("@")
    if at:
        return digest
    image = listed.get(image_id)
    return None if image is None else image.digest


def _workload_of(pod: Object) -> Workload:
    metadata = pod["metadata"]
    namespace = str(metadata.get("namespace", "default"))
    owner = next((owner for owner in metadata.get("ownerReferences", ()) if owner.get("controller")), None)
    if owner is None:
        return Workload("pod", namespace, str(metadata["name"]))
    template = metadata.get("labels", {}).get("pod-template-hash")
    if owner["kind"] == "ReplicaSet" and template:
        return Workload("deployment", namespace, str(owner["name"]).removesuffix(f"-{template}"))
    return Workload(str(owner["kind"]).lower(), namespace, str(owner["name"]))
