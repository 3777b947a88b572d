"""What a test has of a cluster: namespaces, objects, and waits that say why they failed."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead import AppBuilder, Driver, DriverContext, Resource, apphost
from fairlead.engines.kube import ApiRefusal, ObjectKind, ObjectRef
from fairlead.errors import EngineUnavailable, ResourceFailed, StartError, UsageError, WaitTimeout
from fairlead.model.driving.driver import StopReason
from fairlead.testing import BlockingCluster, Cluster, FakeKubernetesApi, InMemory, testing
from fairlead.testing.fakes.object_kinds import parse_kind
from fairlead.testing.loop_thread import LoopThread

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "k8s", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "k8s", "user": {"token": "opensesame"}}],
    "contexts": [{"name": "k8s", "context": {"cluster": "k8s", "user": "k8s"}}],
    "current-context": "k8s",
}
NAMESPACE = ObjectKind("v1", "Namespace")
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 1}}
SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: first}
data: {color: red}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second, namespace: default}
"""


@pytest.fixture
async def api() -> AsyncIterator[FakeKubernetesApi]:
    """A Kubernetes whose controller gives each namespace its ServiceAccount."""
    api = FakeKubernetesApi()
    controller = asyncio.ensure_future(give_accounts(api))
    yield api
    controller.cancel()
    with suppress(asyncio.CancelledError, EngineUnavailable):
        await controller


async def give_accounts(api: FakeKubernetesApi) -> None:
    async with aclosing(api.watch(NAMESPACE, "0")) as events:
        async for event in events:
            if event.type == "ADDED":
                api.put(account(event.object["metadata"]["name"]))


def account(namespace: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}


@pytest.fixture
def cluster(api: FakeKubernetesApi, tmp_path: Path) -> Cluster:
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(KUBECONFIG))
    return Cluster("k8s", api, tmp_path / "kubeconfig", "run-1")


async def namespaces(api: FakeKubernetesApi) -> set[str]:
    return {found["metadata"]["name"] for found in (await api.list(NAMESPACE)).items} - {"default", "kube-system"}


async def test_a_namespace_is_there_for_the_block(cluster: Cluster, api: FakeKubernetesApi, tmp_path: Path) -> None:
    """A namespace must have a name of its own and the run's label, and be gone with its kubeconfig afterwards."""
    async with cluster.namespace() as first, cluster.namespace("greet", labels={"tier": "test"}) as second:
        assert first.name.startswith("test-") and second.name.startswith("greet-")
        assert await namespaces(api) == {first.name, second.name}
        found = await cluster.get("Namespace", second.name)
        assert found is not None
        assert found["metadata"]["labels"] == {
            "tier": "test",
            "app.kubernetes.io/managed-by": "fairlead",
            "dev.fairlead.run": "run-1",
        }
        kubeconfig = yaml.safe_load(second.kubeconfig.read_text())
        assert kubeconfig["contexts"][0]["context"]["namespace"] == second.name
        assert stat.S_IMODE(second.kubeconfig.stat().st_mode) == 0o600

    assert await namespaces(api) == set()
    assert [path.name for path in tmp_path.iterdir()] == ["kubeconfig"]


async def test_a_namespace_goes_when_its_test_fails(cluster: Cluster, api: FakeKubernetesApi) -> None:
    """An error in the block must reach the test, and the namespace must be gone all the same."""
    with pytest.raises(ZeroDivisionError):
        async with cluster.namespace():
            raise ZeroDivisionError
    assert await namespaces(api) == set()


async def test_a_cluster_that_is_gone_needs_no_tidying(cluster: Cluster, api: FakeKubernetesApi) -> None:
    """When the cluster ends first, leaving the namespace must not fail."""
    async with cluster.namespace():
        api.go_away()


@pytest.mark.parametrize("prefix", ["", "Test", "test_1", "-test", "x" * 51])
async def test_prefixes_that_begin_no_name(cluster: Cluster, prefix: str) -> None:
    """A prefix that Kubernetes would refuse must be refused with what is allowed."""
    with pytest.raises(UsageError, match="lower-case"):
        async with cluster.namespace(prefix):
            pass


async def test_objects_are_put_into_the_namespace(cluster: Cluster, api: FakeKubernetesApi, tmp_path: Path) -> None:
    """Objects of any form must be applied; those that name no namespace go into this one, others where they say."""
    async with cluster.namespace() as namespace:
        await namespace.apply(DEPLOYMENT)
        first, second = await namespace.apply(SETTINGS)
        (tmp_path / "more.yaml").write_text(SETTINGS.replace("red", "blue"))
        await namespace.apply(tmp_path / "more.yaml")

        places = [found["metadata"]["namespace"] for found in (first, second)]
        assert places == [namespace.name, "default"]
        changed = await namespace.get("ConfigMap", "first")
        assert changed is not None and changed["data"] == {"color": "blue"}
        assert [found["metadata"]["name"] for found in await namespace.list("ConfigMap")] == ["first"]
        assert await namespace.delete("Deployment", "web") and await namespace.get("Deployment", "web") is None
        assert not await namespace.delete("Deployment", "web")


