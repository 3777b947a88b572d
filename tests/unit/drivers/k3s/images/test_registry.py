"""How the nodes of a cluster and other tools are told of its registry."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
import yaml
from tests.support.fake_containerd import node
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, DriverContext, State
from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.images import PresentImage
from fairlead.drivers.containers.network import AppNetwork
from fairlead.drivers.containers.spec import Additions
from fairlead.drivers.k3s.images.registry import REGISTRIES_FILE, announce_registry, registry_files
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import ApiRefusal, ObjectKind, ObjectRef
from fairlead.resources.k3s import K3sCluster
from fairlead.testing import FakeEngine, FakeKubernetesApi, testing
from fairlead.testing.fakes.fake_container import Process

K3S = "rancher/k3s:v1.36.0-k3s1"
HOSTING = ObjectRef(ObjectKind("v1", "ConfigMap"), "local-registry-hosting", "kube-public")


class RegistryClusterDriver(ContainerDriver):
    """Runs the container of a server that is told of its registry, and announces that."""

    api: ClassVar[FakeKubernetesApi]

    async def additions(self, image: PresentImage, network: AppNetwork) -> Additions:
        """The files for the registry."""
        return Additions(files=registry_files(self.context, self._cluster))

    async def start(self, context: DriverContext) -> None:
        """Start the container, and announce the registry."""
        await super().start(context)
        context.spawn(announce_registry(context, ClusterLink("k8s", self.api, self.engine, {}, "", {})))

    @property
    def _cluster(self) -> K3sCluster:
        assert isinstance(self.context.resource, K3sCluster)
        return self.context.resource


class RegistryCluster(K3sCluster):
    """A cluster of which there is what it knows of its registry."""

    driver = f"{__name__}:RegistryClusterDriver"


@pytest.fixture(name="api")
def _api(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetesApi:
    api = FakeKubernetesApi()
    monkeypatch.setattr(RegistryClusterDriver, "api", api, raising=False)
    return api


@pytest.fixture(name="engine")
def _engine() -> FakeEngine:
    engine = FakeEngine()
    engine.add_image(K3S, node)
    engine.add_image("registry:2", serves)
    return engine


async def serves(process: Process) -> None:
    """A registry."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    process.listen(5000, answer)
    process.traps_term = True
    await process.term.wait()


def define(app: AppBuilder) -> None:
    app.add(RegistryCluster("k8s")).with_registry("My_Registry", port=None)


async def test_nodes_pull_from_the_registry_by_all_its_names(engine: FakeEngine, api: FakeKubernetesApi) -> None:
    """What was pushed to a port of this machine must be pulled from the registry's name on the network."""
    async with testing(Apphost(define, "boat", "apphost.py"), engine=engine) as app:
        await app.wait_for("k8s", "running")
        await app.wait_for("My_Registry", "healthy")
        port = app.endpoint("My_Registry").rpartition(":")[2]
        files = engine.container(f"{app.host.run.app_id}-k8s").process.files
        endpoint = {"endpoint": ["http://my-registry:5000"]}
        assert yaml.safe_load(files[REGISTRIES_FILE].content) == {
            "mirrors": {f"localhost:{port}": endpoint, f"127.0.0.1:{port}": endpoint, "my-registry:5000": endpoint}
        }


async def test_other_tools_find_the_registry(engine: FakeEngine, api: FakeKubernetesApi) -> None:
    """The ConfigMap of KEP-1755 must be there as soon as its namespace is."""
    async with testing(Apphost(define, "boat", "apphost.py"), engine=engine) as app:
        await until(lambda: "apply" in api.called, "it is tried")
        api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-public"}})
        listed = await api.list(HOSTING.kind, namespace="kube-public")
        if not listed.items:
            await anext(api.watch(HOSTING.kind, listed.resource_version, namespace="kube-public"))
        config = await api.get(HOSTING)
        assert config is not None
        port = app.endpoint("My_Registry").rpartition(":")[2]
        assert yaml.safe_load(config["data"]["localRegistryHosting.v1"]) == {
            "host": f"localhost:{port}",
            "hostFromContainerRuntime": "my-registry:5000",
            "hostFromClusterNetwork": "my-registry:5000",
        }


async def test_a_cluster_that_takes_no_announcement(engine: FakeEngine, api: FakeKubernetesApi) -> None:
    """A refusal must be said in the log, and be no reason to fail."""
    api.refusals["apply"] = ApiRefusal("admission denied it")
    async with testing(Apphost(define, "boat", "apphost.py"), engine=engine) as app:
        text = "The registry can't be announced to other tools: admission denied it"
        await until(lambda: text in [line.text for line in app.logs("k8s")], "the line")
        assert app.snapshot("k8s").state is State.RUNNING


async def test_a_cluster_without_a_registry(engine: FakeEngine, api: FakeKubernetesApi) -> None:
    """Nothing must be written or announced where there is no registry."""

    def without(app: AppBuilder) -> None:
        app.add(RegistryCluster("k8s"))

    async with testing(Apphost(without, "boat", "apphost.py"), engine=engine) as app:
        await app.wait_for("k8s", "running")
        assert REGISTRIES_FILE not in engine.container(f"{app.host.run.app_id}-k8s").process.files
    assert api.called == []
