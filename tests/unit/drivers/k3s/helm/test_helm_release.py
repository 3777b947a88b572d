"""A release from its declaration to what is in the cluster, with a Helm and an API in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.fake_cluster import FakeCluster
from tests.support.helm import write_chart
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, ResourceFailed, State
from fairlead.drivers.k3s.helm import plan as helm_plan
from fairlead.engines.helm import Chart, HelmError, ReleaseSpec
from fairlead.engines.helm.records import ReleaseRecord, read_records
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.testing import FakeEngine, FakeHelm, FakeKubernetesApi, InMemory, Running, testing
from fairlead.testing.fakes.fake_helm import FakeChart

DEPLOYMENT = ObjectKind("apps/v1", "Deployment")
CONFIG_MAP = ObjectKind("v1", "ConfigMap")


def render(spec: ReleaseSpec) -> Iterator[dict[str, Any]]:
    """A Deployment, and a ConfigMap with the values as they are written in Python."""
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": spec.name}, "data": {"v": repr(spec.values)}}
    labels = {"app": spec.name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": spec.name},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
    }


class World:
    """A chart's folder, a cluster's API, and a Helm that has the chart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = write_chart(folder, "web")
        self.api = FakeKubernetesApi()
        self.helm = FakeHelm(self.api)
        self.chart: FakeChart = self.helm.add_chart(str(self.path), "1.0.0", render)

    @property
    def statuses(self) -> list[str]:
        """What became of the revisions of the release ``web``."""
        return [release.status for release in self.helm.revisions.get(("shop", "web"), [])]

    async def values(self) -> str:
        """The values that the release was given."""
        config = await self.api.get(ObjectRef(CONFIG_MAP, "web", "shop"))
        assert config is not None
        return str(config["data"]["v"])

    async def last(self) -> ReleaseRecord:
        """The last record of the release."""
        return (await read_records(self.api, name="web"))[-1]

    def set_pod(self, **status: Any) -> None:
        """Have the pod of the Deployment be in some state."""
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1", "namespace": "shop"}}
        pod["metadata"]["labels"] = {"app": "web"}  # type: ignore[index]
        spec = {"nodeName": "k8s", "containers": [{"name": "web", "image": "web:1"}]}
        self.api.put({**pod, "spec": spec, "status": status})

    def roll_out(self) -> None:
        """Have the Deployment be available."""
        counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 1)
        self.api.set_status(ObjectRef(DEPLOYMENT, "web", "shop"), observedGeneration=99, **counts)

    @asynccontextmanager
    async def running(self, **options: Any) -> AsyncIterator[Running]:
        """An app with the release ``web``, and ``after``, which waits for it."""

        def declare(cluster: FakeCluster, app: AppBuilder) -> None:
            release = cluster.add_helm_release("web", "./web", namespace="shop", **options)
            app.add(InMemory("after")).wait_for(release)

        async with self.declared(declare) as app:
            yield app

    @asynccontextmanager
    async def declared(self, declare: Callable[[FakeCluster, AppBuilder], Any]) -> AsyncIterator[Running]:
        """An app with a cluster, of which the test declares the rest."""

        def define(app: AppBuilder) -> None:
            declare(app.add(FakeCluster("k8s", self.api, self.helm)), app)

        async with testing(Apphost(define, name="boat", file=self.folder / "apphost.py"), engine=FakeEngine()) as app:
            yield app

    async def install(self, **labels: str) -> None:
        """Install the release as the app would, without having noted what it was made from."""
        spec = ReleaseSpec(name="web", namespace="shop", chart=Chart(str(self.path)), labels=labels)
        await self.helm.install(spec, lambda lines: None)

    async def break_off(self, operation: Callable[..., Any], **labels: str) -> None:
        """Have an operation begin, and its process be killed."""
        self.chart.rolled_out.clear()
        self.helm.killed = True
        begun = asyncio.Event()
        spec = ReleaseSpec(name="web", namespace="shop", chart=Chart(str(self.path)), labels=labels)
        task = asyncio.ensure_future(operation(spec, lambda lines: begun.set()))
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
        self.helm.killed = False
        self.chart.rolled_out.set()


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    return World(tmp_path)


def text(app: Running, name: str = "web") -> str:
    return "\n".join(line.text for line in app.logs(name))


