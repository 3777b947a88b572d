"""A manifest from its declaration to the objects in the cluster, on an API in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.fake_cluster import FakeCluster, FakeClusterDriver
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, FairleadError, State, ref
from fairlead.drivers.k3s.manifests.inventory import Inventory, inventories
from fairlead.drivers.k3s.manifests.prune import prune_manifests
from fairlead.engines.kube import ApiRefusal, KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.resource import Resource
from fairlead.testing import FakeEngine, FakeKubernetesApi, Running, testing

CONFIG_MAP = ObjectKind("v1", "ConfigMap")
DEPLOYMENT = ObjectKind("apps/v1", "Deployment")


class Api(FakeKubernetesApi):
    """An API in which definitions are established and namespaces active at once, as in a real cluster."""

    async def apply(self, obj: Any, *, manager: str = "fairlead", force: bool = False) -> Object:
        applied = await super().apply(obj, manager=manager, force=force)
        if obj["kind"] == "CustomResourceDefinition":
            established = [{"type": "Established", "status": "True"}]
            return self.set_status(ObjectRef.of(obj), conditions=established)
        if obj["kind"] == "Namespace":
            return self.set_status(ObjectRef.of(obj), phase="Active")
        return applied


@pytest.fixture(name="api")
def _api() -> Api:
    return Api()


@asynccontextmanager
async def running(folder: Path, api: KubernetesApi, declare: Callable[[FakeCluster], Any]) -> AsyncIterator[Running]:
    """An app with a cluster, of which the test declares the rest."""

    def define(app: AppBuilder) -> None:
        declare(app.add(FakeCluster("k8s", api)))

    async with testing(Apphost(define, name="boat", file=folder / "apphost.py"), engine=FakeEngine()) as app:
        yield app


class WitnessDriver(Driver):
    """Looks whether an object is there when it starts."""

    async def start(self, context: DriverContext) -> None:
        witness = context.resource
        assert isinstance(witness, Witness)
        is_there = await witness.api.get(config_map_ref("a")) is not None
        context.log(f"the object is {'there' if is_there else 'missing'}")

    async def stop(self, reason: StopReason) -> None:
        pass


class Witness(Resource):
    """Something that waits for objects of a cluster."""

    kind = "witness"
    driver = f"{__name__}:WitnessDriver"

    def __init__(self, name: str, api: KubernetesApi) -> None:
        super().__init__(name)
        self.api = api


def manifest(source: Any, **options: Any) -> Callable[[FakeCluster], Any]:
    """The declaration of one manifest, called ``objects``."""
    return lambda cluster: cluster.add_k8s_manifest("objects", source, **options)


def lines(app: Running, name: str = "objects") -> list[str]:
    return [line.text for line in app.logs(name)]


def config_map(name: str, **data: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def config_map_ref(name: str, namespace: str = "default") -> ObjectRef:
    return ObjectRef(CONFIG_MAP, name, namespace)


async def test_the_objects_of_a_file_are_in_the_cluster_when_it_has_finished(tmp_path: Path, api: Api) -> None:
    """A manifest must be applied, labelled as its own, and have finished with 0; a waiter starts after that."""
    (tmp_path / "web.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: 'b'}\n")
    async with running(tmp_path, api, manifest("web.yaml")) as app:
        snapshot = await app.wait_for("objects", "completed")
        assert (snapshot.state, snapshot.exit_code) == (State.FINISHED, 0)

    web = await api.get(config_map_ref("web"))
    assert web is not None
    assert web["data"] == {"a": "b"}
    assert web["metadata"]["labels"]["dev.fairlead.resource"] == "objects"


async def test_deferred_leaves_are_resolved_and_types_are_kept(tmp_path: Path, api: Api) -> None:
    """Objects of a definition must have the texts of its values, and numbers as numbers."""

    def declare(app: AppBuilder) -> None:
        color = app.add_parameter("color", default="red")
        body = {**config_map("web", color=ref("dark-{c}", c=color)), "immutable": False}
        app.add(FakeCluster("k8s", api)).add_k8s_manifest("objects", [body, config_map("other")], namespace="default")

    async with testing(Apphost(declare, name="boat", file=tmp_path / "apphost.py"), engine=FakeEngine()) as app:
        await app.wait_for("objects", "completed")

    web = await api.get(config_map_ref("web"))
    assert web is not None
    assert (web["data"], web["immutable"]) == ({"color": "dark-red"}, False)


WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions: [{name: v1, served: true, storage: true}]
"""
WIDGET = ObjectKind("example.com/v1", "Widget")
DEFINITION = ObjectRef(ObjectKind("apiextensions.k8s.io/v1", "CustomResourceDefinition"), "widgets.example.com")


