"""Whether an object of a cluster has been rolled out: a pure function of the object as the API server shows it.

It follows ``kubectl rollout status`` for workloads. A kind that has nothing to roll out is done as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.drivers.k3s.reasons.conditions import condition, is_true, message_of


class Rollout(NamedTuple):
    """How far the rollout of an object is.

    Args:
        done: Whether it is complete.
        failed: Whether it won't complete without a change.
        reason: What it waits for, or why it has failed, in words; empty when it is done.
    """

    done: bool
    failed: bool = False
    reason: str = ""


DONE: Final = Rollout(done=True)


def rollout_of(obj: Mapping[str, Any]) -> Rollout:
    """How far the rollout of an object is.

    Args:
        obj: The object with its status, as the API server returns it.
    """
    if "deletionTimestamp" in obj["metadata"]:
        return _waits("it is being deleted")
    judge = _JUDGES.get(str(obj["kind"]))
    return judge(obj) if judge else DONE


def _waits(reason: str) -> Rollout:
    return Rollout(done=False, reason=reason)


def _failed(reason: str) -> Rollout:
    return Rollout(done=False, failed=True, reason=reason)


def _is_unobserved(obj: Mapping[str, Any]) -> bool:
    """Whether its controller has not seen its present spec yet, so that the status is that of an earlier one."""
    return int(_status(obj).get("observedGeneration", 0)) < int(obj["metadata"].get("generation", 1))


def _status(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("status") or {}


def _spec(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    return obj.get("spec") or {}


def _count(obj: Mapping[str, Any], name: str) -> int:
    return int(_status(obj).get(name) or 0)


def _replicas(obj: Mapping[str, Any]) -> int:
    return int(_spec(obj).get("replicas", 1))


def _refusal(obj: Mapping[str, Any]) -> str:
    """Why its controller can't create pods, such as a quota or an admission webhook."""
    failure = condition(obj, "ReplicaFailure")
    return f"; pods can't be created: {message_of(failure)}" if is_true(failure) else ""


_UNOBSERVED: Final = "its controller has not seen its last change yet"


def _deployment(obj: Mapping[str, Any]) -> Rollout:
    if _is_unobserved(obj):
        return _waits(_UNOBSERVED)
    if _spec(obj).get("paused"):
        return DONE
    progressing = condition(obj, "Progressing")
    wanted, updated = _replicas(obj), _count(obj, "updatedReplicas")
    reason = _deployment_lacks(obj, wanted, updated)
    if progressing.get("reason") == "ProgressDeadlineExceeded" and reason:
        seconds = _spec(obj).get("progressDeadlineSeconds", 600)
        return _failed(f"it has made no progress for {seconds} s: {reason}")
    return _waits(reason) if reason else DONE


def _deployment_lacks(obj: Mapping[str, Any], wanted: int, updated: int) -> str:
    available, total = _count(obj, "availableReplicas"), _count(obj, "replicas")
    if updated < wanted:
        return f"{updated} of {_pods(wanted)} updated{_refusal(obj)}"
    if total > updated:
        return f"{_pods(total - updated)} of the former revision still to be terminated"
    if available < wanted:
        return f"{available} of {_pods(wanted)} available{_refusal(obj)}"
    return ""


def _stateful_set(obj: Mapping[str, Any]) -> Rollout:
    if _is_unobserved(obj):
        return _waits(_UNOBSERVED)
    strategy = _spec(obj).get("updateStrategy") or {}
    wanted, ready = _replicas(obj), min(_count(obj, "readyReplicas"), _count(obj, "availableReplicas"))
    if ready < wanted:
        return _waits(f"{ready} of {_pods(wanted)} ready{_refusal(obj)}")
    if strategy.get("type") == "OnDelete":
        return DONE
    partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    to_update, updated = max(wanted - partition, 0), _count(obj, "updatedReplicas")
    status = _status(obj)
    is_behind = partition == 0 and status.get("currentRevision") != status.get("updateRevision")
    if updated < to_update or is_behind:
        return _waits(f"{min(updated, to_update)} of {_pods(to_update)} updated")
    return DONE


def _daemon_set(obj: Mapping[str, Any]) -> Rollout:
    if _is_unobserved(obj):
        return _waits(_UNOBSERVED)
    wanted, updated = _count(obj, "desiredNumberScheduled"), _count(obj, "updatedNumberScheduled")
    is_updated_by_hand = (_spec(obj).get("updateStrategy") or {}).get("type") == "OnDelete"
    if updated < wanted and not is_updated_by_hand:
        return _waits(f"{updated} of {_pods(wanted)} updated")
    available = _count(obj, "numberAvailable")
    return DONE if available >= wanted else _waits(f"{available} of {_pods(wanted)} available")


def _replica_set(obj: Mapping[str, Any]) -> Rollout:
    if _is_unobserved(obj):
        return _waits(_UNOBSERVED)
    wanted, available = _replicas(obj), _count(obj, "availableReplicas")
    return DONE if available >= wanted else _waits(f"{available} of {_pods(wanted)} available{_refusal(obj)}")


def _job(obj: Mapping[str, Any]) -> Rollout:
    for name in ("Failed", "FailureTarget"):
        if is_true(failure := condition(obj, name)):
            return _failed(f"it has failed: {message_of(failure)}")
    if is_true(condition(obj, "Complete")) or _spec(obj).get("suspend"):
        return DONE
    wanted = _spec(obj).get("completions") or 1
    return _waits(f"{_count(obj, 'succeeded')} of {_pods(wanted)} completed")


def _pod(obj: Mapping[str, Any]) -> Rollout:
    phase = _status(obj).get("phase")
    if phase == "Succeeded" or is_true(condition(obj, "Ready")):
        return DONE
    reason = reason_of_pod(obj) or "it is not ready"
    return Rollout(done=False, failed=phase == "Failed", reason=reason)


def _claim(obj: Mapping[str, Any]) -> Rollout:
    """A claim whose storage waits for a first pod is done without one: else nothing that only claims would ever be."""
    phase = _status(obj).get("phase", "Pending")
    if phase == "Lost":
        return _failed(f"its volume {_spec(obj).get('volumeName', '')} is gone")
    is_being_bound = "volume.kubernetes.io/selected-node" in (obj["metadata"].get("annotations") or {})
    return _waits("its volume is being provisioned") if phase == "Pending" and is_being_bound else DONE


def _custom_resource_definition(obj: Mapping[str, Any]) -> Rollout:
    accepted = condition(obj, "NamesAccepted")
    if accepted.get("status") == "False":
        return _failed(f"its names are not accepted: {message_of(accepted)}")
    return DONE if is_true(condition(obj, "Established")) else _waits("it is not established yet")


def _namespace(obj: Mapping[str, Any]) -> Rollout:
    return DONE if _status(obj).get("phase") == "Active" else _waits("it is not active yet")


def _api_service(obj: Mapping[str, Any]) -> Rollout:
    available = condition(obj, "Available")
    if is_true(available):
        return DONE
    return _waits(f"its API is not available: {message_of(available)}" if available else "its API is not available yet")


def _pods(count: int) -> str:
    return f"{count} pod{'' if count == 1 else 's'}"


_JUDGES: Final[Mapping[str, Callable[[Mapping[str, Any]], Rollout]]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "ReplicaSet": _replica_set,
    "ReplicationController": _replica_set,
    "Job": _job,
    "Pod": _pod,
    "PersistentVolumeClaim": _claim,
    "CustomResourceDefinition": _custom_resource_definition,
    "Namespace": _namespace,
    "APIService": _api_service,
}
