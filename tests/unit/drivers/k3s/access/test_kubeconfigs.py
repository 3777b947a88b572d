"""Kubeconfigs of those who refer to a cluster: with the right address, for them alone, and always the newest."""

from __future__ import annotations

import itertools
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, DriverContext, State
from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.naming import object_name
from fairlead.drivers.k3s.access.connecting import kubeconfigs_for
from fairlead.drivers.k3s.access.kubeconfigs import deliver, write_own
from fairlead.model.endpoints.consumer import Network
from fairlead.resources.k3s import K3sCluster
from fairlead.testing import FakeEngine, Running, testing
from fairlead.testing.fakes.fake_container import FakeFile, Process

IN_CONTAINER = "/var/run/fairlead/dev-cluster/kubeconfig"


def kubeconfig_with(key: str) -> dict[str, Any]:
    """A kubeconfig as k3s writes it for itself."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "default", "cluster": {"server": "https://127.0.0.1:6443"}}],
        "users": [{"name": "default", "user": {"client-key-data": key}}],
        "contexts": [{"name": "default", "context": {"cluster": "default", "user": "default"}}],
        "current-context": "default",
    }


class HandingOverDriver(ContainerDriver):
    """Runs the container of a server, and hands over kubeconfigs with other credentials at each start."""

    keys: ClassVar[Iterator[int]]

    async def start(self, context: DriverContext) -> None:
        """Start the container, and give each consumer its kubeconfig."""
        await super().start(context)
        key = f"key {next(self.keys)}"
        found = kubeconfigs_for(kubeconfig_with(key), context.resource.name, context.host_port("api"))
        write_own(context, context.resource.name, found)
        for consumer in context.consumers:
            await deliver(context, self.engine, consumer, context.resource.name, found[consumer.network])


class HandingOverCluster(K3sCluster):
    """A cluster of which there are only the kubeconfigs."""

    driver = f"{__name__}:HandingOverDriver"


async def lasts(process: Process) -> None:
    process.traps_term = True
    await process.term.wait()


@asynccontextmanager
async def running(folder: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """An app with a process and a container that refer to a cluster."""
    monkeypatch.setattr(HandingOverDriver, "keys", itertools.count(1), raising=False)
    engine.add_image("rancher/k3s:v1.36.0-k3s1", lasts)
    engine.add_image("box:1", lasts, user="1000:1000")

    def define(app: AppBuilder) -> None:
        cluster = app.add(HandingOverCluster("Dev_Cluster"))
        app.add_executable("tool", "sleep", ".", "1000").with_reference(cluster)
        app.add_container("box", "box:1").with_reference(cluster)

    async with testing(Apphost(define, name="boat", file=folder / "apphost.py"), engine=engine) as app:
        for name in ("tool", "box"):
            await app.wait_for(name, "running")
        yield app


def told(text: str) -> tuple[str, str]:
    """The address and the key of a kubeconfig."""
    content = yaml.safe_load(text)
    return content["clusters"][0]["cluster"]["server"], content["users"][0]["user"]["client-key-data"]


def test_each_network_has_its_address() -> None:
    """This machine must use its loopback and the cluster's port, containers and pods the node's name and k3s's port."""
    found = kubeconfigs_for(kubeconfig_with("key"), "Dev_Cluster", 41234)
    assert {network: told(yaml.safe_dump(dict(content)))[0] for network, content in found.items()} == {
        Network.HOST: "https://127.0.0.1:41234",
        Network.CONTAINER: "https://dev-cluster:6443",
        Network.POD: "https://dev-cluster:6443",
    }
    assert {content["current-context"] for content in found.values()} == {"Dev_Cluster"}


async def test_consumers_get_new_credentials_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process must have a file of its own outside the repository, a container a copy; both follow a new cluster."""
    engine = FakeEngine()
    async with running(tmp_path, engine, monkeypatch) as app:
        path = Path(app.environment("tool")["KUBECONFIG"])
        api = app.endpoint("Dev_Cluster", "api")
        box = engine.container(object_name(app.host.run.app_id, "box"))

        def of_container() -> FakeFile:
            return box.process.files[IN_CONTAINER]

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not path.is_relative_to(tmp_path)
        assert told(path.read_text()) == (api.replace("localhost", "127.0.0.1"), "key 1")
        before = of_container()
        assert told(before.content.decode()) == ("https://dev-cluster:6443", "key 1")
        assert (before.user, before.group, before.mode) == (1000, 1000, 0o600)

        await app.command("Dev_Cluster", "restart")
        await until(lambda: app.snapshot("Dev_Cluster").starts == 2, "it starts again")
        await app.wait_for("Dev_Cluster", "running")
        assert told(path.read_text())[1] == "key 2"
        assert of_container() == before._replace(content=of_container().content)
        assert told(of_container().content.decode())[1] == "key 2"
        assert app.snapshot("box").state is State.RUNNING and app.snapshot("box").starts == 1


async def test_a_consumer_waits_for_its_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference alone must hold a consumer back until its kubeconfig is there, and say so."""
    async with running(tmp_path, FakeEngine(), monkeypatch) as app:
        lines = [line.text for name in ("tool", "box") for line in app.logs(name)]
        for name in ("tool", "box"):
            assert f"Waiting for the value of Dev_Cluster.kubeconfig-of-{name}" in lines
