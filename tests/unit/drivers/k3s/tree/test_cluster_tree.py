"""The tree of a cluster, worked out from its objects as they come."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.definitions import build

from fairlead import AppBuilder
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree, Key
from fairlead.drivers.k3s.tree.parents import Origins
from fairlead.model.health import HealthStatus
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.state import State

Object = dict[str, Any]

ORIGINS = Origins(
    "k8s",
    releases={("shop", "web-release"): "web"},
    resources={"web": "web", "crds": "crds"},
    nodes={"k8s-agent-0": "k8s-agent-0"},
)


def obj(kind: str, name: str, namespace: str | None = "shop", **fields: Any) -> Object:
    """An object of a kind; metadata beyond its name is given by the names of the fields."""
    known = {"labels", "annotations", "ownerReferences", "uid", "deletionTimestamp"}
    metadata = {name: value for name, value in fields.items() if name in known}
    rest = {name: value for name, value in fields.items() if name not in known}
    place = {"namespace": namespace} if namespace else {}
    return {"kind": kind, "metadata": {"name": name, **place, **metadata}, **rest}


def owned_by(kind: str, name: str) -> Object:
    """The metadata of what a controller owns."""
    return {"ownerReferences": [{"kind": kind, "name": name, "controller": True}]}


READY = {"type": "Ready", "status": "True"}


def pod(name: str = "web-1", *, ready: bool = True, namespace: str = "shop", **metadata: Any) -> Object:
    """A pod that runs, ready or crashed."""
    state = {"running": {}} if ready else {"waiting": {"reason": "CrashLoopBackOff"}}
    container = {
        "name": "app",
        "ready": ready,
        "restartCount": 0 if ready else 3,
        "state": state,
        "lastState": {} if ready else {"terminated": {"exitCode": 3, "reason": "Error"}},
    }
    return obj(
        "Pod",
        name,
        namespace,
        spec={"nodeName": "k8s", "containers": [{"name": "app", "image": "api:dev", "env": [{"name": "SECRET"}]}]},
        status={
            "phase": "Running",
            "podIP": "10.42.0.7",
            "startTime": "2026-11-26T09:50:31Z",
            "conditions": [READY] if ready else [],
            "containerStatuses": [container],
        },
        **metadata,
    )


def deployment(name: str = "web", *, available: int = 1, namespace: str = "shop", **metadata: Any) -> Object:
    """A Deployment of one pod."""
    status = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": available, "observedGeneration": 1}
    return obj("Deployment", name, namespace, spec={"replicas": 1}, status=status, **metadata)


POD_OF_WEB = {**owned_by("ReplicaSet", "web-7d4"), "labels": {"pod-template-hash": "7d4"}}


def all_changes(tree: ClusterTree) -> tuple[dict[str, ObservedChild], set[str]]:
    """What has changed, until nothing does any more: the newest of each child by its id, and the ids that are gone."""
    children: dict[str, ObservedChild] = {}
    gone: set[str] = set()
    while tree.has_changes:
        change = tree.take_changes()
        children.update({child.id_below("k8s"): child for child in change.children})
        gone.update(map(tree.id_of, change.gone))
    return children, gone


def shown(*objects: Object) -> dict[str, ObservedChild]:
    """What is shown of a cluster with these objects, by id."""
    tree = ClusterTree(ORIGINS)
    for each in objects:
        tree.put(each)
    return all_changes(tree)[0]


def test_a_pod_is_shown_below_its_workload_and_that_below_what_brought_it() -> None:
    """The ReplicaSet between them must be skipped, and Helm's annotations name the release of the definition."""
    released = {"meta.helm.sh/release-name": "web-release", "meta.helm.sh/release-namespace": "shop"}

    children = shown(pod(**POD_OF_WEB), deployment(annotations=released))

    assert children["k8s/pod/shop/web-1"].parent == "k8s/deployment/shop/web"
    assert children["k8s/deployment/shop/web"].parent == "web"


@pytest.mark.parametrize(
    ("metadata", "parent"),
    [
        ({"labels": {"dev.fairlead.resource": "crds"}}, "crds"),
        ({"labels": {"dev.fairlead.resource": "of-another-run"}}, "k8s"),
        ({"labels": {"app.kubernetes.io/instance": "web-release"}}, "web"),
        ({"annotations": {"meta.helm.sh/release-name": "somebody-elses"}}, "k8s"),
        ({}, "k8s"),
        (owned_by("Widget", "w1"), "k8s"),
        (owned_by("CronJob", "nightly"), "k8s/cronjob/shop/nightly"),
    ],
)
def test_a_workload_is_shown_below_what_declares_it(metadata: Object, parent: str) -> None:
    """A manifest's label, a release's annotations and labels, or a CronJob; the cluster where nothing is known."""
    (child,) = shown(obj("Job", "work", spec={}, status={}, **metadata)).values()

    assert child.parent == parent


