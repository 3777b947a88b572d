"""The containers of a cluster's nodes, as they are created: who they are, what they hold, and who can reach them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fairlead import AppBuilder, Apphost, K3sCluster
from fairlead.drivers.containers.naming import FIELDS, RESOURCE, object_name
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.nodes.former_agents import former_agents
from fairlead.engines.containers import ContainerInfo, ContainerSpec
from fairlead.testing import FakeEngine, FakeKubernetesApi, testing
from fairlead.testing.fakes.fake_container import Process


async def lasts(process: Process) -> None:
    process.traps_term = True
    await process.term.wait()


@asynccontextmanager
async def nodes(
    say: Callable[[K3sCluster], Any] = lambda k8s: None,
) -> AsyncIterator[tuple[ContainerSpec, ContainerSpec]]:
    """The containers of a server and an agent, of which some things are said."""
    engine = FakeEngine()
    engine.add_image("rancher/k3s:v1.36.0-k3s1", lasts)

    def define(app: AppBuilder) -> None:
        say(app.add_k3s_cluster("Dev_Cluster", agent_count=1))

    async with testing(Apphost(define, name="boat", file="apphost.py"), engine=engine) as app:
        await asyncio.gather(*(app.wait_for(name, "running") for name in ("Dev_Cluster", "Dev_Cluster-agent-0")))
        names = (object_name(app.host.run.app_id, name) for name in ("Dev_Cluster", "Dev_Cluster-agent-0"))
        server, agent = (engine.container(name).spec for name in names)
        yield server, agent


async def test_who_a_node_is_does_not_depend_on_its_container() -> None:
    """Host name and node name must be the resource's, and an agent must know its server by that and the token."""
    async with nodes() as (server, agent):
        assert "--hostname=dev-cluster" in server.options
        assert "--hostname=dev-cluster-agent-0" in agent.options
        assert "dev-cluster" in server.aliases
        assert agent.env["K3S_URL"] == "https://dev-cluster:6443"
        assert agent.env["K3S_TOKEN"] == server.env["K3S_TOKEN"]
        assert len(server.env["K3S_TOKEN"]) >= 32


async def test_nothing_of_this_machine_is_mounted() -> None:
    """With an engine elsewhere nodes must be the same: what they hold are volumes, and files that are copied."""
    async with nodes() as (server, agent):
        assert (server.mounts, agent.mounts) == ((), ())
        assert (server.entrypoint, agent.entrypoint) == (None, None)
    async with nodes(lambda k8s: k8s.with_data_volume()) as (server, agent):
        kinds = {(mount.kind, mount.target) for node in (server, agent) for mount in node.mounts}
        assert kinds == {("volume", "/var/lib/rancher/k3s"), ("volume", "/etc/rancher/node")}


async def test_only_what_is_external_is_reached_from_elsewhere() -> None:
    """The API, endpoints and spare ports must be on loopback; an endpoint elsewhere only if the definition says so."""

    def say(k8s: K3sCluster) -> None:
        k8s.add_service_endpoint("inner", "web", 80)
        k8s.add_service_endpoint("outer", "web", 80, external=True)

    async with nodes(say) as (server, agent):
        hosts = sorted(port.host_ip for port in server.ports)
        assert hosts == ["0.0.0.0"] + ["127.0.0.1"] * 12  # the API, the inner one, and 8 + 2 spare ones
        assert agent.ports == ()


async def test_each_option_is_told_apart() -> None:
    """When a kept node is created anew, the option that has changed must be what its log names."""
    async with nodes(lambda k8s: k8s.with_extra_arg("--kubelet-arg=max-pods=50")) as (server, _):
        parts = json.loads(server.labels[FIELDS])
        assert {"image", "argument --kubelet-arg", "argument --tls-san", "variable K3S_TOKEN"} <= {*parts}
        assert "arguments" not in parts


async def test_mounts_are_shared_with_pods() -> None:
    """A pod whose volume asks for ``Bidirectional`` mounts needs a node whose root is a shared mount."""
    shared = asyncio.Event()

    async def node(process: Process) -> int | None:
        if process.args[:1] == ("mount",):
            assert process.args == ("mount", "--make-rshared", "/")
            shared.set()
            return 0
        await lasts(process)
        return None

    engine = FakeEngine()
    engine.add_image("rancher/k3s:v1.36.0-k3s1", node)

    def define(app: AppBuilder) -> None:
        app.add_k3s_cluster("k8s")

    async with testing(Apphost(define, name="boat", file="apphost.py"), engine=engine), asyncio.timeout(40):
        await shared.wait()


def test_only_agents_that_are_not_declared_are_former_ones() -> None:
    """Other containers that stay, and agents of other clusters, must be left alone."""
    names = ("k8s", "k8s-agent-0", "k8s-agent-1", "k9-agent-1", "k8s-agent-x", "pg")
    containers = [
        ContainerInfo(id=name, name=name, image="", image_id="", labels={RESOURCE: name}, state="running")
        for name in names
    ]
    found = former_agents(containers, "k8s", ["k8s", "k8s-agent-0", "other"])
    assert [name for name, _ in found] == ["k8s-agent-1"]


async def test_a_cluster_finds_its_server_whatever_it_is_called() -> None:
    """Containers are known by their nodes' names, which a cluster's own name need not be."""
    link = ClusterLink("Dev_Cluster", FakeKubernetesApi(), FakeEngine(), {"dev-cluster": "1"}, "net", {})
    assert link.server == "1"
