"""A pod in a few words, as ``kubectl get pods`` shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.drivers.k3s.reasons.conditions import condition, is_true
from fairlead.drivers.k3s.reasons.containers import PodContainer, containers_of
from fairlead.drivers.k3s.tree.times import seconds
from fairlead.model.observation.cluster import PodView


def pod_view(id: str, pod: Mapping[str, Any]) -> PodView:
    """Return a pod as it is shown.

    Args:
        id: The id of its snapshot.
        pod: The pod, as the API server returns it or slimmer.
    """
    metadata, status = pod["metadata"], pod.get("status") or {}
    containers = list(containers_of(pod))
    lasting = [container for container in containers if container.is_sidecar or not container.is_init]
    return PodView(
        id=id,
        name=metadata["name"],
        namespace=metadata.get("namespace") or "",
        state=pod_word(pod),
        healthy=_is_healthy(pod),
        ready=sum(bool(container.status.get("ready")) for container in lasting),
        containers=len(lasting),
        restarts=sum(int(container.status.get("restartCount") or 0) for container in containers),
        node=(pod.get("spec") or {}).get("nodeName"),
        started_at=seconds(status.get("startTime") or metadata.get("creationTimestamp")),
    )


def pod_word(pod: Mapping[str, Any]) -> str:
    """Return a pod's own word: why it waits or how it ended, such as ``ImagePullBackOff``, else its phase."""
    status = pod.get("status") or {}
    if "deletionTimestamp" in pod["metadata"]:
        return "Terminating"
    if status.get("reason"):
        return str(status["reason"])
    phase = str(status.get("phase") or "Pending")
    if phase == "Succeeded":
        return "Completed"
    words = (_word_of(container) for container in containers_of(pod))
    return next((word for word in words if word), phase)


def _word_of(container: PodContainer) -> str:
    """Why a container holds its pod up, in its own word; empty where it does not."""
    if waiting := container.state("waiting"):
        word = str(waiting.get("reason") or "")
        return f"Init:{word}" if word and container.is_init and word != "PodInitializing" else word
    ended = container.state("terminated")
    if ended is None or (container.is_init and ended.get("exitCode") == 0):
        return ""
    word = str(ended.get("reason") or f"ExitCode:{ended.get('exitCode')}")
    return f"Init:{word}" if container.is_init else word


def _is_healthy(pod: Mapping[str, Any]) -> bool:
    if "deletionTimestamp" in pod["metadata"]:
        return True  # it is on its way out, which is no trouble
    return (pod.get("status") or {}).get("phase") == "Succeeded" or is_true(condition(pod, "Ready"))
