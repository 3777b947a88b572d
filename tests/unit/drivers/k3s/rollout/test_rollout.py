"""Whether objects are rolled out, judged by their status as ``kubectl rollout status`` does."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.k3s.reasons.workload import reason_of_workload
from fairlead.drivers.k3s.rollout.status import DONE, Rollout, rollout_of

Object = dict[str, Any]


def obj(kind: str, *, spec: Object | None = None, status: Object | None = None, **metadata: Any) -> Object:
    """An object of a kind, in its second generation."""
    return {
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "generation": 2, **metadata},
        "spec": spec or {},
        "status": status or {},
    }


def conditions(*entries: tuple[str, str, str]) -> list[Object]:
    """Conditions of a type and status, with a message or reason."""
    return [{"type": type, "status": status, "reason": text, "message": text} for type, status, text in entries]


def deployment(*, spec: Object | None = None, **status: Any) -> Object:
    """A Deployment of two replicas whose controller is up to date."""
    return obj("Deployment", spec={"replicas": 2, **(spec or {})}, status={"observedGeneration": 2, **status})


def waits(reason: str) -> Rollout:
    """A rollout that goes on."""
    return Rollout(done=False, reason=reason)


FULL: Object = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (deployment(**FULL), DONE),
        (deployment(observedGeneration=1, **FULL), waits("its controller has not seen its last change yet")),
        (obj("Deployment", spec={"replicas": 2}), waits("its controller has not seen its last change yet")),
        (deployment(updatedReplicas=1), waits("1 of 2 pods updated")),
        (deployment(**{**FULL, "replicas": 3}), waits("1 pod of the former revision still to be terminated")),
        (deployment(**{**FULL, "availableReplicas": 1}), waits("1 of 2 pods available")),
        (deployment(spec={"replicas": 0}), DONE),
        (deployment(spec={"paused": True}, updatedReplicas=0), DONE),
        (
            deployment(
                spec={"progressDeadlineSeconds": 60},
                **{**FULL, "availableReplicas": 1},
                conditions=conditions(("Progressing", "False", "ProgressDeadlineExceeded")),
            ),
            Rollout(done=False, failed=True, reason="it has made no progress for 60 s: 1 of 2 pods available"),
        ),
        (
            deployment(updatedReplicas=0, conditions=conditions(("ReplicaFailure", "True", "exceeded quota: q."))),
            waits("0 of 2 pods updated; pods can't be created: exceeded quota: q"),
        ),
    ],
)
def test_deployments(seen: Object, expected: Rollout) -> None:
    """The spec must be observed, all pods new and available, and none of the old left."""
    assert rollout_of(seen) == expected


def stateful_set(*, spec: Object | None = None, **status: Any) -> Object:
    """A StatefulSet of two replicas, all ready, in one revision."""
    full = {"readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2}
    same = {"currentRevision": "r1", "updateRevision": "r1", "observedGeneration": 2}
    return obj("StatefulSet", spec={"replicas": 2, **(spec or {})}, status={**full, **same, **status})


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (stateful_set(), DONE),
        (stateful_set(readyReplicas=1), waits("1 of 2 pods ready")),
        (stateful_set(availableReplicas=0), waits("0 of 2 pods ready")),
        (stateful_set(updatedReplicas=1, updateRevision="r2"), waits("1 of 2 pods updated")),
        (stateful_set(spec={"updateStrategy": {"type": "OnDelete"}}, updateRevision="r2", updatedReplicas=0), DONE),
        (
            stateful_set(
                spec={"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}},
                updatedReplicas=1,
                updateRevision="r2",
            ),
            DONE,
        ),
    ],
)
def test_stateful_sets(seen: Object, expected: Rollout) -> None:
    """All pods must be ready, and those above the partition of the new revision."""
    assert rollout_of(seen) == expected


def daemon_set(**status: Any) -> Object:
    """A DaemonSet for two nodes."""
    return obj("DaemonSet", status={"observedGeneration": 2, "desiredNumberScheduled": 2, **status})


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (daemon_set(updatedNumberScheduled=2, numberAvailable=2), DONE),
        (daemon_set(updatedNumberScheduled=1, numberAvailable=2), waits("1 of 2 pods updated")),
        (daemon_set(updatedNumberScheduled=2, numberAvailable=1), waits("1 of 2 pods available")),
        (obj("ReplicaSet", spec={"replicas": 1}, status={"observedGeneration": 2, "availableReplicas": 1}), DONE),
        (obj("ReplicaSet", spec={"replicas": 1}, status={"observedGeneration": 2}), waits("0 of 1 pod available")),
    ],
)
def test_daemon_sets_and_replica_sets(seen: Object, expected: Rollout) -> None:
    """Each node, or each replica, must have an available pod."""
    assert rollout_of(seen) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (obj("Job", status={"conditions": conditions(("Complete", "True", ""))}), DONE),
        (obj("Job", spec={"completions": 3}, status={"succeeded": 1}), waits("1 of 3 pods completed")),
        (obj("Job", spec={"suspend": True}), DONE),
        (
            obj("Job", status={"conditions": conditions(("Failed", "True", "Job has reached the backoff limit"))}),
            Rollout(done=False, failed=True, reason="it has failed: Job has reached the backoff limit"),
        ),
    ],
)
def test_jobs(seen: Object, expected: Rollout) -> None:
    """A Job must be complete; one that has failed won't be."""
    assert rollout_of(seen) == expected