def widget(name: str) -> str:
    return f"apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: {name}}}\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def deployment(name: str, **spec: Any) -> dict[str, Any]:
    metadata = {"labels": {"app": name}}
    pods = {"selector": {"matchLabels": {"app": name}}, "template": {"metadata": metadata, "spec": {"containers": []}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {**pods, **spec}}


async def apply_again(app: Running, name: str = "objects") -> None:
    await app.command(name, "restart")
    await app.wait_for(name, "completed")


async def failure(app: Running, name: str = "objects") -> str:
    """Why a manifest has failed."""
    with pytest.raises(FairleadError) as caught:
        await app.wait_for(name, "completed")
    return str(caught.value)


async def test_a_waiter_goes_on_when_it_has_finished(tmp_path: Path, api: Api) -> None:
    """Both kinds of waits for a manifest must hold until its objects are there, and then go on."""

    def define(app: AppBuilder) -> None:
        objects = app.add(FakeCluster("k8s", api)).add_k8s_manifest("objects", config_map("a"))
        app.add(Witness("ready", api)).wait_for(objects)
        app.add(Witness("completed", api)).wait_for_completion(objects)

    async with testing(Apphost(define, name="boat", file=tmp_path / "apphost.py"), engine=FakeEngine()) as app:
        for name in ("ready", "completed"):
            await app.wait_for(name, "running")
            assert "the object is there" in lines(app, name)


async def test_it_tells_where_its_objects_come_from(tmp_path: Path, api: Api) -> None:
    """Path, mode and the number of objects must be shown, and its cluster as its parent."""
    write(tmp_path, {"k8s/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    async with running(tmp_path, api, manifest("k8s")) as app:
        snapshot = await app.wait_for("objects", "completed")

    assert dict(snapshot.properties) == {"path": str(tmp_path / "k8s"), "mode": "apply", "objects": "1"}
    assert snapshot.parent == "k8s"


# Order and retries


async def test_a_kind_may_come_after_its_objects_in_a_folder(tmp_path: Path, api: Api) -> None:
    """Namespaces and definitions must be there before what needs them, however the files are called."""
    write(
        tmp_path / "k8s",
        {
            "a-widget.yaml": widget("one").replace("{name: one}", "{name: one, namespace: shop}"),
            "b-definition.yaml": WIDGETS,
            "c-namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: ignored}\n",
        },
    )
    async with running(tmp_path, api, manifest("k8s")) as app:
        await app.wait_for("objects", "completed")
        assert [line for line in lines(app) if line.startswith("Applied")] == [
            "Applied Namespace shop",
            "Applied CustomResourceDefinition widgets.example.com",
            "Applied Widget shop/one",
            "Applied 3 objects",
        ]

    assert await api.get(ObjectRef(WIDGET, "one", "shop")) is not None


async def test_a_namespace_is_given_only_to_what_has_one(tmp_path: Path, api: Api) -> None:
    """Objects without a namespace must come into the manifest's, those of the cluster as a whole into none."""
    api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": []}
    elsewhere = config_map("b")
    elsewhere["metadata"]["namespace"] = "default"
    bodies = [config_map("a"), elsewhere, role]
    async with running(tmp_path, api, manifest(bodies, namespace="shop")) as app:
        await app.wait_for("objects", "completed")

    for expected in (config_map_ref("a", "shop"), config_map_ref("b"), ObjectRef(ObjectKind.of(role), "r")):
        assert await api.get(expected) is not None


async def test_a_kind_that_something_else_brings_is_waited_for(tmp_path: Path, api: Api) -> None:
    """An object whose kind is not there yet must be tried again until it is."""
    write(tmp_path, {"widget.yaml": widget("one"), "definition.yaml": WIDGETS})

    def declare(cluster: FakeCluster) -> None:
        cluster.add_k8s_manifest("objects", "widget.yaml")
        cluster.add_k8s_manifest("definitions", "definition.yaml").with_explicit_start()

    async with running(tmp_path, api, declare) as app:
        await until(lambda: any("there is no kind Widget" in line for line in lines(app)), "it is tried again")
        await app.command("definitions", "start")
        await app.wait_for("objects", "completed")

    assert await api.get(ObjectRef(WIDGET, "one", "default")) is not None


class RefusingApi(Api):
    """An API that refuses an object a few times."""

    def __init__(self, kind: str, *refusals: ApiRefusal) -> None:
        super().__init__()
        self._kind = kind
        self._refusals_of_kind = list(refusals)

    async def apply(self, obj: Any, *, manager: str = "fairlead", force: bool = False) -> Object:
        if obj["kind"] == self._kind and self._refusals_of_kind:
            raise self._refusals_of_kind.pop(0)
        return await super().apply(obj, manager=manager, force=force)


async def test_what_passes_is_tried_again(tmp_path: Path) -> None:
    """A webhook that does not answer yet, and a namespace that is still dying, must only delay."""
    api = RefusingApi(
        "Deployment",
        ApiRefusal('Internal error occurred: failed calling webhook "x": no endpoints available'),
        ApiRefusal('deployments "web" is forbidden: because it is being terminated', reason="Forbidden"),
    )
    declare = manifest(deployment("web"), wait=False)
    async with running(tmp_path, api, declare) as app:
        await app.wait_for("objects", "completed")
        tries = [line for line in lines(app) if line.startswith("Trying Deployment web again: ")]

    assert [("webhook" in line, "still being deleted" in line) for line in tries] == [(True, False), (False, True)]


async def test_an_object_that_is_being_deleted_is_created_again(tmp_path: Path, api: Api) -> None:
    """What was there before and is dying must not be taken for what was applied: it would vanish."""
    old = config_map("web", a="old")
    old["metadata"] |= {"namespace": "default", "finalizers": ["example.com/slow"]}
    api.put(old)
    await api.delete(config_map_ref("web"))
    async with running(tmp_path, api, manifest(config_map("web", a="new"))) as app:
        await until(lambda: any("the former one is still" in line for line in lines(app)), "it is waited for")
        api.remove_finalizers(config_map_ref("web"))
        await app.wait_for("objects", "completed")

    web = await api.get(config_map_ref("web"))
    assert web is not None
    assert "deletionTimestamp" not in web["metadata"]


async def test_a_changed_job_is_created_again(tmp_path: Path) -> None:
    """A Job can't be changed; what has changed of it is meant to run."""
    refusal = ApiRefusal('Job.batch "m" is invalid: spec.template: Invalid value: field is immutable', reason="Invalid")
    api = RefusingApi("Job", refusal)
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "m", "namespace": "default"}}
    former = api.put(job)
    declare = manifest(job, wait=False)
    async with running(tmp_path, api, declare) as app:
        await app.wait_for("objects", "completed")
        assert "Recreating Job default/m: what it runs has changed, and a Job runs once" in lines(app)

    current = await api.get(ObjectRef.of(job))
    assert current is not None
    assert current["metadata"]["uid"] != former["metadata"]["uid"]


async def test_a_field_of_another_manager_is_taken_over_and_named(tmp_path: Path, api: Api) -> None:
    """What the definition says must hold, and the log must say whose field it was."""
    body = config_map("web", color="red")
    body["metadata"]["namespace"] = "default"
    await api.apply(body, manager="kubectl-edit")
    async with running(tmp_path, api, manifest(config_map("web", color="blue"))) as app:
        await app.wait_for("objects", "completed")
        [told] = [line for line in lines(app) if line.startswith("Took fields of ConfigMap default/web over")]

    assert "kubectl-edit owns its field data.color" in told
    web = await api.get(config_map_ref("web"))
    assert web is not None
    assert web["data"] == {"color": "blue"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("apiVersion: v1\nkind: Confgimap\nmetadata: {name: a}\n", "Confgimap a (k8s/a.yaml, line 1) can't be applied"),
        ("apiVersion: v1\nkind: Confgimap\nmetadata: {name: a}\n", "no matches for kind 'Confgimap' in version 'v1'"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n",
            "namespaces 'b' not found. Add a Name",
        ),
        ("a: 1\nb: [1\nc: 2\n", "k8s/a.yaml is not valid YAML: line 3, column 2"),
    ],
)
async def test_a_mistake_fails_at_once_with_its_file_and_line(tmp_path: Path, api: Api, text: str, words: str) -> None:
    """What no time will mend must be told at once, with the object, its file and line, and the API's words."""
    write(tmp_path, {"k8s/a.yaml": text})
    async with running(tmp_path, api, manifest("k8s")) as app:
        assert words in await failure(app)


