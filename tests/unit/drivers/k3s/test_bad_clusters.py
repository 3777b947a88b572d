"""Clusters that can't come up: each says why and what to do, and the rest of the app goes on."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.support.waiting import until

from fairlead import AppBuilder, Apphost, K3sCluster, Snapshot, State
from fairlead.drivers.containers.files import FileContent, archive, first_file
from fairlead.drivers.k3s.nodes.workarounds import RESOLV_CONF
from fairlead.engines.containers import ContainerSpec, NetworkInfo
from fairlead.engines.docker.errors import explain
from fairlead.errors import EngineError
from fairlead.testing import FakeEngine, Running, testing
from fairlead.testing.fakes.fake_container import Process

K3S = "rancher/k3s:v1.36.0-k3s1"
GIB = 1 << 30


class Engine(FakeEngine):
    """An engine whose networks have a range of addresses, and that may forbid privileged containers.

    Attributes:
        forbids: What it says of a privileged container; empty where it allows them.
    """

    forbids = ""

    async def ensure_network(self, name: str, labels: Mapping[str, str], *, subnet: str | None = None) -> NetworkInfo:
        """A network of that name, created if it is missing."""
        return replace(await super().ensure_network(name, labels, subnet=subnet), subnets=("172.20.0.0/16",))

    async def create(self, spec: ContainerSpec) -> str:
        """Create a container, unless it is forbidden."""
        if self.forbids and "--privileged" in spec.options:
            raise explain(EngineError(self.forbids), f"the container '{spec.name}' can't be created")
        return await super().create(spec)


async def lasts(process: Process) -> None:
    await asyncio.Event().wait()


def ends_with(*lines: str) -> Callable[[Process], Any]:
    """A k3s that writes some lines and ends."""

    async def program(process: Process) -> int:
        for line in lines:
            process.print(line)
        return 1

    return program


def engine_with(k3s: Callable[[Process], Any] = lasts) -> Engine:
    engine = Engine()
    engine.add_image(K3S, k3s)
    engine.add_image("box:1", lasts)
    return engine


@asynccontextmanager
async def running(
    engine: Engine, say: Callable[[K3sCluster], Any] = lambda k8s: None, **given: Any
) -> AsyncIterator[Running]:
    """An app with a cluster, a container that waits for it, and one that has nothing to do with it."""

    def define(app: AppBuilder) -> None:
        cluster = app.add_k3s_cluster("k8s", **given)
        say(cluster)
        app.add_container("other", "box:1")
        app.add_container("consumer", "box:1").wait_for(cluster)

    async with testing(Apphost(define, name="shop", file="apphost.py"), engine=engine) as app:
        yield app


async def seen(app: Running, state: State) -> Snapshot:
    """The cluster when it has come to a state, while the rest of the app is as it should be."""
    await until(lambda: app.snapshot("k8s").state is state, f"the cluster is {state}")
    await app.wait_for("other", "running")
    return app.snapshot("k8s")


async def failed(app: Running) -> str:
    """Why the cluster could not be started; what waits for it must have failed with it, and nothing else."""
    cluster = await seen(app, State.FAILED_TO_START)
    await until(lambda: app.snapshot("consumer").state is State.FAILED_TO_START, "the consumer has failed")
    assert "k8s" in app.snapshot("consumer").reason
    return cluster.reason


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            ('level=fatal msg="unknown flag: --bogus"',),
            "this version of k3s does not know the flag --bogus. Correct with_extra_arg() or with_agent_arg().",
        ),
        (('level=fatal msg="the moon is full"',), "the moon is full"),
        (("all is well",), ""),
    ],
)
async def test_k3s_ends(lines: tuple[str, ...], reason: str) -> None:
    """A cluster whose server ends must say why, as far as its log tells."""
    async with running(engine_with(ends_with("Starting k3s", *lines))) as app:
        cluster = await seen(app, State.EXITED)
        assert (cluster.exit_code, cluster.reason) == (1, reason)


@pytest.mark.parametrize("code", [0, 137, 143])
async def test_a_cluster_that_others_end(code: int) -> None:
    """A node that was asked to end, or killed, must not be given a reason that its log happens to have."""

    async def ended(process: Process) -> int:
        process.print('E1126 09:57:18.9 30 run.go:72] "Unhandled" err="odd"')
        return code

    async with running(engine_with(ended)) as app:
        cluster = await seen(app, State.EXITED)
        assert (cluster.exit_code, cluster.reason) == (code, "")


async def test_k3s_ends_while_its_images_are_loaded() -> None:
    """The reason must be that of k3s, and not that nothing can be loaded into a container which has ended."""
    ends = asyncio.Event()

    async def k3s(process: Process) -> int:
        if process.args[0] == "ctr":
            ends.set()
            return 1
        await ends.wait()
        process.print('level=fatal msg="the moon is full"')
        return 1

    engine = engine_with(k3s)
    engine.delays["wait"] = 1.0  # it is told of the end after what is run inside
    async with running(engine, lambda k8s: k8s.load_image("box:1")) as app:
        cluster = await seen(app, State.EXITED)
        assert (cluster.exit_code, cluster.reason) == (1, "the moon is full")


@pytest.mark.parametrize(
    ("words", "reason", "remedy"),
    [
        (
            "authorization denied by plugin policy: no privileged containers here",
            "the engine's authorization plugin policy forbids it: no privileged containers here",
            "Ask whoever runs the engine to allow it",
        ),
        (
            "Privileged containers are not allowed",
            "the engine allows no privileged containers",
            "Use an engine that allows privileged containers",
        ),
    ],
)
async def test_no_privileged_containers(words: str, reason: str, remedy: str) -> None:
    """An engine that forbids what a node needs must be quoted, with a way out."""
    engine = engine_with()
    engine.forbids = words
    async with running(engine) as app:
        said = await failed(app)
        assert reason in said
        assert remedy in said


async def test_an_image_that_no_registry_has() -> None:
    """A version of which there is no image must fail with the image's name."""
    async with running(engine_with(), lambda k8s: k8s.with_k3s_version("v9.9.9-k3s9")) as app:
        assert "rancher/k3s:v9.9.9-k3s9" in await failed(app)