def test_what_is_of_the_cluster_itself_is_in_a_group() -> None:
    """kube-system must not drown the app: its workloads are below its namespace, which tells what ails in it."""
    coredns = deployment("coredns", available=0, namespace="kube-system")

    children = shown(coredns, deployment("traefik", namespace="kube-system"))

    group = children["k8s/namespace/-/kube-system"]
    assert children["k8s/deployment/kube-system/coredns"].parent == "k8s/namespace/-/kube-system"
    assert (group.parent, group.health) == (None, HealthStatus.DEGRADED)
    assert group.reason == "Deployment coredns: 0 of 1 pod available"


def test_a_pod_shows_what_is_worth_knowing() -> None:
    """Phase, containers, restarts, node, address, image and owner must be there, and nothing secret."""
    child = shown(pod(**POD_OF_WEB))["k8s/pod/shop/web-1"]

    assert (child.state, child.health, child.reason) == (State.RUNNING, HealthStatus.HEALTHY, "")
    assert dict(child.properties) == {
        "phase": "Running",
        "ready containers": "1 of 1",
        "node": "k8s",
        "address": "10.42.0.7",
        "image": "api:dev",
        "owner": "ReplicaSet web-7d4",
    }


@pytest.mark.parametrize(
    ("phase", "spec", "state"),
    [
        ("Pending", {}, State.WAITING),
        ("Pending", {"nodeName": "k8s"}, State.STARTING),
        ("Running", {"nodeName": "k8s"}, State.RUNNING),
        ("Succeeded", {"nodeName": "k8s"}, State.FINISHED),
        ("Failed", {"nodeName": "k8s"}, State.EXITED),
        ("Unknown", {"nodeName": "k8s"}, State.RUNTIME_UNHEALTHY),
    ],
)
def test_a_phase_becomes_a_state(phase: str, spec: Object, state: State) -> None:
    """Waits and colours go by the state."""
    (child,) = shown(obj("Pod", "p", spec=spec, status={"phase": phase})).values()

    assert child.state is state


def test_the_exit_code_of_a_pod_is_that_of_the_container_that_failed() -> None:
    """A wait for its completion must be able to tell success from failure."""
    ends = [{"name": name, "state": {"terminated": {"exitCode": code}}} for name, code in (("a", 0), ("b", 5))]
    containers = [{"name": "a", "image": "i"}, {"name": "b", "image": "i"}]
    spec = {"nodeName": "k8s", "containers": containers, "restartPolicy": "Never"}

    (child,) = shown(obj("Pod", "p", spec=spec, status={"phase": "Failed", "containerStatuses": ends})).values()

    assert child.exit_code == 5


@pytest.mark.parametrize(
    ("workload", "state", "health"),
    [
        (deployment(), State.RUNNING, HealthStatus.HEALTHY),
        (deployment(available=0), State.STARTING, None),
        (obj("Deployment", "web", spec={"replicas": 0}, status={}), State.NOT_STARTED, None),
        (obj("CronJob", "web", spec={"schedule": "* * * * *"}, status={}), State.ACTIVE, None),
        (obj("CronJob", "web", spec={"schedule": "* * * * *", "suspend": True}, status={}), State.NOT_STARTED, None),
        (obj("Job", "web", spec={}, status={}), State.STARTING, None),
        (obj("Job", "web", spec={}, status={"active": 1}), State.RUNNING, None),
        (
            obj("Job", "web", spec={}, status={"conditions": [{"type": "Complete", "status": "True"}]}),
            State.FINISHED,
            None,
        ),
        (obj("Job", "web", spec={}, status={"conditions": [{"type": "Failed", "status": "True"}]}), State.EXITED, None),
        (
            obj(
                "DaemonSet",
                "web",
                status={
                    "desiredNumberScheduled": 2,
                    "numberAvailable": 1,
                    "updatedNumberScheduled": 2,
                    "observedGeneration": 1,
                },
            ),
            State.RUNNING,
            HealthStatus.DEGRADED,
        ),
    ],
)
def test_a_workload_has_a_state_and_a_health(workload: Object, state: State, health: HealthStatus | None) -> None:
    """Running with some pods, healthy with all of them."""
    (child,) = shown(workload).values()

    assert (child.state, child.health) == (state, health)


def test_a_workload_tells_the_reason_of_its_pod() -> None:
    """The reason must reach the workload whichever comes first, and go with the pod's."""
    tree = ClusterTree(ORIGINS)
    tree.put(deployment(available=0))
    all_changes(tree)

    tree.put(pod(ready=False, **POD_OF_WEB))
    tree.put_last_log(Key("Pod", "shop", "web-1"), "no database")
    children, _ = all_changes(tree)

    assert children["k8s/deployment/shop/web"].reason == (
        "0 of 1 pod available; pod web-1: its container keeps ending, last with exit code 3, after 3 restarts; "
        "the last line of its log: no database"
    )
    tree.put(pod(**POD_OF_WEB))
    tree.put(deployment())
    children, _ = all_changes(tree)
    assert children["k8s/deployment/shop/web"].reason == children["k8s/pod/shop/web-1"].reason == ""