async def test_several_refusals_are_all_told(tmp_path: Path, api: Api) -> None:
    """The error must tell one refusal and count the rest, which are in the log; what is sound is applied."""
    texts = [f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: {name}}}\n" for name in "bc"]
    good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
    write(tmp_path, {"k8s/a.yaml": "---\n".join([*texts, good])})
    async with running(tmp_path, api, manifest("k8s")) as app:
        assert "namespaces 'b' not found; 1 more object was refused, see its log" in await failure(app)
        assert any("namespaces 'c' not found" in line for line in lines(app))

    assert await api.get(config_map_ref("good")) is not None


async def test_the_time_limit_holds_for_applying_too(tmp_path: Path, api: Api) -> None:
    """A kind that does not come must be told when the time is up."""
    write(tmp_path, {"widget.yaml": widget("one")})
    declare = manifest("widget.yaml", timeout=0.2)
    async with running(tmp_path, api, declare) as app:
        assert "not applied within 0.2 s: Widget one: there is no kind Widget of example.com/v1" in await failure(app)


# The rollout


async def test_it_has_finished_when_its_workloads_are_up(tmp_path: Path, api: Api) -> None:
    """A manifest must be Running until its Deployment is rolled out, and say what it waits for."""
    ref = ObjectRef(DEPLOYMENT, "web", "default")
    async with running(tmp_path, api, manifest(deployment("web"))) as app:
        await until(lambda: any("Waiting for Deployment default/web: " in line for line in lines(app)), "it is told")
        assert app.snapshot("objects").state is State.RUNNING
        api.set_status(ref, observedGeneration=1, replicas=1, updatedReplicas=1, availableReplicas=1)
        await app.wait_for("objects", "completed")


