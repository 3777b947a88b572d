"""A cluster's document must put trouble first, tell what is the app's, and fold what repeats."""

from __future__ import annotations

from typing import Any

from fairlead.drivers.k3s.details.document import ClusterFacts, cluster_document
from fairlead.drivers.k3s.details.node_usage import NodeUsage, NodeUse, node_use
from fairlead.drivers.k3s.own_labels import RESOURCE
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree
from fairlead.drivers.k3s.tree.parents import Origins
from fairlead.engines.containers import ContainerUsage
from fairlead.errors import EngineError
from fairlead.model.observation.cluster import ClusterDocument
from fairlead.testing import FakeEngine

ORIGINS = Origins("k8s", resources={"web": "web"}, nodes={"k8s-agent-0": "k8s-agent-0"})
FACTS = ClusterFacts("k8s", {"k8s": "k8s", "k8s-agent-0": "k8s-agent-0"}, "https://localhost:6443", "/kube", 42.04)
READY = [{"type": "Ready", "status": "True"}]


def obj(kind: str, name: str, namespace: str | None = "shop", **fields: Any) -> dict[str, Any]:
    metadata = fields.pop("metadata", {})
    place = {"namespace": namespace} if namespace else {}
    return {"kind": kind, "metadata": {"name": name, "uid": name, **place, **metadata}, **fields}


def pod(
    name: str, workload: str, *, ready: bool = True, namespace: str = "shop", kind: str = "StatefulSet"
) -> dict[str, Any]:
    owner = [{"kind": kind, "name": workload, "controller": True}] if workload else []
    state = {"running": {}} if ready else {"waiting": {"reason": "ImagePullBackOff"}}
    status = {"phase": "Running", "conditions": READY if ready else []}
    status["containerStatuses"] = [{"name": "app", "ready": ready, "state": state, "restartCount": 0}]
    spec = {"nodeName": "k8s-agent-0", "containers": [{"name": "app", "image": "rates:dev"}]}
    return obj("Pod", name, namespace, metadata={"ownerReferences": owner}, spec=spec, status=status)


def workload(
    name: str, namespace: str = "shop", *, kind: str = "StatefulSet", replicas: int = 1, **metadata: Any
) -> dict[str, Any]:
    status = {"replicas": replicas, "availableReplicas": replicas}
    return obj(kind, name, namespace, metadata=metadata, spec={"replicas": replicas}, status=status)


def event(name: str, reason: str, time: str, message: str = "it happened", **fields: Any) -> dict[str, Any]:
    involved = {"kind": "Pod", "namespace": "shop", "name": "web-0"}
    return obj(
        "Event", name, "shop", reason=reason, lastTimestamp=time, message=message, involvedObject=involved, **fields
    )


def document(*objects: dict[str, Any], events: tuple[dict[str, Any], ...] = (), **uses: NodeUse) -> ClusterDocument:
    tree = ClusterTree(ORIGINS)
    for each in objects:
        tree.put(each)
    for each in events:
        tree.put_event(each)
    while tree.has_changes:
        tree.take_changes()
    return cluster_document(FACTS, tree, {name.replace("_", "-"): use for name, use in uses.items()})


def test_trouble_comes_first() -> None:
    """Workloads that are not ready must come first, those of k3s last; pods likewise."""
    shown = document(
        workload("coredns", "kube-system"),
        pod("coredns-0", "coredns", namespace="kube-system"),
        workload("broken-dns", "kube-system"),
        pod("broken-dns-0", "broken-dns", namespace="kube-system", ready=False),
        workload("calm"),
        pod("calm-0", "calm"),
        workload("rates", replicas=2),
        pod("rates-0", "rates"),
        pod("rates-1", "rates", ready=False),
        workload("alone"),
    )
    assert [each.name for each in shown.workloads] == ["alone", "rates", "broken-dns", "calm", "coredns"]
    rates = shown.workloads[1]
    assert (rates.ready, rates.wanted, [each.name for each in rates.pods]) == (1, 2, ["rates-1", "rates-0"])
    assert rates.pods[0].state == "ImagePullBackOff" and rates.id == "k8s/statefulset/shop/rates"


def test_what_belongs_to_whom() -> None:
    """A workload must name the resource that brought it; one by hand is nobody's, and k3s's own is not mine."""
    shown = document(
        workload("web", labels={RESOURCE: "web"}),
        workload("byhand"),
        workload("coredns", "kube-system"),
    )
    owners = {each.name: (each.owner, each.mine) for each in shown.workloads}
    assert owners["web"] == ("web", True)
    assert owners["byhand"] == (None, True) and owners["coredns"] == (None, False)


