"""Releases that are no longer declared in a cluster that stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.fake_cluster import FakeCluster, FakeClusterDriver
from tests.support.helm import render_chart, write_chart

from fairlead import AppBuilder, Apphost
from fairlead.drivers.k3s.helm.prune import prune_releases
from fairlead.drivers.k3s.own_labels import app_labels
from fairlead.engines.helm import Chart, HelmError, ReleaseSpec
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.testing import FakeEngine, FakeHelm, FakeKubernetesApi, testing


class PruningDriver(FakeClusterDriver):
    """Uninstalls what is no longer declared, as a cluster does when it is up."""

    async def start(self, context: DriverContext) -> None:
        await super().start(context)
        cluster = context.resource
        assert isinstance(cluster, PruningCluster)
        assert isinstance(cluster.helm, FakeHelm)
        await cluster.prepare(context.app_id)
        link = self._links.get(self._name)
        assert link is not None
        declared = [child for child in cluster.children if isinstance(child, HelmRelease)]
        await prune_releases(context, link, declared)


class PruningCluster(FakeCluster):
    """A cluster in which an earlier run has installed something."""

    driver = f"{__name__}:PruningDriver"

    async def prepare(self, app_id: str) -> None:
        """Install what the earlier run has left."""
        assert isinstance(self.helm, FakeHelm)
        self.helm.add_chart("web", "1.0.0", render_chart)
        for namespace, name, labels in (
            ("shop", "web", app_labels(app_id)),
            ("shop", "old", app_labels(app_id)),
            ("elsewhere", "web", app_labels(app_id)),
            ("shop", "of-others", app_labels("other")),
            ("shop", "by-hand", {}),
        ):
            values = {"name": f"config-{name}"}
            spec = ReleaseSpec(name=name, namespace=namespace, chart=Chart("web"), values=values, labels=labels)
            await self.helm.install(spec, lambda lines: None)
        self.helm.called.clear()


async def run(folder: Path, helm: FakeHelm, api: FakeKubernetesApi, declare: Callable[[FakeCluster], object]) -> str:
    """Run the app once; the log of its cluster."""

    def define(app: AppBuilder) -> None:
        declare(app.add(PruningCluster("k8s", api, helm)))

    async with testing(Apphost(define, "boat", folder / "apphost.py"), engine=FakeEngine()) as app:
        await app.wait_healthy("k8s")
        for child in app.app["k8s"].children:
            if isinstance(child, HelmRelease):
                await app.wait_for(child.name, "completed")
        return "\n".join(line.text for line in app.logs("k8s"))


async def test_what_is_no_longer_declared_is_uninstalled(tmp_path: Path) -> None:
    """Releases of the app that are gone from the definition, or have moved, must go; those of others must stay."""
    api = FakeKubernetesApi()
    helm = FakeHelm(api)
    chart = write_chart(tmp_path)
    helm.add_chart(str(chart), "1.0.0", render_chart)

    def declare(cluster: FakeCluster) -> None:
        cluster.add_helm_release("web", "./web", namespace="shop", wait=False)

    log = await run(tmp_path, helm, api, declare)
    assert {*helm.revisions} == {("shop", "web"), ("shop", "of-others"), ("shop", "by-hand")}
    assert "Uninstalling the release old in shop, which is not declared any more" in log
    assert "Uninstalling the release web in elsewhere" in log


async def test_a_cluster_comes_up_though_helm_refuses(tmp_path: Path) -> None:
    """What can't be uninstalled must be told in the cluster's log, and not keep it from coming up."""

    class RefusingHelm(FakeHelm):
        async def uninstall(self, name: str, namespace: str, *, wait_seconds: float | None = 600.0) -> bool:
            raise HelmError("a hook has failed")

    api = FakeKubernetesApi()
    log = await run(tmp_path, RefusingHelm(api), api, lambda cluster: None)
    assert "A release that is not declared any more is left in the cluster: a hook has failed" in log
