"""Why a pod is not ready."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fairlead.drivers.k3s.reasons.conditions import condition, is_true, message_of
from fairlead.drivers.k3s.reasons.containers import containers_of, reason_of_container
from fairlead.drivers.k3s.reasons.events import events_of
from fairlead.drivers.k3s.reasons.scheduling import why_not_scheduled

_EVICTED: Final = ("Evicted", "Preempting", "Terminated", "NodeShutdown", "UnexpectedAdmissionError")


def reason_of_pod(pod: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = (), last_log: str = "") -> str:
    """Why a pod is not ready, in one sentence, with a remedy where there is one; empty when all is well.

    Args:
        pod: The pod, as the API server returns it.
        events: Events (of ``v1``) that may concern it or its claims; those of other objects are left out.
        last_log: The end of the log of the container that is not well; its last line is quoted after a crash.
    """
    status = pod.get("status") or {}
    phase = status.get("phase", "Pending")
    if "deletionTimestamp" in pod["metadata"]:
        return _why_terminating(pod)
    if phase == "Succeeded" or is_true(condition(pod, "Ready")):
        return ""
    if phase == "Failed" and status.get("reason"):
        return _why_failed_as_a_whole(status)
    events = list(events)
    if is_unscheduled(pod):
        return why_not_scheduled(pod, events)
    return _why_containers(pod, events_of(pod, events), last_log) or _why_not_ready(pod)


def is_unscheduled(pod: Mapping[str, Any]) -> bool:
    """Whether no node has been chosen for a pod."""
    return not (pod.get("spec") or {}).get("nodeName")


def _why_terminating(pod: Mapping[str, Any]) -> str:
    finalizers = pod["metadata"].get("finalizers")
    if finalizers:
        return f"it is being deleted, which waits for its finalizer {finalizers[0]}"
    seconds = pod["metadata"].get("deletionGracePeriodSeconds", 30)
    return f"it is being terminated, which may take {seconds} s"


def _why_failed_as_a_whole(status: Mapping[str, Any]) -> str:
    """Such as an eviction; its message names the resource that was short, or the limit that was passed."""
    reason, message = status["reason"], str(status.get("message") or "").strip().rstrip(".")
    if reason == "DeadlineExceeded":
        return "it was active for longer than its activeDeadlineSeconds allows"
    if reason in _EVICTED:
        return f"it was evicted from its node: {message or reason}"
    return f"it has failed: {reason}{f', {message}' if message else ''}"


def _why_containers(pod: Mapping[str, Any], events: list[Mapping[str, Any]], last_log: str) -> str:
    """Why the first of its containers is not as it should be; init containers come first, as they run first."""
    reasons = (reason_of_container(pod, container, events, last_log) for container in containers_of(pod))
    return next((reason for reason in reasons if reason), "")


def _why_not_ready(pod: Mapping[str, Any]) -> str:
    """Why a pod is not ready though its containers are."""
    if (pod.get("status") or {}).get("phase") == "Unknown":
        return "its node does not report any more"
    ready = condition(pod, "Ready")
    if ready.get("reason") == "ReadinessGatesNotReady":
        gates = (gate["conditionType"] for gate in pod["spec"].get("readinessGates", ()))
        missing = [gate for gate in gates if not is_true(condition(pod, gate))]
        return f"its readiness gate {', '.join(missing)} is not met: a controller outside the pod has to set it"
    if is_true(condition(pod, "ContainersReady")):
        return f"its node {pod['spec']['nodeName']} is not ready"
    if not (pod.get("status") or {}).get("containerStatuses"):
        return f"its node {pod['spec']['nodeName']} has not taken it up yet"
    return f"it is not ready: {message_of(ready)}" if ready else "it is not ready yet"
