"""Which pods wait for which images."""

from __future__ import annotations

from typing import Any

from fairlead.drivers.k3s.commands.load_missing import lacking_pods


def a_pod(name: str, reason: str | None, *, owned: bool = True, image: str = "shop/rates:dev") -> dict[str, Any]:
    state: dict[str, Any] = {"running": {}} if reason is None else {"waiting": {"reason": reason}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "default",
            "ownerReferences": [{"kind": "ReplicaSet", "name": "rates"}] if owned else [],
        },
        "spec": {"containers": [{"name": "main", "image": image}]},
        "status": {"containerStatuses": [{"name": "main", "state": state}]},
    }


def test_only_pods_that_wait_for_an_image_are_found() -> None:
    pods = [
        a_pod("fine", None),
        a_pod("creating", "ContainerCreating"),
        a_pod("crashing", "CrashLoopBackOff"),
        a_pod("backing-off", "ImagePullBackOff"),
        a_pod("alone", "ErrImagePull", owned=False, image="busybox:9"),
        a_pod("never", "ErrImageNeverPull"),
    ]

    found = {pod.ref.name: (set(pod.images), pod.is_owned) for pod in lacking_pods(pods)}

    assert found == {
        "backing-off": ({"shop/rates:dev"}, True),
        "alone": ({"busybox:9"}, False),
        "never": ({"shop/rates:dev"}, True),
    }