async def test_a_release_is_installed_and_labelled(world: World) -> None:
    """It must be installed with its values, labelled as the app's, finish with 0, and only then start its waiters."""
    world.chart.rolled_out.clear()
    async with world.running(values={"a": 1}) as app:
        await app.wait_for("web", "running")
        await until(lambda: world.statuses == ["pending-install"], "it is being installed")
        assert app.snapshot("after").state is State.WAITING
        world.chart.rolled_out.set()
        snapshot = await app.wait_for("web", "completed")
        assert (snapshot.state, snapshot.exit_code) == (State.FINISHED, 0)
        assert dict(snapshot.properties)["revision"] == "1"
        await app.wait_healthy("after")
        assert "STATUS: deployed" in text(app)
        app_id = app.host.run.app_id
    record = await world.last()
    assert record.status == "deployed"
    assert (
        record.labels.items()
        >= {
            "app.kubernetes.io/managed-by": "fairlead",
            "dev.fairlead.app": app_id,
            "dev.fairlead.resource": "web",
        }.items()
    )
    assert await world.values() == "{'a': 1}"


async def test_what_has_not_changed_is_left_alone(world: World) -> None:
    """A second start must ask no Helm where nothing has changed, and upgrade where the chart, a value or a file has."""
    (world.folder / "values.yaml").write_text("b: 2\n")
    async with world.running(values={"a": 1}, values_files=["values.yaml"], wait=False) as app:
        await app.wait_for("web", "completed")
        opened = app.app["k8s"].helm_needs  # type: ignore[attr-defined]
        assert len(opened) == 1

        async def start_again() -> str:
            seen = len(app.logs("web"))
            await app.command("web", "start")
            await app.wait_for("web", "completed")
            return "\n".join(line.text for line in app.logs("web")[seen:])

        assert "Nothing has changed since revision 1" in await start_again()
        assert len(opened) == 1
        (world.folder / "values.yaml").write_text("b: 3\n")
        assert "Upgrading: this has changed: values" in await start_again()
        (world.path / "templates" / "more.yaml").write_text("# more\n")
        assert "Upgrading: this has changed: chart" in await start_again()
        assert "Nothing has changed since revision 3" in await start_again()
        assert await world.values() == "{'b': 3, 'a': 1}"


async def test_a_restart_upgrades_what_has_not_changed(world: World) -> None:
    """``restart`` must upgrade a release whatever has changed; a start with the restarted cluster must not."""
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        await app.command("web", "restart")
        await app.wait_for("web", "completed")
        assert world.statuses == ["superseded", "deployed"]
        await app.command("k8s", "restart")
        await until(lambda: app.snapshot("web").starts == 3, "it starts with its cluster")
        await app.wait_for("web", "completed")
        assert world.statuses == ["superseded", "deployed"]


async def test_what_is_left_alone_has_to_be_up(world: World) -> None:
    """A release that has not changed must finish once its workloads are up, and say until then what it waits for."""
    async with world.running() as app:
        await app.wait_for("web", "completed")
        await app.command("web", "start")
        await until(lambda: "Waiting for Deployment shop/web" in text(app), "it waits for the Deployment")
        assert dict(app.snapshot("web").properties)["progress"].startswith("Waiting for Deployment shop/web")
        world.roll_out()
        snapshot = await app.wait_for("web", "completed")
        assert "progress" not in dict(snapshot.properties)
        assert world.statuses == ["deployed"]


async def test_what_was_deleted_by_hand_is_brought_back(world: World) -> None:
    """A release whose Deployment is gone must be upgraded though nothing it is made from has changed."""
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        await world.api.delete(ObjectRef(DEPLOYMENT, "web", "shop"))
        await app.command("web", "start")
        await app.wait_for("web", "completed")
        assert "Upgrading, as it has lost Deployment shop/web" in text(app)
    assert world.statuses == ["superseded", "deployed"]


async def test_a_release_that_was_not_installed_by_fairlead_is_upgraded(world: World) -> None:
    """A release that a user has installed by hand must be upgraded to what is declared."""
    await world.install()
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        assert "what revision 1 was made from is not recorded" in text(app)
    assert world.statuses == ["superseded", "deployed"]


