"""A pod as it is shown in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.drivers.k3s.reasons.conditions import condition, is_true
from fairlead.drivers.k3s.reasons.containers import PodContainer, containers_of
from fairlead.drivers.k3s.reasons.reason import Reason
from fairlead.drivers.k3s.reasons.words import message_of_pod, word_of_pod
from fairlead.drivers.k3s.tree.times import seconds
from fairlead.model.health import HealthStatus
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.state import State


def pod_child(
    pod: Mapping[str, Any], parent: str, events: Iterable[Mapping[str, Any]] = (), last_log: str = ""
) -> ObservedChild:
    """A pod as an observed child.

    Args:
        pod: The pod, as the API server returns it or slimmer.
        parent: What it is shown below.
        events: Events that may concern it or its claims.
        last_log: The end of the log of its container that crashed.
    """
    state = _state(pod)
    containers = list(containers_of(pod))
    status = pod.get("status") or {}
    has_ended = state in (State.FINISHED, State.EXITED)
    events = list(events)
    reason = Reason.of(reason_of_pod(pod, events, last_log))
    return ObservedChild(
        kind="Pod",
        icon="pod",
        name=pod["metadata"]["name"],
        namespace=pod["metadata"].get("namespace"),
        parent=parent,
        state=state,
        health=_health(pod) if state is State.RUNNING else None,
        reason=reason.fact,
        remedy=reason.remedy,
        raw=message_of_pod(pod),
        word=word_of_pod(pod, events),
        exit_code=_exit_code(containers) if has_ended else None,
        properties=tuple(_properties(pod, containers)),
        started_at=seconds(status.get("startTime") or pod["metadata"].get("creationTimestamp")),
        stopped_at=_stopped_at(containers) if has_ended else None,
    )


def _state(pod: Mapping[str, Any]) -> State:
    phase = (pod.get("status") or {}).get("phase", "Pending")
    if "deletionTimestamp" in pod["metadata"]:
        return State.STOPPING
    if phase == "Pending":
        return State.STARTING if (pod.get("spec") or {}).get("nodeName") else State.WAITING
    return {
        "Running": State.RUNNING,
        "Succeeded": State.FINISHED,
        "Failed": State.EXITED,
    }.get(phase, State.RUNTIME_UNHEALTHY)


def _health(pod: Mapping[str, Any]) -> HealthStatus:
    return HealthStatus.HEALTHY if is_true(condition(pod, "Ready")) else HealthStatus.UNHEALTHY


def _exit_code(containers: Iterable[PodContainer]) -> int | None:
    """The exit code of the pod: the first that is not 0, if there is one."""
    codes = [int(end["exitCode"]) for container in containers if (end := container.state("terminated"))]
    return next((code for code in codes if code), 0 if codes else None)


def _stopped_at(containers: Iterable[PodContainer]) -> float | None:
    times = (seconds(container.last_end.get("finishedAt")) for container in containers)
    return max((time for time in times if time is not None), default=None)


def _properties(pod: Mapping[str, Any], containers: list[PodContainer]) -> Iterable[tuple[str, str]]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    yield "phase", str(status.get("phase", "Pending"))
    lasting = [container for container in containers if container.is_sidecar or not container.is_init]
    yield "ready containers", f"{sum(bool(each.status.get('ready')) for each in lasting)} of {len(lasting)}"
    if restarts := sum(int(container.status.get("restartCount", 0)) for container in containers):
        yield "restarts", str(restarts)
    if node := spec.get("nodeName"):
        yield "node", node
    if address := status.get("podIP"):
        yield "address", address
    if images := dict.fromkeys(str(container.spec.get("image", "")) for container in containers):
        yield "image" if len(images) == 1 else "images", ", ".join(images)
    for owner in pod["metadata"].get("ownerReferences") or ():
        yield "owner", f"{owner['kind']} {owner['name']}"