def test_pods_tell_their_own_reason() -> None:
    """Ready or completed is done; a failed pod has failed with its reason."""
    ended = {"name": "c", "state": {"terminated": {"exitCode": 2, "reason": "Error"}}, "restartCount": 0}
    spec = {"nodeName": "k8s", "restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}

    assert rollout_of(obj("Pod", status={"phase": "Succeeded"})) == DONE
    assert rollout_of(obj("Pod", status={"phase": "Running", "conditions": conditions(("Ready", "True", ""))})) == DONE
    assert rollout_of(obj("Pod", spec=spec, status={"phase": "Failed", "containerStatuses": [ended]})) == Rollout(
        done=False, failed=True, reason="its container has ended with exit code 2"
    )


SELECTED = {"volume.kubernetes.io/selected-node": "k8s"}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (obj("PersistentVolumeClaim", status={"phase": "Bound"}), DONE),
        (obj("PersistentVolumeClaim", status={"phase": "Pending"}), DONE),
        (
            obj("PersistentVolumeClaim", status={"phase": "Pending"}, annotations=SELECTED),
            waits("its volume is being provisioned"),
        ),
        (
            obj("PersistentVolumeClaim", spec={"volumeName": "pv1"}, status={"phase": "Lost"}),
            Rollout(done=False, failed=True, reason="its volume pv1 is gone"),
        ),
    ],
)
def test_a_claim_that_waits_for_its_first_pod_holds_nothing_up(seen: Object, expected: Rollout) -> None:
    """k3s's local-path binds a claim when the first pod uses it: a claim alone must not be waited for."""
    assert rollout_of(seen) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (obj("CustomResourceDefinition", status={"conditions": conditions(("Established", "True", ""))}), DONE),
        (obj("CustomResourceDefinition"), waits("it is not established yet")),
        (
            obj("CustomResourceDefinition", status={"conditions": conditions(("NamesAccepted", "False", "taken"))}),
            Rollout(done=False, failed=True, reason="its names are not accepted: taken"),
        ),
        (obj("Namespace", status={"phase": "Active"}), DONE),
        (obj("APIService", status={"conditions": conditions(("Available", "True", ""))}), DONE),
        (
            obj("APIService", status={"conditions": conditions(("Available", "False", "no endpoints"))}),
            waits("its API is not available: no endpoints"),
        ),
        (obj("ConfigMap"), DONE),
        (obj("Widget"), DONE),
        (obj("ConfigMap", deletionTimestamp="2026-11-26T09:50:43Z"), waits("it is being deleted")),
    ],
)
def test_other_kinds(seen: Object, expected: Rollout) -> None:
    """Kinds with a condition of their own are judged by it, others are done when they are there."""
    assert rollout_of(seen) == expected


def test_a_workload_tells_the_reason_of_its_first_pod_that_is_not_well() -> None:
    """Counts alone help nobody."""
    short = deployment(**{**FULL, "availableReplicas": 1})

    assert reason_of_workload(short, [("web-1", ""), ("web-2", "its container has just started")]) == (
        "1 of 2 pods available; pod web-2: its container has just started"
    )
    assert reason_of_workload(deployment(**FULL), [("web-1", "it is being terminated")]) == ""