async def test_a_failed_release_is_upgraded(world: World) -> None:
    """A release whose last revision has failed must be upgraded."""
    world.chart.fails = "no"
    async with world.running(wait=False) as app:
        with pytest.raises(ResourceFailed):
            await app.wait_for("web", "completed")
        world.chart.fails = ""
        await app.command("web", "start")
        await app.wait_for("web", "completed")
        assert "Revision 1 has failed; upgrading it" in text(app)
    assert world.statuses == ["failed", "deployed"]


async def test_an_installation_that_was_cut_off_is_installed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that was left pending and never deployed must be uninstalled and installed, and the log say so."""
    monkeypatch.setattr(helm_plan, "FOREIGN_SECONDS", 0.0)
    await world.break_off(world.helm.install)
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        assert (
            "Revision 1 was left pending-install by an operation that did not end, and none was ever deployed; "
            "uninstalling it" in text(app)
        )
    assert world.statuses == ["deployed"]


async def test_an_upgrade_that_was_cut_off_is_rolled_back_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that was left pending must go back to its last deployed revision, and then be upgraded."""
    monkeypatch.setattr(helm_plan, "FOREIGN_SECONDS", 0.0)
    await world.install()
    await world.break_off(world.helm.upgrade)
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        assert "going back to revision 1" in text(app)
    assert world.statuses == ["superseded", "pending-upgrade", "superseded", "deployed"]


async def test_another_process_that_is_at_it_is_waited_for(world: World) -> None:
    """A release that another process may still be upgrading must be left to it until that has ended."""
    world.chart.rolled_out.clear()
    begun = asyncio.Event()
    spec = ReleaseSpec(name="web", namespace="shop", chart=Chart(str(world.path)))
    theirs = asyncio.ensure_future(world.helm.install(spec, lambda lines: begun.set()))
    await begun.wait()
    async with world.running(wait=False) as app:
        await until(lambda: "Waiting for another process that is at it" in text(app), "it waits")
        world.chart.rolled_out.set()
        await theirs
        await app.wait_for("web", "completed")
    assert world.statuses == ["superseded", "deployed"]


async def test_its_own_operation_is_recovered_at_once(world: World) -> None:
    """What the app itself has left pending must be recovered without waiting: one host of an app runs at a time."""
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        labels = {"dev.fairlead.app": app.host.run.app_id, "dev.fairlead.revision": "2"}
        await world.break_off(world.helm.upgrade, **labels)
        await app.command("web", "start")
        await app.wait_for("web", "completed")
        assert "Revision 2 was left pending-upgrade" in text(app)
    assert world.statuses[-1] == "deployed"


async def test_a_time_out_tells_the_reason_of_the_pod(world: World) -> None:
    """A release that is not rolled out in time must fail with the pod and its reason, and its waiters with it."""
    world.chart.rolled_out.clear()
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "web:1"'}}
    statuses = [{"name": "web", "image": "web:1", "ready": False, "state": waiting}]
    async with world.running(timeout=1) as app:
        await until(lambda: world.statuses == ["pending-install"], "it is being installed")
        world.set_pod(phase="Pending", containerStatuses=statuses)
        with pytest.raises(
            ResourceFailed, match=r"not rolled out within 1 s: Deployment shop/web: .*pod web-1: .*web:1"
        ):
            await app.wait_for("web", "completed")
        assert "pod web-1" in text(app), "and the log has told before what it waits for"
        with pytest.raises(ResourceFailed, match="web-1"):
            await app.wait_healthy("after")
    assert world.statuses == ["failed"]


