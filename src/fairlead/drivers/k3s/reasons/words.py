"""A pod that is not well in the cluster's own words: the one that kubectl shows, and the message behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fairlead.drivers.k3s.reasons.conditions import condition, is_true
from fairlead.drivers.k3s.reasons.containers import PodContainer, containers_of
from fairlead.drivers.k3s.reasons.events import events_of

_ON_ITS_WAY: Final = ("ContainerCreating", "PodInitializing")
_MOUNT_FAILURES: Final = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
_LOOP_RESTARTS: Final = 2
_LOOP: Final = "CrashLoopBackOff"


def word_of_pod(pod: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = ()) -> str:
    """The word for what keeps a pod from being ready, such as ``ImagePullBackOff``; empty while nothing does.

    Args:
        pod: The pod, as the API server returns it or slimmer.
        events: Events that may concern it.
    """
    status = pod.get("status") or {}
    if "deletionTimestamp" in pod["metadata"] or status.get("phase") == "Succeeded":
        return ""
    if is_true(condition(pod, "Ready")):
        return ""
    if status.get("phase") == "Failed" and status.get("reason"):
        return str(status["reason"])
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return str(scheduled.get("reason") or "")
    words = (_word_of_container(container) for container in containers_of(pod))
    return next((word for word in words if word), "") or _mount_word(pod, events)


def message_of_pod(pod: Mapping[str, Any]) -> str:
    """What the scheduler or the kubelet says about a pod that is not ready, as it is; empty where they say nothing."""
    if is_true(condition(pod, "Ready")):
        return ""
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return str(scheduled.get("message") or "")
    for container in containers_of(pod):
        if _word_of_container(container):
            details = container.state("waiting") or container.last_end
            return str(details.get("message") or container.last_end.get("message") or "")
    return str((pod.get("status") or {}).get("message") or "")


def _word_of_container(container: PodContainer) -> str:
    if (waiting := container.state("waiting")) is not None:
        reason = str(waiting.get("reason") or "")
        return "" if reason in _ON_ITS_WAY else reason
    if (end := container.state("terminated")) is not None:
        has_failed = int(end.get("exitCode", 0)) != 0 or end.get("reason") == "OOMKilled"
        return str(end.get("reason") or "Error") if has_failed else ""
    restarts = int(container.status.get("restartCount", 0))
    is_between_crashes = restarts >= _LOOP_RESTARTS and bool(container.last_end) and not container.status.get("ready")
    return _LOOP if is_between_crashes else ""


def _mount_word(pod: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> str:
    """A volume that can't be mounted keeps all containers from being created."""
    if any(container.state("running") is not None for container in containers_of(pod)):
        return ""
    reasons = [str(event.get("reason")) for event in events_of(pod, list(events))]
    return next((reason for reason in reversed(reasons) if reason in _MOUNT_FAILURES), "")