async def test_a_subnet_that_the_nodes_network_has() -> None:
    """A range of pods that the app's network has must fail before there is a node, with one that is free."""
    engine = engine_with()
    async with running(engine, lambda k8s: k8s.with_pod_subnet("172.20.16.0/20")) as app:
        reason = await failed(app)
        assert "the range 172.20.16.0/20 of its pods overlaps 172.20.0.0/16, which the app's network has" in reason
        assert 'Choose another range: with_pod_subnet("10.52.0.0/16").' in reason
        names = [container.name for container in await engine.containers({})]
        assert not any("k8s" in name for name in names)


async def test_a_machine_that_no_node_starts_on() -> None:
    """Control groups without which a kubelet ends must fail the start, with what to do."""
    engine = engine_with()
    engine.machine = replace(engine.machine, is_rootless=True, limits=frozenset({"memory"}))
    async with running(engine) as app:
        reason = await failed(app)
        assert "the engine can't limit pids of containers, without which a node does not start" in reason
        assert "Delegate its control groups" in reason


async def test_a_machine_with_little_memory() -> None:
    """What may or may not be a problem must be said in the log, and be a suspicion when the node ends."""
    engine = engine_with(ends_with('level=fatal msg="odd"'))
    engine.machine = replace(engine.machine, memory=GIB // 2)
    async with running(engine) as app:
        cluster = await seen(app, State.EXITED)
        lines = [line.text for line in app.logs("k8s")]
        said = "the engine has 512 MiB of memory, and a node needs 768 MiB before any pod"
        assert any(f"{said[0].upper()}{said[1:]}. Give the engine's machine more" in line for line in lines)
        assert cluster.reason.startswith(f"odd; perhaps because {said}. Give the engine's machine more")


async def test_a_port_in_use() -> None:
    """A port that another process has must fail the cluster with that process's name."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with running(engine_with(), api_server_port=port) as app:
            reason = await failed(app)
            assert f"port {port} of this machine is taken by" in reason
            assert "choose another port" in reason


@pytest.mark.parametrize("version", [1, 2])
async def test_what_the_engine_makes_necessary(version: int) -> None:
    """Nodes must be created as the engine's machine needs them, agents as well as the server (D-01, D-30)."""
    engine = engine_with()
    engine.machine = replace(engine.machine, cgroup_version=version)
    async with running(engine, agent_count=1, say=lambda k8s: k8s.with_container_runtime_args("--memory=2g")) as app:
        await app.wait_for("k8s-agent-0", "running")
        nodes = [engine.container(found.name).spec for found in await engine.containers({}) if "k8s" in found.name]
        assert len(nodes) == 2
        for spec in nodes:
            arguments = spec.command or ()
            assert ("--kubelet-arg=fail-cgroupv1=false" in arguments) == (version == 1)
            assert {"--privileged", "--cgroupns=private", "--tmpfs=/run", "--tmpfs=/var/run"} <= {*spec.options}
        server = next(spec for spec in nodes if (spec.command or ("",))[0] == "server")
        assert f"--kubelet-arg=system-reserved=memory={14 * GIB}" in (server.command or ())
        assert engine.called.count("facts") == 1, "one look does for all nodes"


async def test_name_servers_of_an_engine_elsewhere() -> None:
    """Of an engine that does not run here nodes must learn the name servers from their own container."""
    engine = engine_with()
    notes = FileContent("/etc/resolv.conf", b"nameserver 127.0.0.11\n# ExtServers: [host(192.168.65.7)]\n", 0o644)

    async def starts(container: str) -> None:
        await engine.put_archive(container, archive([notes], 0, 0))
        await Engine.start(engine, container)

    engine.start = starts  # type: ignore[method-assign]
    async with running(engine) as app:
        await seen(app, State.RUNNING)
        (node,) = [found.name for found in await engine.containers({}) if "k8s" in found.name]
        assert engine.container(node).spec.env["K3S_RESOLV_CONF"] == RESOLV_CONF
        assert first_file(await engine.get_archive(node, RESOLV_CONF)) == b"nameserver 192.168.65.7\n"
