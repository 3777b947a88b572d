"""A pod must be shown by its own word, as ``kubectl get pods`` has it."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.drivers.k3s.details.pod import pod_view, pod_word

READY = [{"type": "Ready", "status": "True"}]


def pod(state: dict[str, Any] | None, *, init: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    """A pod of one container in a state, and perhaps an init container in another."""
    spec: dict[str, Any] = {"containers": [{"name": "app"}], "nodeName": "k8s"}
    known: dict[str, Any] = {"phase": "Pending", **status}
    if state is not None:
        known["containerStatuses"] = [{"name": "app", "state": state, "ready": "running" in state, "restartCount": 2}]
    if init is not None:
        spec["initContainers"] = [{"name": "first"}]
        known["initContainerStatuses"] = [{"name": "first", "state": init, "restartCount": 1}]
    return {"kind": "Pod", "metadata": {"name": "web-1", "namespace": "shop"}, "spec": spec, "status": known}


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (pod(None), "Pending"),
        (pod({"waiting": {"reason": "ImagePullBackOff"}}), "ImagePullBackOff"),
        (pod({"waiting": {"reason": "CrashLoopBackOff"}}, phase="Running"), "CrashLoopBackOff"),
        (pod({"running": {}}, phase="Running"), "Running"),
        (pod({"terminated": {"exitCode": 0, "reason": "Completed"}}, phase="Succeeded"), "Completed"),
        (pod({"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, phase="Failed"), "OOMKilled"),
        (pod({"terminated": {"exitCode": 3}}, phase="Running"), "ExitCode:3"),
        (
            pod({"waiting": {"reason": "PodInitializing"}}, init={"waiting": {"reason": "ErrImagePull"}}),
            "Init:ErrImagePull",
        ),
        (pod({"waiting": {"reason": "PodInitializing"}}, init={"terminated": {"exitCode": 0}}), "PodInitializing"),
        (
            pod({"waiting": {"reason": "PodInitializing"}}, init={"terminated": {"exitCode": 1, "reason": "Error"}}),
            "Init:Error",
        ),
        (pod(None, phase="Failed", reason="Evicted"), "Evicted"),
    ],
)
def test_the_word_of_a_pod(shown: dict[str, Any], word: str) -> None:
    """Why a container waits or how it ended must win over the phase, init containers first."""
    assert pod_word(shown) == word


def test_what_is_shown_of_a_pod() -> None:
    """Restarts of all containers must count, and ready ones of those that last."""
    view = pod_view("id", pod({"running": {}}, init={"terminated": {"exitCode": 0}}, phase="Running", conditions=READY))
    assert (view.ready, view.containers, view.restarts, view.node, view.healthy) == (1, 1, 3, "k8s", True)
    assert not pod_view("id", pod({"running": {}}, phase="Running")).healthy
    ending = pod({"running": {}}, phase="Running")
    ending["metadata"]["deletionTimestamp"] = "2026-11-26T09:50:31Z"
    assert (pod_view("id", ending).state, pod_view("id", ending).healthy) == ("Terminating", True)
