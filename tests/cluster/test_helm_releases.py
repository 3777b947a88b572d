"""Releases in a real cluster by the real Helm: what only these can show."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.cluster import COMING_UP, Cluster, run
from tests.support.fake_cluster import FakeCluster
from tests.support.helm import DEPLOYMENT, HELM_IMAGE, network_of, write_chart
from tests.support.waiting import until_seen

from fairlead import AppBuilder, Apphost, ResourceFailed
from fairlead.engines.helm.records import SECRET, ReleaseRecord, read_records
from fairlead.engines.kube import KubernetesApi, ObjectKind, ObjectRef
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import parse, point_at
from fairlead.model.endpoints.consumer import Network
from fairlead.testing import Running, testing

pytestmark = pytest.mark.k3s

BUSYBOX = "busybox:1.35"
PATIENCE = 120.0
CONFIG_MAP = ObjectKind("v1", "ConfigMap")


@pytest.fixture(scope="module")
def busybox(cluster: Cluster, image: Callable[[str], str]) -> None:
    """The image of the pods, in the cluster."""
    image(HELM_IMAGE)
    cluster.bring([image(BUSYBOX)])


@pytest.fixture
async def api(cluster: Cluster, busybox: None) -> AsyncIterator[KubernetesApi]:
    """The API of the tests' cluster, with all rights."""
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    api = await connect(parse(cluster.write_kubeconfig().read_text()))
    yield api
    await api.close()


class Scope:
    """A namespace of a test's own, with one release called ``web`` in it."""

    def __init__(self, folder: Path, cluster: Cluster, api: KubernetesApi) -> None:
        self.folder = folder
        self.api = api
        self.namespace = f"release-{uuid.uuid4().hex[:8]}"
        self._network, address = network_of(cluster)
        outside = parse(cluster.write_kubeconfig().read_text())
        inside = point_at(outside, f"https://{address}:6443", name="k8s")
        self._kubeconfigs = {Network.HOST: outside, Network.CONTAINER: inside}

    @asynccontextmanager
    async def running(self, runner: str = "container", **options: Any) -> AsyncIterator[Running]:
        """An app with the release of ``./web``."""

        def define(app: AppBuilder) -> None:
            cluster = FakeCluster("k8s", self.api, network=self._network, kubeconfigs=self._kubeconfigs)
            release = app.add(cluster).add_helm_release("web", "./web", namespace=self.namespace, **options)
            release.with_helm_runner(runner)  # type: ignore[arg-type]

        async with testing(Apphost(define, name="boat", file=self.folder / "apphost.py")) as app:
            yield app

    async def records(self) -> list[ReleaseRecord]:
        return await read_records(self.api, namespace=self.namespace, name="web")

    async def statuses(self) -> list[str]:
        return [record.status for record in await self.records()]

    async def until_status(self, *statuses: str) -> None:
        """Wait until the revisions have these statuses."""
        version = (await self.api.list(SECRET, namespace=self.namespace)).resource_version
        changes = self.api.watch(SECRET, version, namespace=self.namespace)
        async with asyncio.timeout(PATIENCE), aclosing(changes):
            while await self.statuses() != [*statuses]:
                await anext(changes)


@pytest.fixture
async def scope(tmp_path: Path, cluster: Cluster, api: KubernetesApi) -> AsyncIterator[Scope]:
    scope = Scope(tmp_path, cluster, api)
    yield scope
    await api.delete(ObjectRef(ObjectKind("v1", "Namespace"), scope.namespace))


def text(app: Running, name: str = "web") -> str:
    return "\n".join(line.text for line in app.logs(name))