async def test_a_pod_that_does_not_come_up_is_the_reason(tmp_path: Path, api: Api) -> None:
    """A time-out must say which workload, and why its pod is not ready."""
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "password" not found'}
    status = {"containerStatuses": [{"name": "web", "state": {"waiting": waiting}}]}
    spec = {"nodeName": "k8s", "containers": [{"name": "web", "image": "web:1"}]}
    metadata = {"name": "web-1", "namespace": "default", "labels": {"app": "web"}}
    api.put({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status})
    declare = manifest(deployment("web"), timeout=0.3)
    async with running(tmp_path, api, declare) as app:
        reason = await failure(app)

    assert "Deployment default/web" in reason
    assert "pod web-1: its container needs the Secret password, which does not exist" in reason


async def test_a_job_that_has_failed_ends_it_early(tmp_path: Path, api: Api) -> None:
    """What can't succeed any more must not be waited for."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}, "spec": {}}
    ref = ObjectRef(ObjectKind("batch/v1", "Job"), "migrate", "default")
    async with running(tmp_path, api, manifest(job)) as app:
        await until(lambda: any("Waiting for Job" in line for line in lines(app)), "the Job is waited for")
        failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "limit reached"}
        api.set_status(ref, conditions=[failed])
        assert "Job default/migrate: it has failed: " in await failure(app)


async def test_a_stop_ends_the_work_and_leaves_what_is_applied(tmp_path: Path, api: Api) -> None:
    """Stopping a manifest must end its wait at once; it removes nothing."""
    async with running(tmp_path, api, manifest(deployment("web"))) as app:
        await until(lambda: any("Waiting for Deployment" in line for line in lines(app)), "it is waited for")
        await app.command("objects", "stop")
        assert app.snapshot("objects").state is State.FINISHED

    assert await api.get(ObjectRef(DEPLOYMENT, "web", "default")) is not None


# What it no longer has


async def test_what_was_removed_from_the_files_goes_from_the_cluster(tmp_path: Path, api: Api) -> None:
    """An object that a manifest no longer has must be removed, those that it still has must stay."""
    write(tmp_path, {"k8s/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "k8s/b.yaml": ""})
    (tmp_path / "k8s/b.yaml").write_text((tmp_path / "k8s/a.yaml").read_text().replace("name: a", "name: b"))
    async with running(tmp_path, api, manifest("k8s")) as app:
        await app.wait_for("objects", "completed")
        (tmp_path / "k8s/b.yaml").unlink()
        await apply_again(app)
        assert "Removed ConfigMap default/b, which is no longer declared" in lines(app)

    assert await api.get(config_map_ref("a")) is not None
    assert await api.get(config_map_ref("b")) is None
    assert await inventories(api) == {"objects": {config_map_ref("a")}}


async def test_what_is_about_to_be_applied_is_recorded_before(tmp_path: Path, api: Api) -> None:
    """A run that ends in the middle must leave nothing that no record names, nor forget what was there."""
    write(tmp_path, {"k8s/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    async with running(tmp_path, api, manifest("k8s")) as app:
        await app.wait_for("objects", "completed")
        write(tmp_path, {"k8s/a.yaml": widget("one")})
        await app.command("objects", "restart")
        await until(lambda: any("there is no kind Widget" in line for line in lines(app)), "it is in the middle")

    assert await inventories(api) == {"objects": {config_map_ref("a"), ObjectRef(WIDGET, "one", "default")}}


async def test_what_others_have_is_never_removed(tmp_path: Path, api: Api) -> None:
    """An object that was recorded and never applied, or that another manifest has now, must stay."""
    foreign = config_map("foreign")
    foreign["metadata"]["namespace"] = "default"
    api.put(foreign)
    moved = config_map("moved")
    moved["metadata"] |= {"namespace": "default", "labels": {"dev.fairlead.resource": "objects"}}
    api.put(moved)
    await Inventory(api, "objects", "x").write([config_map_ref("foreign"), config_map_ref("moved")])
    await Inventory(api, "others", "x").write([config_map_ref("moved")])
    async with running(tmp_path, api, manifest(config_map("a"))) as app:
        await app.wait_for("objects", "completed")

    assert await api.get(config_map_ref("foreign")) is not None
    assert await api.get(config_map_ref("moved")) is not None


async def test_a_definition_goes_only_when_nobody_s_objects_go_with_it(tmp_path: Path, api: Api) -> None:
    """A definition that is no longer declared must stay as long as its kind has objects that others have created."""
    write(tmp_path, {"k8s/crd.yaml": WIDGETS, "k8s/own.yaml": widget("own"), "k8s/a.yaml": widget("a")})
    users = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "users", "namespace": "default"}}
    write(tmp_path, {"k8s/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    async with running(tmp_path, api, manifest("k8s")) as app:
        await app.wait_for("objects", "completed")
        api.put(users)
        (tmp_path / "k8s/crd.yaml").unlink()
        (tmp_path / "k8s/own.yaml").unlink()
        await apply_again(app)
        [kept] = [line for line in lines(app) if line.startswith("Kept")]
        assert "CustomResourceDefinition widgets.example.com, as there is Widget default/users" in kept
        assert await api.get(ObjectRef(WIDGET, "own", "default")) is None
        assert await api.get(DEFINITION) is not None

        await api.delete(ObjectRef.of(users))
        await apply_again(app)
        assert await api.get(DEFINITION) is None


async def test_claims_and_what_says_so_are_kept(tmp_path: Path, api: Api) -> None:
    """Data must never go because a line of a definition does; Helm's annotation keeps an object too."""
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}}
    kept = config_map("kept")
    kept["metadata"]["annotations"] = {"helm.sh/resource-policy": "keep"}
    objects = [claim, kept, config_map("a")]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "used"}}
    inside = config_map("inside")
    inside["metadata"]["namespace"] = "used"
    async with running(tmp_path, api, manifest([*objects, namespace])) as app:
        await app.wait_for("objects", "completed")
    api.put(inside)
    async with running(tmp_path, api, manifest(config_map("b"))) as app:
        await app.wait_for("objects", "completed")
        told = [line for line in lines(app) if line.startswith(("Kept", "Removed"))]

    assert told == [
        "Removed ConfigMap default/a, which is no longer declared",
        "Kept ConfigMap default/kept, as its annotation helm.sh/resource-policy says; "
        "'kubectl delete configmap kept -n default' deletes it",
        "Kept PersistentVolumeClaim default/data, which holds data; "
        "'kubectl delete persistentvolumeclaim data -n default' deletes it",
        "Kept Namespace used, as there is ConfigMap used/inside; 'kubectl delete namespace used' deletes all of it",
    ]
    assert await inventories(api) == {
        "objects": {config_map_ref("b"), ObjectRef(ObjectKind("v1", "Namespace"), "used")}
    }