async def test_objects_of_the_cluster_as_a_whole(cluster: Cluster) -> None:
    """A namespaced object without a namespace must be refused for the cluster; a ClusterRole must be taken by both."""
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"}}
    async with cluster.namespace() as namespace:
        await namespace.apply(role)
        assert await cluster.get("ClusterRole", "reader")
    with pytest.raises(ApiRefusal, match="namespace"):
        await cluster.apply(DEPLOYMENT)


async def test_what_is_no_object(cluster: Cluster) -> None:
    """A manifest that is none must be refused with what it lacks."""
    with pytest.raises(StartError, match=r"object 1: this ConfigMap has no metadata"):
        await cluster.apply({"apiVersion": "v1", "kind": "ConfigMap"})


async def test_waits_for_what_changes(cluster: Cluster, api: FakeKubernetesApi) -> None:
    """A wait must end with the change that meets its condition, also where the status is not there at first."""
    async with cluster.namespace() as namespace:
        wait = asyncio.ensure_future(
            namespace.wait_for("Deployment", "web", lambda found: found["status"]["note"] == "ok", timeout=30)
        )
        ref = ObjectRef(ObjectKind("apps/v1", "Deployment"), "web", namespace.name)
        await namespace.apply(DEPLOYMENT)
        api.set_status(ref, note="not yet")
        await asyncio.sleep(0)
        api.forget_changes()
        api.set_status(ref, note="ok")
        assert (await wait)["status"]["note"] == "ok"


async def test_waits_for_a_rollout(cluster: Cluster, api: FakeKubernetesApi) -> None:
    """Without a condition a workload must be rolled out, and one whose rollout has failed must end the wait."""
    async with cluster.namespace() as namespace:
        await namespace.apply(DEPLOYMENT)
        ref = ObjectRef(ObjectKind("apps/v1", "Deployment"), "web", namespace.name)
        wait = asyncio.ensure_future(namespace.wait_for("Deployment", "web", timeout=30))
        await asyncio.sleep(0)
        assert not wait.done()
        complete = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1}
        api.set_status(ref, observedGeneration=1, **complete)
        await wait

        late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}
        api.set_status(ref, observedGeneration=1, updatedReplicas=0, conditions=[late])
        with pytest.raises(ResourceFailed):
            await namespace.wait_for("Deployment", "web", timeout=30)


async def test_a_wait_in_vain_says_what_there_is(cluster: Cluster, api: FakeKubernetesApi) -> None:
    """The notes of a wait that took too long must have the object, the pods that are not ready, and the events."""
    async with cluster.namespace() as namespace:
        metadata = {"name": "web-1", "namespace": namespace.name}
        waiting = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nowhere:1"'}}
        container = {"name": "web", "image": "nowhere:1", "state": waiting, "ready": False, "restartCount": 0}
        api.put(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": metadata,
                "spec": {"containers": [{"name": "web", "image": "nowhere:1"}], "nodeName": "server"},
                "status": {"phase": "Pending", "containerStatuses": [container]},
            }
        )
        api.put(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": "e1", "namespace": namespace.name},
                "involvedObject": {"kind": "Pod", "name": "web-1", "namespace": namespace.name},
                "type": "Warning",
                "reason": "Failed",
                "message": "it can't be had",
            }
        )
        await namespace.apply({**DEPLOYMENT, "spec": {"replicas": 3}})
        with pytest.raises(WaitTimeout, match="did not meet the condition within") as caught:
            await namespace.wait_for("Deployment", "web", lambda found: False, timeout=0.05)
        with pytest.raises(WaitTimeout, match=r"ConfigMap test-\w+/nothing: it was not there within"):
            await namespace.wait_for("ConfigMap", "nothing", timeout=0.05)

    notes = "\n".join(caught.value.__notes__)
    assert "Deployment web:" in notes and "replicas: 3" in notes
    assert "pods that are not ready:" in notes and "nowhere:1" in notes
    assert "Pod web-1: Failed: it can't be had" in notes


async def test_a_secret_is_not_in_the_notes(cluster: Cluster) -> None:
    """What a Secret holds must not be in the notes of a wait for it."""
    async with cluster.namespace() as namespace:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}, "stringData": {"key": "s3cret"}}
        await namespace.apply(secret)
        with pytest.raises(WaitTimeout) as caught:
            await namespace.wait_for("Secret", "key", lambda found: False, timeout=0.05)
    notes = "\n".join(caught.value.__notes__)
    assert "key: '***'" in notes and "s3cret" not in notes and "czNjcmV0" not in notes