def job(name: str, *conditions: dict[str, str]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop"}
    spec = {"selector": {"matchLabels": {"job": name}}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec} | (
        {"status": {"conditions": [*conditions]}} if conditions else {}
    )


async def test_a_hook_that_fails_is_told(world: World) -> None:
    """A release whose hook fails must say what became of its Job; hooks that are still to come must not matter."""
    world.chart.rolled_out.clear()
    world.chart.hooks = (job("before"), job("after"))
    failed = {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}
    async with world.running() as app:
        await until(lambda: "Waiting for Deployment shop/web" in text(app), "it waits for what is there")
        world.api.put(job("before", failed))
        world.chart.fails = "failed pre-install: job before failed"
        await app.command("web", "restart")
        with pytest.raises(
            ResourceFailed, match="failed pre-install: job before failed; Job shop/before: it has failed: Job has"
        ):
            await app.wait_for("web", "completed")


async def test_a_job_that_has_gone_is_not_missed(world: World) -> None:
    """A Job that was removed after its end must not have the release upgraded at each start."""
    world.helm.add_chart(str(world.path), "1.0.1", lambda spec: [job("once")])
    async with world.running() as app:
        await app.wait_for("web", "completed")
        await world.api.delete(ObjectRef(ObjectKind("batch/v1", "Job"), "once", "shop"))
        await app.command("web", "start")
        await app.wait_for("web", "completed")
        assert "Nothing has changed since revision 1" in text(app)


async def test_helm_s_own_words(world: World) -> None:
    """What Helm refuses must be told in its words."""
    world.chart.fails = "execution error at (web/templates/web.yaml:3:4): password is required"
    async with world.running(wait=False) as app:
        with pytest.raises(ResourceFailed, match=r"INSTALLATION FAILED: .*password is required"):
            await app.wait_for("web", "completed")


async def test_a_service_without_an_address(world: World) -> None:
    """Helm waits for the address of a LoadBalancer: where servicelb is left out, the error must say so."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "LoadBalancer"}}
    world.helm.add_chart(str(world.path), "1.0.1", lambda spec: [service], is_rolled_out=False)

    def declare(cluster: FakeCluster, app: AppBuilder) -> None:
        cluster.with_disabled_component("servicelb").add_helm_release("web", "./web", namespace="shop", timeout=1)

    async with world.declared(declare) as app:
        with pytest.raises(
            ResourceFailed, match=r"Service shop/web has no address .*with_disabled_component\(.servicelb"
        ):
            await app.wait_for("web", "completed")


async def test_stopping_it_in_the_middle_uninstalls_it(world: World) -> None:
    """``stop`` during the installation must end Helm and take back what it has installed."""
    world.chart.rolled_out.clear()
    async with world.running() as app:
        await until(lambda: world.statuses == ["pending-install"], "it is being installed")
        await app.command("web", "stop")
        assert world.statuses == []
        assert app.snapshot("web").state is State.FINISHED
        assert "Uninstalled the release web" in text(app)


async def test_stopping_it_afterwards_uninstalls_it(world: World) -> None:
    """``stop`` of a release that is deployed must uninstall it, and ``start`` install it again."""
    async with world.running(wait=False) as app:
        await app.wait_for("web", "completed")
        await app.command("web", "stop")
        assert world.statuses == []
        assert app.snapshot("web").stop_requested
        await app.command("web", "start")
        await app.wait_for("web", "completed")
        assert world.statuses == ["deployed"]


async def test_the_end_of_the_cluster_or_the_run_leaves_it(world: World) -> None:
    """A release must not be uninstalled with its cluster, nor when the run ends, also in the middle."""
    async with world.running() as app:
        await app.wait_for("web", "completed")
        await app.command("k8s", "stop")
        assert world.statuses == ["deployed"]
        world.chart.rolled_out.clear()
        (world.path / "templates" / "more.yaml").write_text("# more\n")
        await app.command("k8s", "start")
        await until(lambda: len(world.statuses) == 2, "it is being upgraded")
        await app.command("k8s", "stop")
    assert world.statuses == ["deployed", "failed"]


async def test_a_release_of_others_stays_when_it_is_stopped(world: World) -> None:
    """``stop`` must not uninstall what somebody else has installed under that name."""
    await world.install()
    world.chart.fails = "no"
    async with world.running(wait=False) as app:
        with pytest.raises(ResourceFailed):
            await app.wait_for("web", "completed")
        # the failed revision is the app's own, the one before is not
        await world.helm.rollback("web", "shop", 1, lambda lines: None)
        await app.command("web", "stop")
        assert "was not installed by this app, and stays" in text(app)
    assert world.statuses[-1] == "deployed"


async def test_a_namespace_that_is_not_there(world: World) -> None:
    """Without its namespace, which must not be created, a release must fail and say what to do."""
    async with world.running(create_namespace=False) as app:
        with pytest.raises(ResourceFailed, match="its namespace shop is not there"):
            await app.wait_for("web", "completed")
    assert world.helm.called == []


@pytest.mark.parametrize(
    ("chart", "options", "message"),
    [
        ("./none", {}, r"its chart \./none is not there: /.*/none"),
        ("./empty", {}, r"its chart \./empty has no Chart\.yaml"),
        ("./apphost.txt", {}, r"its chart \./apphost\.txt is a file, and no archive"),
        ("web", {}, "its chart 'web' has no repository"),
        ("bitnami/web", {}, "is in the repository 'bitnami', which Helm does not know"),
        ("./web", {"values_files": ["none.yaml"]}, r"its values file none\.yaml can't be read: No such file"),
        (
            "./web",
            {"values_files": ["bad.yaml"]},
            r"its values file bad\.yaml is no YAML: line 3, column 1: .*begins in line 2",
        ),
        ("./web", {"values_files": ["list.yaml"]}, r"its values file list\.yaml, line 1: values are a mapping"),
    ],
)
async def test_what_it_is_made_of_is_wrong(world: World, chart: str, options: dict[str, Any], message: str) -> None:
    """A chart or a values file that can't be had must fail the release with its path, and leave the rest running."""
    (world.folder / "empty").mkdir()
    (world.folder / "apphost.txt").write_text("")
    (world.folder / "bad.yaml").write_text("a: 1\nb: [1\n")
    (world.folder / "list.yaml").write_text("- 1\n")

    def declare(cluster: FakeCluster, app: AppBuilder) -> None:
        cluster.add_helm_release("web", chart, namespace="shop", **options)
        app.add(InMemory("other"))

    async with world.declared(declare) as app:
        with pytest.raises(ResourceFailed, match=message):
            await app.wait_for("web", "completed")
        await app.wait_healthy("other")
        assert app.snapshot("web").end_failure


async def test_values_from_resources_and_parameters(world: World) -> None:
    """Deferred values must be resolved for a pod, keep their place among others, and secret ones must be masked."""

    def declare(cluster: FakeCluster, app: AppBuilder) -> None:
        password = app.add_parameter("password", "s3cret-word", secret=True)
        api = app.add(InMemory("api")).with_endpoint("http")
        release = cluster.add_helm_release("web", "./web", namespace="shop", wait=False, values={"list": [1, password]})
        release.with_helm_value("api.port", api.endpoint("http").port).with_helm_value("on", "true")

    async with world.declared(declare) as app:
        await app.wait_for("web", "completed")
        app.host.run.logs.log("web").write("the word is s3cret-word")
        assert "the word is ***" in text(app)
        warning = "Warning: with_helm_value('on', 'true')"
        assert f"{warning}" in text(app)
        assert "gives the chart a text, not the truth value True" in text(app)
    values = await world.values()
    assert "'list': [1, 's3cret-word']" in values
    assert "'on': 'true'" in values


async def test_a_chart_of_a_repository(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart of an exact version must be fetched once, and be installed from the cache afterwards."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.folder / "cache"))
    world.helm.add_chart("nginx", "7.8.0", render)

    def declare(cluster: FakeCluster, app: AppBuilder) -> None:
        cluster.add_helm_release(
            "web", "nginx", repo="https://charts.invalid", version="7.8.0", namespace="shop", wait=False
        )

    for _ in range(2):
        async with world.declared(declare) as app:
            await app.wait_for("web", "completed")
            assert app.app["k8s"].helm_needs[0].addresses == ("https://charts.invalid",)  # type: ignore[attr-defined]
        await world.helm.uninstall("web", "shop")
    assert [name for name in world.helm.called if name != "uninstall"] == ["pull", "install", "install"]


async def test_the_newest_chart_without_a_network(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a version the newest chart must be asked for; where nobody answers, the one before must do."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(world.folder / "cache"))
    world.helm.add_chart("nginx", "1.0.0", render)

    def declare(cluster: FakeCluster, app: AppBuilder) -> None:
        cluster.add_helm_release("web", "nginx", repo="https://charts.invalid", namespace="shop", wait=False)

    async with world.declared(declare) as app:
        await app.wait_for("web", "completed")
    await world.helm.uninstall("web", "shop")
    monkeypatch.setattr(world.helm, "pull", _unreachable)
    async with world.declared(declare) as app:
        await app.wait_for("web", "completed")
        assert "can't be fetched, so nginx-1.0.0.tgz is used" in text(app)
    assert (await world.last()).status == "deployed"


async def _unreachable(*arguments: object) -> Path:
    raise HelmError("no route to host")
