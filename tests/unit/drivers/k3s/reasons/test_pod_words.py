"""A pod's own word for what is the matter, the cluster's message, and the remedy apart from the reason."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.drivers.k3s.reasons.test_reasons import Object, event, pod, unscheduled, waiting, with_state

from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.drivers.k3s.reasons.reason import Reason
from fairlead.drivers.k3s.reasons.words import message_of_pod, word_of_pod
from fairlead.drivers.k3s.tree.pods import pod_child

RUNNING: Object = {"running": {"startedAt": "2026-11-26T09:50:43Z"}}
ENDED: Object = {"terminated": {"exitCode": 1, "reason": "Error", "message": "no disk"}}
MISSING = 'configmap "settings" not found'


@pytest.mark.parametrize(
    ("seen", "word", "message"),
    [
        (waiting("ImagePullBackOff", "Back-off pulling image"), "ImagePullBackOff", "Back-off pulling image"),
        (waiting("CrashLoopBackOff", "back-off 20s"), "CrashLoopBackOff", "back-off 20s"),
        (waiting("CreateContainerConfigError", MISSING), "CreateContainerConfigError", MISSING),
        (waiting("ContainerCreating"), "", ""),
        (waiting("PodInitializing"), "", ""),
        (with_state(ENDED), "Error", "no disk"),
        (with_state({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}), "OOMKilled", ""),
        (with_state({"terminated": {"exitCode": 0, "reason": "Completed"}}), "", ""),
        (with_state(RUNNING), "", ""),
        (with_state(RUNNING, lastState=ENDED, restartCount=1), "", ""),
        (with_state(RUNNING, lastState=ENDED, restartCount=2), "CrashLoopBackOff", "no disk"),
        (with_state(RUNNING, lastState=ENDED, restartCount=2, ready=True), "", ""),
        (unscheduled("0/1 nodes are available"), "Unschedulable", "0/1 nodes are available"),
        (pod(status={"phase": "Failed", "reason": "Evicted", "message": "low on disk"}), "Evicted", "low on disk"),
        (pod(status={"phase": "Succeeded"}), "", ""),
        (pod(deletionTimestamp="2026-11-26T09:50:43Z"), "", ""),
    ],
)
def test_words_and_messages(seen: Object, word: str, message: str) -> None:
    """What is stuck must have the word that kubectl shows, and the message as it is; what is on its way none."""
    assert (word_of_pod(seen), message_of_pod(seen)) == (word, message)


def test_a_volume_that_cannot_be_mounted() -> None:
    """A container that is not created because of a volume must say so, until it runs."""
    events = [event("FailedMount", f'MountVolume.SetUp failed for volume "conf" : {MISSING}')]
    assert word_of_pod(waiting("ContainerCreating"), events) == "FailedMount"
    assert word_of_pod(with_state(RUNNING), events) == ""


@pytest.mark.parametrize(
    ("seen", "remedy"),
    [
        (waiting("ErrImageNeverPull"), 'Add cluster.load_image("api:dev")'),
        (waiting("CreateContainerConfigError", 'secret "db" not found'), "Create it in the pod's namespace"),
        (unscheduled("0/1 nodes are available: 1 Insufficient cpu."), "Lower resources.requests.cpu"),
        (waiting("CreateContainerConfigError", "what nobody knows"), ""),
    ],
)
def test_the_remedy_apart(seen: Object, remedy: str) -> None:
    """The reason must know its remedy, and end with it as a text."""
    reason: Any = reason_of_pod(seen)
    found = Reason.of(reason)
    assert found.remedy == remedy
    assert reason == (f"{found.fact}. {remedy}" if remedy else found.fact)
    child = pod_child(seen, "k8s")
    assert (child.reason, child.remedy) == (found.fact, remedy)
    assert child.snapshot("k8s").reason == reason