async def test_a_release_is_skipped_restarted_and_stopped(scope: Scope) -> None:
    """A release must be left alone where nothing has changed, be upgraded on restart, and be uninstalled by stop."""
    write_chart(scope.folder, "web", "1.0.0", DEPLOYMENT)
    async with scope.running(values={"image": BUSYBOX, "odd": ["1.10", True, None]}, timeout=PATIENCE) as app:
        await app.wait_for("web", "completed", PATIENCE)
        await app.command("web", "start")
        await app.wait_for("web", "completed", PATIENCE)
        assert "Nothing has changed since revision 1" in text(app)
        config = await scope.api.get(ObjectRef(CONFIG_MAP, "web", scope.namespace))
        assert config is not None
        assert yaml.safe_load(config["data"]["values"])["odd"] == ["1.10", True, None]
        await app.command("web", "restart")
        await app.wait_for("web", "completed", PATIENCE)
        assert await scope.statuses() == ["superseded", "deployed"]
        await app.command("web", "stop")
        assert await scope.statuses() == []
        assert await scope.api.get(ObjectRef(CONFIG_MAP, "web", scope.namespace)) is None


async def test_a_chart_that_never_becomes_ready(scope: Scope) -> None:
    """A release whose pod is not ready must time out with the pod and its reason, and say so while it waits."""
    write_chart(scope.folder, "web", "1.0.0", DEPLOYMENT)
    values = {"image": BUSYBOX, "probe": "echo no database; exit 3"}
    why = r"Deployment release-\w+/web: .*pod web-\w+-\w+: .*readiness probe.*no database"
    async with scope.running(values=values, timeout=8) as app:
        with pytest.raises(ResourceFailed, match=f"not rolled out within 8 s: {why}"):
            await app.wait_for("web", "completed", PATIENCE)
        assert f"Waiting for Deployment {scope.namespace}/web: 0 of 1 pod available; pod web-" in text(app)
    assert await scope.statuses() == ["failed"]


async def test_an_upgrade_that_was_killed_is_recovered(scope: Scope) -> None:
    """An upgrade whose Helm was killed must leave the release pending, and the next start go back and upgrade it."""
    chart = write_chart(scope.folder, "web", "1.0.0", DEPLOYMENT)
    async with scope.running(values={"image": BUSYBOX}, timeout=PATIENCE) as app:
        await app.wait_for("web", "completed", PATIENCE)
        (chart / "values.yaml").write_text(yaml.safe_dump({"name": "web", "command": "exit 3"}))
        await app.command("web", "start")
        await scope.until_status("deployed", "pending-upgrade")
        label = f"label=dev.fairlead.run={app.host.run.run_id}"
        (helm,) = run("docker", "ps", "--quiet", "--filter", label, "--filter", f"ancestor={HELM_IMAGE}").split()
        run("docker", "kill", helm)
        with pytest.raises(ResourceFailed):
            await app.wait_for("web", "completed", PATIENCE)
        assert await scope.statuses() == ["deployed", "pending-upgrade"]
        (chart / "values.yaml").write_text(yaml.safe_dump({"name": "web", "command": "sleep 100001"}))
        await app.command("web", "start")
        await app.wait_for("web", "completed", PATIENCE)
        assert "Revision 2 was left pending-upgrade by an operation that did not end; going back to revision 1" in text(
            app
        )
    assert await scope.statuses() == ["superseded", "pending-upgrade", "superseded", "deployed"]


async def test_the_helm_of_this_machine(
    scope: Scope, helm: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the host's runner, Helm of this machine must install it, and build what it depends on outside the chart."""
    monkeypatch.setenv("PATH", f"{helm.parent}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HELM_KUBEAPISERVER", "https://127.0.0.1:1")  # another cluster's
    write_chart(scope.folder, "common")
    common = {"name": "common", "version": "1.0.0", "repository": "file://../common"}
    chart = write_chart(scope.folder, "web", dependencies=[common])
    async with scope.running("host", values={"common": {"name": "from-common"}}) as app:
        await app.wait_for("web", "completed", PATIENCE)
    assert await scope.api.get(ObjectRef(CONFIG_MAP, "from-common", scope.namespace)) is not None
    assert not (chart / "charts").exists()
