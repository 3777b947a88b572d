"""Loading the images that pods wait for, where the engine of this machine has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fairlead.drivers.k3s.images.images import load_named
from fairlead.drivers.k3s.reasons.containers import containers_of
from fairlead.drivers.k3s.reasons.image import IMAGE_REASONS
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.names import listing

_POD: Final = ObjectKind("v1", "Pod")


@dataclass(frozen=True, slots=True)
class LackingPod:
    """A pod that waits for images, and whether something makes it anew once it is deleted."""

    ref: ObjectRef
    images: frozenset[str]
    is_owned: bool


def lacking_pods(pods: Iterable[Object]) -> list[LackingPod]:
    """The pods that wait for an image which can't be had."""
    found = [LackingPod(ObjectRef.of(pod), frozenset(_lacking(pod)), _is_owned(pod)) for pod in pods]
    return [pod for pod in found if pod.images]


def _lacking(pod: Object) -> Iterator[str]:
    for container in containers_of(pod):
        waiting = container.state("waiting")
        if waiting is not None and waiting.get("reason") in IMAGE_REASONS:
            yield str(container.spec["image"])


def _is_owned(pod: Object) -> bool:
    return bool((pod.get("metadata") or {}).get("ownerReferences"))


async def load_missing(context: DriverContext, engine: ContainerEngine, api: KubernetesApi) -> str:
    """Bring the images that pods wait for into all nodes, from the engine that has them; the pods are made anew.

    A pod that nobody owns is left alone: the kubelet tries again by itself, after some minutes at most.

    Returns:
        What was done, in words.

    Raises:
        StartError: The engine has none of them.
        EngineError: One can't be loaded, or the API refuses.
    """
    pods = lacking_pods((await api.list(_POD)).items)
    wanted = sorted({image for pod in pods for image in pod.images})
    if not wanted:
        return "No pod waits for an image"
    loaded = await load_named(context, engine, wanted)
    absent = [image for image in wanted if image not in loaded]
    if not loaded:
        raise StartError(
            f"{engine.name} has no image {listing(absent)}",
            remedy="Build or pull it on this machine, then give this command again.",
        )
    for pod in pods:
        if pod.is_owned and pod.images <= loaded:
            await api.delete(pod.ref)
    rest = f"; {engine.name} has no image {listing(absent)}" if absent else ""
    return f"Loaded {listing(sorted(loaded))}{rest}"