def test_an_event_is_a_reason_also_when_it_comes_before_its_object() -> None:
    """Watches of different kinds are in no order."""
    tree = ClusterTree(ORIGINS)
    failed = 'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found'
    tree.put_event(event("e1", "FailedMount", failed))
    creating = pod()
    creating["status"] = {
        "phase": "Pending",
        "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "ContainerCreating"}}}],
    }
    tree.put(creating)

    children, _ = all_changes(tree)

    assert children["k8s/pod/shop/web-1"].reason.startswith("its volume conf can't be mounted")
    assert [each["message"] for each in tree.events(Key("Pod", "shop", "web-1"))] == [failed]


def event(name: str, reason: str, message: str, *, kind: str = "Pod", of: str = "web-1") -> Object:
    """An event of an object."""
    involved = {"kind": kind, "namespace": "shop", "name": of}
    return obj("Event", name, reason=reason, message=message, involvedObject=involved)


def test_an_event_that_is_counted_up_is_one_event() -> None:
    """A back-off is repeated for hours, and must not push the others out."""
    tree = ClusterTree(ORIGINS)
    tree.put(pod())
    tree.put_event(event("e0", "Pulled", "pulled"))
    for _ in range(100):
        tree.put_event(event("e1", "BackOff", "Back-off restarting failed container"))

    assert [each["reason"] for each in tree.events(Key("Pod", "shop", "web-1"))] == ["Pulled", "BackOff"]


def test_an_event_of_a_claim_is_a_reason_of_its_pod() -> None:
    """The scheduler only says that a claim is not bound; why is in an event of the claim."""
    tree = ClusterTree(ORIGINS)
    waiting = obj(
        "Pod",
        "web-1",
        spec={"containers": [], "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]},
        status={
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "message": "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
                }
            ]
        },
    )
    tree.put(waiting)
    all_changes(tree)

    no_class = event("e", "ProvisioningFailed", "no class", kind="PersistentVolumeClaim", of="data")
    tree.put_event(no_class)

    assert all_changes(tree)[0]["k8s/pod/shop/web-1"].reason.endswith("data is not bound: no class")


def test_an_event_of_a_workload_tells_why_it_gets_no_pods() -> None:
    """The status of a StatefulSet does not tell that a quota keeps it from creating pods."""
    tree = ClusterTree(ORIGINS)
    tree.put(obj("StatefulSet", "db", spec={"replicas": 1}, status={"observedGeneration": 1}))
    refused = event("e", "FailedCreate", "create Pod db-0 failed: exceeded quota: few.", kind="StatefulSet", of="db")
    tree.put_event({**refused, "type": "Warning"})

    assert all_changes(tree)[0]["k8s/statefulset/shop/db"].reason == (
        "0 of 1 pod ready; create Pod db-0 failed: exceeded quota: few"
    )


def test_what_is_gone_is_shown_no_more() -> None:
    """By a watch or by a list that has not got it; the group of a namespace goes with the last in it."""
    tree = ClusterTree(ORIGINS)
    tree.put(pod(**POD_OF_WEB))
    tree.put(pod("web-2", **POD_OF_WEB))
    tree.put(pod("proxy", namespace="kube-system"))
    all_changes(tree)

    tree.remove(Key("Pod", "shop", "web-1"))
    tree.replace("Pod", [pod("web-3", **POD_OF_WEB)])
    children, gone = all_changes(tree)

    assert gone == {
        "k8s/pod/shop/web-1",
        "k8s/pod/shop/web-2",
        "k8s/pod/kube-system/proxy",
        "k8s/namespace/-/kube-system",
    }
    assert set(children) >= {"k8s/pod/shop/web-3"}
    assert tree.pods_below(Key("Deployment", "shop", "web")) == [Key("Pod", "shop", "web-3")]


def test_what_does_not_change_is_not_shown_again() -> None:
    """A new resource version, or a heartbeat, must wake nobody."""
    tree = ClusterTree(ORIGINS)
    node = obj("Node", "k8s-agent-0", None, status={"conditions": [{**READY, "lastHeartbeatTime": "1"}]})
    tree.put(node)
    children, _ = all_changes(tree)
    assert children["k8s/node/-/k8s-agent-0"].parent == "k8s-agent-0"

    tree.put(obj("Node", "k8s-agent-0", None, status={"conditions": [{**READY, "lastHeartbeatTime": "2"}]}))

    assert all_changes(tree) == ({}, set())


def test_changes_are_taken_in_portions() -> None:
    """A thousand pods at once must not hold up the event loop."""
    tree = ClusterTree(ORIGINS)
    for number in range(1000):
        tree.put(pod(f"web-{number}", **POD_OF_WEB))

    assert len(tree.take_changes(limit=100).children) == 100
    assert tree.has_changes


def test_the_origins_of_a_cluster_are_read_from_the_definition() -> None:
    """Releases by namespace and Helm's name, agents by their node's name, everything by its name."""

    def shop(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s", agent_count=1)
        cluster.add_helm_release("argo", "argo-cd", repo="https://argo.example", namespace="argocd", release_name="cd")

    children = build(shop)["k8s"].children

    origins = Origins.of("k8s", children)

    assert origins.releases == {("argocd", "cd"): "argo"}
    assert origins.resources == {child.name: child.name for child in children}
    assert (origins.parent_of_node("k8s"), origins.parent_of_node("k8s-agent-0")) == ("k8s", "k8s-agent-0")
