"""What the diagnostics of a cluster hold, and what they must not."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

from fairlead.drivers.k3s.commands.diagnostics import LEFT_OUT, Diagnostics, Files, archive, summary, without_values
from fairlead.engines.containers import ContainerSpec
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.errors import EngineUnavailable
from fairlead.testing import FakeEngine, FakeKubernetesApi
from fairlead.testing.fakes.fake_container import Process

Object = dict[str, Any]
POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-1",
        "namespace": "default",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"},
    },
    "spec": {
        "nodeName": "k8s",
        "containers": [
            {
                "name": "app",
                "image": "api:dev",
                "env": [
                    {"name": "PASSWORD", "value": "hunter2"},
                    {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                ],
            }
        ],
    },
    "status": {
        "phase": "Running",
        "containerStatuses": [
            {
                "name": "app",
                "restartCount": 1,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}},
            }
        ],
    },
}
REF = ObjectRef(ObjectKind("v1", "Pod"), "web-1", "default")


async def node_program(process: Process) -> None:
    process.print("Starting k3s with token t0p")


async def collected(api: FakeKubernetesApi | None) -> Files:
    """The files of the diagnostics of a cluster with one node; ``t0p`` is secret."""
    engine = FakeEngine()
    engine.add_image("k3s:1", node_program)
    container = await engine.create(ContainerSpec(name="k8s", image="k3s:1"))
    await engine.start(container)
    await engine.wait(container)
    return await Diagnostics(engine, {"k8s": container}, api, lambda text: text.replace("t0p", "***")).collect()


def broken_cluster() -> FakeKubernetesApi:
    """A cluster with a pod that has crashed, and a Secret."""
    api = FakeKubernetesApi()
    api.put(POD)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"}}
    api.put({**secret, "data": {"k": "aHVudGVyMg=="}})
    api.log_of(REF, "app").write("no database", "token t0p")
    api.log_of(REF, "app", previous=True).write("before")
    return api


async def test_they_hold_objects_logs_nodes_and_the_engine() -> None:
    """With a summary of what is not well in front."""
    files = await collected(broken_cluster())

    assert files["summary.txt"] == (
        b"Pod default/web-1: Running: its container keeps ending, last with exit code 3, after 1 restart\n"
    )
    assert [pod["metadata"]["name"] for pod in json.loads(files["objects/pod.json"])] == ["web-1"]
    assert files["pods/default/web-1/app.log"] == b"no database\ntoken ***\n"
    assert files["pods/default/web-1/app-before-restart.log"] == b"before\n"
    assert files["nodes/k8s.log"] == b"Starting k3s with token ***\n"
    assert json.loads(files["engine.json"])["name"] == "docker"
    assert json.loads(files["nodes/k8s.json"])["state"] == "exited"


async def test_they_hold_no_secret() -> None:
    """Neither Secrets, nor the values of variables, nor what Fairlead knows to be secret."""
    files = await collected(broken_cluster())

    everything = b"".join(files.values())
    assert all(secret not in everything for secret in (b"hunter2", b"aHVudGVyMg", b"t0p"))


async def test_what_can_not_be_read_is_said_in_its_place() -> None:
    """The rest must be there all the same; without an API, too."""
    api = broken_cluster()
    api.refusals["logs"] = EngineUnavailable("the kubelet does not answer")

    files = await collected(api)

    assert files["pods/default/web-1/app.log"] == b"It can't be read: the kubelet does not answer\n"
    assert set(await collected(None)) == {"engine.json", "nodes/k8s.json", "nodes/k8s.log"}


def test_values_are_left_out_and_names_are_kept() -> None:
    """Which variables there are helps to find a fault."""
    (container,) = without_values(POD)["spec"]["containers"]

    assert container["env"] == [{"name": "PASSWORD", "value": LEFT_OUT}, POD["spec"]["containers"][0]["env"][1]]


def test_a_cluster_without_a_fault_says_so() -> None:
    """An empty file would look like a fault of its own."""
    assert summary([]) == "All that the tree shows is well.\n"


def test_the_archive_can_be_read_by_its_owner_alone() -> None:
    """When it is unpacked, too."""
    content = archive({"a/b.txt": b"text"}, "k8s-diagnostics")

    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        (entry,) = tar.getmembers()
        assert (entry.name, entry.mode) == ("k8s-diagnostics/a/b.txt", 0o600)