async def test_a_record_that_can_not_be_read_is_named(tmp_path: Path, api: Api) -> None:
    """A record that somebody has changed must be told with what to do, and must not keep a cluster from starting."""
    record = config_map(Inventory(api, "objects", "x").ref.name, objects="{")
    record["metadata"] |= {"namespace": "kube-system", "labels": {"dev.fairlead.record": "manifest"}}
    api.put(record)
    async with running(tmp_path, api, manifest(config_map("a"))) as app:
        assert "can't be read. Delete it: kubectl delete configmap fairlead-manifest-objects" in await failure(app)

    async with testing(pruning(tmp_path, api), engine=FakeEngine()) as app:
        await app.wait_for("k8s", "running")
        assert any("is left, for the next start: ConfigMap kube-system/" in line for line in lines(app, "k8s"))


class PruningDriver(FakeClusterDriver):
    """Removes what manifests that are no longer declared have brought, as a cluster does when it is up."""

    async def start(self, context: DriverContext) -> None:
        await super().start(context)
        link = self._links.get(self._name)
        assert link is not None
        await prune_manifests(context, link, {"objects"})


class PruningCluster(FakeCluster):
    """A cluster in which only ``objects`` is declared."""

    driver = f"{__name__}:PruningDriver"


def pruning(folder: Path, api: KubernetesApi) -> Apphost:
    """An app whose cluster prunes."""

    def define(app: AppBuilder) -> None:
        app.add(PruningCluster("k8s", api))

    return Apphost(define, name="boat", file=folder / "apphost.py")


async def test_manifests_that_are_no_longer_declared_are_removed(tmp_path: Path, api: Api) -> None:
    """What a manifest has brought must go when the manifest has gone from the definition, and no more than that."""

    def declare(cluster: FakeCluster) -> None:
        cluster.add_k8s_manifest("objects", config_map("a"))
        cluster.add_k8s_manifest("old", config_map("b"))

    async with running(tmp_path, api, declare) as app:
        for name in ("objects", "old"):
            await app.wait_for(name, "completed")

    async with testing(pruning(tmp_path, api), engine=FakeEngine()) as app:
        await app.wait_for("k8s", "running")
        assert "The manifest old is no longer declared: removing what it has brought" in lines(app, "k8s")

    assert await api.get(config_map_ref("a")) is not None
    assert await api.get(config_map_ref("b")) is None
    assert await inventories(api) == {"objects": {config_map_ref("a")}}
