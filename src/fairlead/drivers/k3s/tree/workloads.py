"""A workload as it is shown in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fairlead.drivers.k3s.reasons.conditions import condition, is_true
from fairlead.drivers.k3s.reasons.events import events_of
from fairlead.drivers.k3s.reasons.workload import reason_of_workload
from fairlead.drivers.k3s.rollout.status import rollout_of
from fairlead.drivers.k3s.tree.times import seconds
from fairlead.errors import with_remedy
from fairlead.model.health import HealthStatus
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.state import State

_SCHEDULED: Final = ("Job", "CronJob")


def workload_child(
    workload: Mapping[str, Any],
    parent: str,
    pods: Iterable[ObservedChild] = (),
    events: Iterable[Mapping[str, Any]] = (),
) -> ObservedChild:
    """A workload as an observed child.

    Args:
        workload: The workload, as the API server returns it or slimmer.
        parent: What it is shown below.
        pods: Its pods as they are shown.
        events: Events that concern it.
    """
    pods = tuple(pods)
    events = list(events)
    state = _state(workload)
    warning = _warning(workload, pods, events)
    metadata = workload["metadata"]
    return ObservedChild(
        kind=workload["kind"],
        icon="workload",
        name=metadata["name"],
        namespace=metadata.get("namespace"),
        parent=parent,
        state=state,
        health=_health(workload) if state is State.RUNNING and workload["kind"] not in _SCHEDULED else None,
        reason=_reason(workload, pods, warning),
        raw=str(warning.get("message") or ""),
        word=str(warning.get("reason") or "") if state in (State.STARTING, State.RUNTIME_UNHEALTHY) else "",
        exit_code=_exit_code(state, pods),
        properties=tuple(_properties(workload)),
        started_at=seconds(metadata.get("creationTimestamp")),
        stopped_at=_stopped_at(workload) if state in (State.FINISHED, State.EXITED) else None,
    )


def _reason(workload: Mapping[str, Any], pods: Iterable[ObservedChild], warning: Mapping[str, Any]) -> str:
    """What it lacks, and why: a pod tells that, or an event where no pod can be created, such as for a quota."""
    reason = reason_of_workload(workload, [(pod.name, with_remedy(pod.reason, pod.remedy)) for pod in pods])
    message = str(warning.get("message") or "").strip().rstrip(".")
    return f"{reason}; {message}" if message and message not in reason else reason


def _warning(
    workload: Mapping[str, Any], pods: Iterable[ObservedChild], events: Iterable[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """The last warning about it, where it lacks something and no pod tells why; empty otherwise."""
    if not reason_of_workload(workload) or any(pod.reason for pod in pods):
        return {}
    warnings = [event for event in events_of(workload, events) if event.get("type") == "Warning"]
    return warnings[-1] if warnings else {}


def _state(workload: Mapping[str, Any]) -> State:
    if "deletionTimestamp" in workload["metadata"]:
        return State.STOPPING
    spec = workload.get("spec") or {}
    if spec.get("suspend") or _wanted(workload) == 0:
        return State.NOT_STARTED
    if workload["kind"] == "CronJob":
        return State.ACTIVE
    if workload["kind"] == "Job":
        return _job_state(workload)
    rollout = rollout_of(workload)
    if rollout.done or _available(workload) > 0:
        return State.RUNNING
    return State.RUNTIME_UNHEALTHY if rollout.failed else State.STARTING


def _job_state(job: Mapping[str, Any]) -> State:
    rollout = rollout_of(job)
    if rollout.done or rollout.failed:
        return State.FINISHED if rollout.done else State.EXITED
    return State.RUNNING if (job.get("status") or {}).get("active") else State.STARTING


def _health(workload: Mapping[str, Any]) -> HealthStatus:
    return HealthStatus.HEALTHY if rollout_of(workload).done else HealthStatus.DEGRADED


def _exit_code(state: State, pods: Iterable[ObservedChild]) -> int | None:
    """0 for a Job that is complete; for one that has failed, the exit code of a pod of it."""
    if state is State.FINISHED:
        return 0
    return next((pod.exit_code for pod in pods if pod.exit_code), 1) if state is State.EXITED else None


def _stopped_at(job: Mapping[str, Any]) -> float | None:
    failed = condition(job, "Failed")
    ended = failed.get("lastTransitionTime") if is_true(failed) else (job.get("status") or {}).get("completionTime")
    return seconds(ended)


def _wanted(workload: Mapping[str, Any]) -> int | None:
    """How many pods it is to have; None where that is not known, or not fixed."""
    spec, status = workload.get("spec") or {}, workload.get("status") or {}
    if workload["kind"] in ("Deployment", "StatefulSet"):
        return int(spec.get("replicas", 1))
    return status.get("desiredNumberScheduled") if workload["kind"] == "DaemonSet" else None


def _available(workload: Mapping[str, Any]) -> int:
    status = workload.get("status") or {}
    return int(status.get("numberAvailable" if workload["kind"] == "DaemonSet" else "availableReplicas") or 0)


def _properties(workload: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    spec, status = workload.get("spec") or {}, workload.get("status") or {}
    if workload["kind"] == "Job":
        yield "completions", f"{status.get('succeeded', 0)} of {spec.get('completions', 1)}"
        if failed := status.get("failed"):
            yield "failed pods", str(failed)
    elif workload["kind"] == "CronJob":
        yield "schedule", str(spec.get("schedule", ""))
        if last := status.get("lastScheduleTime"):
            yield "last run", str(last)
    else:
        yield "pods", f"{_available(workload)} of {_wanted(workload) or 0} available"