def test_pods_without_a_workload_and_of_schedules() -> None:
    """A pod by itself must be its own workload; pods of a schedule's Jobs be below the schedule."""
    job_owner = [{"kind": "CronJob", "name": "tick", "controller": True}]
    shown = document(
        pod("debug", ""),
        obj("CronJob", "tick", spec={"schedule": "* * * * *"}, status={}),
        obj("Job", "tick-1", metadata={"ownerReferences": job_owner}, spec={"completions": 1}, status={"active": 1}),
        pod("tick-1-x", "tick-1", kind="Job"),
    )
    assert {(each.kind, each.name): [pod.name for pod in each.pods] for each in shown.workloads} == {
        ("Pod", "debug"): ["debug"],
        ("CronJob", "tick"): ["tick-1-x"],
    }


def test_nodes() -> None:
    """The server must come first; use and limits be there where they are known; ended pods not count."""
    capacity = {"cpu": "4", "pods": "110"}
    info = {"kubeletVersion": "v1.36.0+k3s1"}
    ended = {**pod("done", ""), "status": {"phase": "Succeeded"}}
    shown = document(
        obj("Node", "k8s-agent-0", None, status={"conditions": READY, "capacity": capacity}),
        obj("Node", "k8s", None, status={"capacity": {}, "nodeInfo": info}),
        pod("a", ""),
        ended,
        k8s_agent_0=NodeUse(25.0, 100.0, 200.0),
    )
    server, agent = shown.nodes
    assert (server.name, server.role, server.ready, server.cpu, server.pods) == ("k8s", "control plane", False, None, 0)
    assert server.reason == "its kubelet has not reported yet"
    assert (agent.role, agent.ready, agent.cpu, agent.cpu_limit, agent.memory, agent.memory_limit) == (
        "agent",
        True,
        25.0,
        400.0,
        100.0,
        200.0,
    )
    assert (agent.pods, agent.pod_limit) == (1, 110)
    assert (shown.version, shown.address, shown.ready_after) == ("v1.36.0+k3s1", "https://localhost:6443", 42.0)


def test_events_are_folded() -> None:
    """The newest must come first; what is the same must be one with a count, also of events of several names."""
    shown = document(
        pod("web-0", "web"),
        events=(
            event("a", "Pulling", "2026-11-26T09:50:31Z", count=2),
            event("b", "Failed", "2026-11-26T09:50:33Z", type="Warning"),
            event("c", "Pulling", "2026-11-26T09:50:32Z", series={"count": 3}),
            event("d", "Other", "2026-11-26T09:50:30Z"),
        ),
    )
    assert [(each.reason, each.count, each.warning, each.object) for each in shown.events] == [
        ("Failed", 1, True, "pod/web-0"),
        ("Pulling", 5, False, "pod/web-0"),
        ("Other", 1, False, "pod/web-0"),
    ]
    assert shown.events[1].time == 1795686632.0


def test_a_cluster_that_has_not_reported() -> None:
    """Before anything is known the document must be there, and empty."""
    shown = document()
    assert (shown.nodes, shown.workloads, shown.events, shown.version) == ((), (), (), "")


# What nodes use


def test_how_busy_a_node_is() -> None:
    """It must be known from two readings, in whole per cents; memory in mebibytes."""
    before, now = ContainerUsage(10.0, 5.0e6, 9.0, 100.0), ContainerUsage(10.5, 5.3e6, 9.0, 102.0)
    assert node_use(None, now) == NodeUse(None, 5 * 2.0**20, 9.0)
    assert node_use(before, now) == NodeUse(25.0, 5 * 2.0**20, 9.0)
    assert node_use(now, now).cpu is None


async def test_nodes_whose_engine_does_not_tell() -> None:
    """A node that the engine can't tell of must be left out, and the others be there."""

    class HalfDeaf(FakeEngine):
        async def usage(self, container: str) -> ContainerUsage | None:
            if container == "2":
                raise EngineError("not now")
            return ContainerUsage(1.0, 1.0, 1.0, 1.0)

    assert set(await NodeUsage(HalfDeaf()).read({"k8s": "1", "k8s-agent-0": "2"})) == {"k8s"}