async def test_waits_until_something_is_gone(cluster: Cluster, api: FakeKubernetesApi) -> None:
    """A wait for the end of an object must name the finalizers that hold it, and end with it."""
    async with cluster.namespace() as namespace:
        held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/x"]}}
        await namespace.apply(held)
        with pytest.raises(WaitTimeout, match="nobody has deleted it"):
            await namespace.wait_gone("ConfigMap", "held", timeout=0.05)
        await namespace.delete("ConfigMap", "held")
        with pytest.raises(WaitTimeout, match=r"its finalizers hold it: example\.com/x"):
            await namespace.wait_gone("ConfigMap", "held", timeout=0.05)
        api.remove_finalizers(ObjectRef(ObjectKind("v1", "ConfigMap"), "held", namespace.name))
        await namespace.wait_gone("ConfigMap", "held", timeout=30)


def test_the_same_without_an_event_loop(tmp_path: Path) -> None:
    """All that a cluster does with `async with` it must do here, without an await."""
    thread = LoopThread()
    try:
        api = thread.call(FakeKubernetesApi)
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(KUBECONFIG))
        cluster = BlockingCluster(Cluster("k8s", api, tmp_path / "kubeconfig", "run-1"), thread)
        controller = thread.call(lambda: asyncio.ensure_future(give_accounts(api)))
        with cluster.namespace() as namespace:
            namespace.apply(SETTINGS)
            assert namespace.wait_for("ConfigMap", "first", timeout=30)["data"] == {"color": "red"}
            assert [found["metadata"]["name"] for found in namespace.list("ConfigMap")] == ["first"]
            assert cluster.in_namespace("default").get("ConfigMap", "second")
            assert namespace.delete("ConfigMap", "first")
            namespace.wait_gone("ConfigMap", "first", timeout=30)
            name = namespace.name
        assert cluster.get("Namespace", name) is None
        thread.call(controller.cancel)
    finally:
        thread.close()


class FakeCluster(Resource):
    """Plays a cluster, as far as it has a kubeconfig."""

    kind = "Fake cluster"
    driver = "tests.unit.testing.test_clusters:FakeClusterDriver"


class FakeClusterDriver(Driver):
    async def start(self, context: DriverContext) -> None:
        path = context.state_folder / "kubeconfig"
        path.write_text(yaml.safe_dump(KUBECONFIG))
        context.report(kubeconfig=str(path))

    async def stop(self, reason: StopReason) -> None:
        """Nothing is to be stopped."""


@apphost
def harbour(app: AppBuilder) -> None:
    app.add(FakeCluster("k8s"))
    app.add(InMemory("api"))
    app.add(InMemory("bad", fails="the disk is gone"))


async def test_the_cluster_of_an_app() -> None:
    """`app.cluster()` must give the cluster of an app that runs in a test, once, and close it with the app."""
    async with testing(harbour) as app:
        cluster = await app.cluster("K8S", timeout=30)
        assert (cluster.name, yaml.safe_load(cluster.kubeconfig.read_text())) == ("k8s", KUBECONFIG)
        assert await app.cluster("k8s") is cluster
        with pytest.raises(UsageError, match="api: it is no cluster"):
            await app.cluster("api")
        with pytest.raises(ResourceFailed, match="the disk is gone"):
            await app.cluster("bad")
    assert not cluster.kubeconfig.exists()


def test_the_cluster_of_an_app_without_an_event_loop() -> None:
    """The same must hold for `with testing(…)`."""
    with testing(harbour) as app:
        cluster = app.cluster("k8s", timeout=30)
        assert (cluster.name, yaml.safe_load(cluster.kubeconfig.read_text())) == ("k8s", KUBECONFIG)
        assert cluster.in_namespace("default").kubeconfig.exists()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ConfigMap", ObjectKind("v1", "ConfigMap")),
        ("Deployment", ObjectKind("apps/v1", "Deployment")),
        ("v1/Pod", ObjectKind("v1", "Pod")),
        ("harbour.example.com/v1/Notice", ObjectKind("harbour.example.com/v1", "Notice")),
    ],
)
def test_kinds(text: str, kind: ObjectKind) -> None:
    """A kind of Kubernetes must be known by its name, any other one behind its version."""
    assert parse_kind(text) == kind


@pytest.mark.parametrize("text", ["Notice", "", "apps/v1/", "/Pod/"])
def test_what_is_no_kind(text: str) -> None:
    """A kind that is unknown must be refused with an example."""
    with pytest.raises(UsageError, match=r"harbour\.example\.com/v1/Notice"):
        parse_kind(text)
