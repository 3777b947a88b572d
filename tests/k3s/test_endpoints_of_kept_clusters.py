"""A persistent cluster over runs: its endpoints come and go, and over its data it is the same with new containers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.app_with_cluster import KUBECTL_IMAGE
from tests.support.cluster import COMING_UP, K3S_IMAGE, authority_of, run
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, Lifetime, State
from fairlead.drivers.containers.engine import remove_app
from fairlead.engines.docker import connect
from fairlead.engines.services.http_status import http_status
from fairlead.resources.k3s.server import SPARE_PORTS
from fairlead.runtime.host import Host
from fairlead.testing import Running

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]
PATIENCE = 60.0


class Harbour:
    """An app file with a persistent cluster of two nodes, whose endpoints are others from run to run.

    Each endpoint leads to the API. Those who refer to the cluster see it in their own ways.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def apphost(self, *names: str) -> Apphost:
        def define(app: AppBuilder) -> None:
            k8s = (
                app.add_k3s_cluster("Dev_Cluster", agent_count=1).with_lifetime(Lifetime.PERSISTENT).with_data_volume()
            )
            for component in ("traefik", "metrics-server", "local-storage", "servicelb"):
                k8s.with_disabled_component(component)
            for name in names:
                k8s.add_service_endpoint(name, "kubernetes", "https", scheme="https")
            tool = app.add_container("tool", KUBECTL_IMAGE, stop_timeout=0.1).with_entrypoint("sleep", "1000")
            tool.with_reference(k8s)
            app.add_executable("program", "sleep", ".", "1000").with_reference(k8s)

        return Apphost(define, "harbour", self.folder / "apphost.py")

    @property
    def app_id(self) -> str:
        return self.apphost().build().id

    @asynccontextmanager
    async def run(self, *names: str) -> AsyncIterator[Running]:
        """A run as ``fairlead run`` makes it, with the endpoints of these names."""
        host = await Host.open(self.apphost(*names).build())
        try:
            await host.start()
            yield Running(host)
        finally:
            await host.close()

    def services(self) -> list[str]:
        """The Services of Fairlead's own in the cluster."""
        selected = ("--selector=app.kubernetes.io/managed-by=fairlead", "--output=name")
        return run("docker", "exec", f"{self.app_id}-dev-cluster", "kubectl", "get", "services", *selected).split()


@dataclass(frozen=True)
class Seen:
    """What those who refer to the cluster see, by which it is told from another of its name."""

    nodes: dict[str, str]
    objects: str
    authority: str

    @classmethod
    async def of(cls, app: Running) -> Seen:
        """What they see now; objects as the container lists them, which must be root's business alone."""
        await app.wait_healthy("tool", COMING_UP)
        file = Path(app.environment("program")["KUBECONFIG"])
        assert file.stat().st_mode & 0o777 == 0o600
        assert in_tool(app, "stat", "-c", "%a", "/var/run/fairlead/dev-cluster/kubeconfig") == "600"
        items = json.loads(in_tool(app, "kubectl", "get", "nodes", "-o", "json"))["items"]
        nodes = {node["metadata"]["name"]: node["metadata"]["uid"] for node in items}
        return cls(nodes, in_tool(app, "kubectl", "get", "configmaps", "-o", "name"), authority_of(file))


def in_tool(app: Running, *command: str) -> str:
    """What a command says in the container that refers to the cluster."""
    return run("docker", "exec", dict(app.snapshot("tool").properties)["container"], *command)


@pytest.fixture
async def harbour(tmp_path: Path, short_folder: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Harbour]:
    """A checkout of its own, of which nothing is left at the end."""
    for name, place in (("STATE_HOME", tmp_path / "s"), ("CONFIG_HOME", tmp_path / "c"), ("RUNTIME_DIR", short_folder)):
        monkeypatch.setenv(f"XDG_{name}", str(place))
    here = Harbour(tmp_path)
    yield here
    engine = await connect()
    try:
        await remove_app(engine, here.app_id, here.app_id, volumes=True)
    finally:
        await engine.close()


async def test_endpoints_come_and_go_while_the_cluster_stays(harbour: Harbour, image: Callable[[str], str]) -> None:
    """Added endpoints must work without a new container until spare ports are used up; then a restart must help.

    Over its data the cluster with new containers must be the same: no node may be added or refused, objects stay, and
    running consumers keep their access.
    """
    for reference in (K3S_IMAGE, KUBECTL_IMAGE):
        image(reference)
    async with harbour.run("first") as app:
        await app.wait_healthy("first", timeout=COMING_UP)
        container, address = container_of(app), app.endpoint("first")
    assert await http_status(f"{address}/version", PATIENCE, verify=False) == 401  # no host runs, and it answers

    more = [f"e{number}" for number in range(SPARE_PORTS["tcp"])]
    async with harbour.run("first", *more, "last") as app:
        for name in ("first", *more):
            await app.wait_healthy(name, timeout=PATIENCE)
            assert await http_status(f"{app.endpoint(name)}/version", PATIENCE, verify=False) == 401
        assert (container_of(app), app.endpoint("first")) == (container, address)
        await until(lambda: app.snapshot("last").state is State.FAILED_TO_START, "no port is left", within=PATIENCE)
        assert "Restart the cluster: fairlead restart Dev_Cluster." in app.snapshot("last").reason
    assert len(harbour.services()) == 1 + len(more)

    async with harbour.run("first", "new", "last") as app:
        await app.wait_healthy("new", timeout=PATIENCE)  # has the port of one that is gone
        assert container_of(app) == container
        assert sorted(harbour.services()) == ["service/fairlead-first", "service/fairlead-new"]
        await app.wait_healthy("tool", COMING_UP)
        in_tool(app, "kubectl", "create", "configmap", "kept", "--from-literal=a=b")
        before = await Seen.of(app)
        assert sorted(before.nodes) == ["dev-cluster", "dev-cluster-agent-0"]
        assert "configmap/kept" in before.objects
        await app.command("Dev_Cluster", "restart")
        await app.wait_healthy("last", timeout=COMING_UP)
        await app.wait_healthy("first", timeout=PATIENCE)
        assert container_of(app) != container
        assert app.endpoint("first") == address
        assert await Seen.of(app) == before


def container_of(app: Running) -> str:
    return dict(app.snapshot("Dev_Cluster").properties)["container"]
