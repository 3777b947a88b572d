"""Keeping the DNS of a cluster right, with a fake engine and a fake cluster."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from tests.support.waiting import PATIENCE, until

from fairlead import AppBuilder, Apphost, DriverContext, State
from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.network import network_of
from fairlead.drivers.k3s.access.names import keep_names, tell
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.engines.kube import ApiRefusal, Object, ObjectKind, ObjectRef
from fairlead.resources.k3s import K3sCluster
from fairlead.testing import FakeEngine, FakeKubernetesApi, Running, testing
from fairlead.testing.fakes.fake_container import Process

CONFIG = ObjectRef(ObjectKind("v1", "ConfigMap"), "coredns-custom", "kube-system")
DNS_POD = ObjectRef(ObjectKind("v1", "Pod"), "coredns-1", "kube-system")
K3S = "rancher/k3s:v1.36.0-k3s1"
BLOCK = "cache:53 {\n}\n"


class NamesDriver(ContainerDriver):
    """Runs the container of a cluster, and of the cluster nothing but its DNS."""

    api: ClassVar[FakeKubernetesApi]

    async def start(self, context: DriverContext) -> None:
        """Start the container, and keep names."""
        await super().start(context)
        network = await network_of(context)
        link = ClusterLink("k8s", self.api, self.engine, {"k8s": self._id}, network.name, {})
        context.spawn(keep_names(context, link), "names")


class NamesCluster(K3sCluster):
    """A cluster that is not brought up."""

    driver = f"{__name__}:NamesDriver"


@pytest.fixture(name="api")
def _api(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetesApi:
    api = FakeKubernetesApi()
    monkeypatch.setattr(NamesDriver, "api", api, raising=False)
    return api


class ManyAddresses(FakeEngine):
    """An engine that gives a container another address at each of its starts."""

    def __init__(self, *images: str) -> None:
        super().__init__()
        self._last = 1
        for image in images:
            self.add_image(image, lasts)

    async def start(self, container: str) -> None:
        """Start a container."""
        self._last += 1
        found = self.container(container)
        found.networks = dict.fromkeys(found.networks, f"172.18.0.{self._last}")
        await super().start(container)

    def address_of(self, app: Running, resource: str) -> str:
        """Where the container of a resource is now."""
        return str(*self.container(f"{app.host.run.app_id}-{resource}").networks.values())


async def start_again(app: Running, name: str) -> None:
    """Start a resource that was stopped, and return when it runs."""
    await app.command(name, "start")
    await until(lambda: app.snapshot(name).state is State.RUNNING, f"{name} runs")


async def lasts(process: Process) -> None:
    process.traps_term = True
    await process.term.wait()


def dns_pod(*, node: str | None) -> Object:
    """A pod of CoreDNS; without a node it has not begun."""
    metadata = {"name": DNS_POD.name, "namespace": DNS_POD.namespace, "labels": {"k8s-app": "kube-dns"}}
    spec = {"containers": [{"name": "coredns"}], **({"nodeName": node} if node else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


async def until_hosts(api: FakeKubernetesApi, *expected: str) -> None:
    """Return when the hosts file has these lines beside those of the cluster and this machine."""
    async with asyncio.timeout(PATIENCE):
        known = await api.list(CONFIG.kind, namespace=CONFIG.namespace)
        if any(lines_of(config) == expected for config in known.items):
            return
        async for event in api.watch(CONFIG.kind, known.resource_version, namespace=CONFIG.namespace):
            if lines_of(event.object) == expected:
                return


def lines_of(config: Object) -> tuple[str, ...]:
    lines = config["data"]["fairlead.hosts"].splitlines()
    return tuple(line for line in lines if not line.endswith((" k8s", " host.docker.internal")))


def cluster_and_cache(app: AppBuilder) -> None:
    app.add(NamesCluster("k8s"))
    app.add_container("cache", "redis:7")


async def test_names_follow_the_containers(api: FakeKubernetesApi) -> None:
    """A container must be known at the address it has now, also after it was created anew, and not when it is down."""
    engine = ManyAddresses("redis:7", K3S)
    async with testing(Apphost(cluster_and_cache, "boat", "apphost.py"), engine=engine) as app:
        await app.wait_for("cache", "running")
        first = engine.address_of(app, "cache")
        await until_hosts(api, f"{first} cache")

        await app.command("cache", "stop")
        await until_hosts(api)

        await start_again(app, "cache")
        second = engine.address_of(app, "cache")
        assert second != first
        await until_hosts(api, f"{second} cache")


async def test_names_come_right_after_the_cluster_was_away(api: FakeKubernetesApi) -> None:
    """A change while the API does not answer must be made up for when it does."""
    engine = ManyAddresses("redis:7", K3S)
    async with testing(Apphost(cluster_and_cache, "boat", "apphost.py"), engine=engine) as app:
        await app.wait_for("cache", "running")
        await until_hosts(api, f"{engine.address_of(app, 'cache')} cache")
        api.go_away()
        await app.command("cache", "stop")
        await start_again(app, "cache")
        api.come_back()
        await until_hosts(api, f"{engine.address_of(app, 'cache')} cache")


async def test_a_refusal_is_said_once(api: FakeKubernetesApi) -> None:
    """A cluster that refuses the ConfigMap must get a line in its log, once, and the run must go on."""
    api.refusals["apply"] = ApiRefusal("admission denied it")
    engine = ManyAddresses("redis:7", K3S)
    async with testing(Apphost(cluster_and_cache, "boat", "apphost.py"), engine=engine) as app:
        await app.wait_for("cache", "running")
        await app.command("cache", "stop")
        await until(lambda: api.called.count("apply") > 1, "a second try")
        lines = [line.text for line in app.logs("k8s") if "admission denied it" in line.text]
        assert lines == ["Pods may not find the app's resources by their names: admission denied it"]
        assert app.snapshot("k8s").state is State.RUNNING


async def test_a_cluster_without_a_dns_says_so(api: FakeKubernetesApi) -> None:
    """Where CoreDNS is disabled, the log must say that names are missing, and nothing must be applied."""

    def define(app: AppBuilder) -> None:
        app.add(NamesCluster("k8s")).with_disabled_component("coredns")

    async with testing(Apphost(define, "boat", "apphost.py"), engine=ManyAddresses(K3S)) as app:
        await app.wait_for("k8s", "running")
        text = "Pods can't find the app's resources by their names: its CoreDNS is disabled"
        await until(lambda: text in [line.text for line in app.logs("k8s")], "the line")
    assert api.called == []


async def test_keys_of_others_stay(api: FakeKubernetesApi) -> None:
    """Keys that the user has in the same ConfigMap must stay, also when manifests of the app apply it again."""
    own = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": CONFIG.name, "namespace": CONFIG.namespace}}
    await api.apply({**own, "data": {"own.server": "x"}}, manager="fairlead")
    await tell(api, BLOCK, "172.18.0.3 cache\n")
    await api.apply({**own, "data": {"own.override": "y"}}, manager="fairlead")

    config = await api.get(CONFIG)
    assert config is not None
    assert config["data"] == {
        "own.override": "y",
        "fairlead.server": BLOCK,
        "fairlead.hosts": "172.18.0.3 cache\n",
    }


async def test_a_dns_that_runs_learns_new_addresses_at_once(api: FakeKubernetesApi) -> None:
    """A pod of CoreDNS must be touched for new addresses, started anew for new names, and left alone otherwise."""
    await tell(api, BLOCK, "172.18.0.3 cache\n")
    api.put(dns_pod(node="k8s"))

    await tell(api, BLOCK, "172.18.0.3 cache\n")
    pod = await api.get(DNS_POD)
    assert pod is not None
    assert "annotations" not in pod["metadata"]

    await tell(api, BLOCK, "172.18.0.4 cache\n")
    pod = await api.get(DNS_POD)
    assert pod is not None
    assert list(pod["metadata"]["annotations"]) == ["dev.fairlead/names"]

    await tell(api, "pg:53 {\n}\n", "172.18.0.4 cache\n")
    assert await api.get(DNS_POD) is None


async def test_a_dns_that_has_not_begun_is_left_alone(api: FakeKubernetesApi) -> None:
    """A pod without a node finds everything when it begins, so it must not be deleted."""
    api.put(dns_pod(node=None))
    await tell(api, BLOCK, "172.18.0.3 cache\n")
    assert await api.get(DNS_POD) is not None
