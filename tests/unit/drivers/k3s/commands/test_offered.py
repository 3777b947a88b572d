"""The commands of a cluster in a run, on an engine in memory in which its API never answers."""

from __future__ import annotations

import asyncio
import stat
import tarfile
from pathlib import Path

import pytest

from fairlead import AppBuilder, FairleadError, State, apphost
from fairlead.testing import FakeEngine, Running, testing
from fairlead.testing.fakes.fake_container import Process

IMAGE = "rancher/k3s:v1.36.0-k3s1"


@apphost
def shop(app: AppBuilder) -> None:
    app.add_k3s_cluster("k8s", agent_count=1).with_data_volume("data")


async def k3s(process: Process) -> None:
    process.print("Starting k3s")
    await asyncio.Event().wait()


def engine_with_k3s() -> FakeEngine:
    """An engine that has the image."""
    engine = FakeEngine()
    engine.add_image(IMAGE, k3s)
    return engine


async def nodes_of(engine: FakeEngine) -> set[str]:
    """The ids of the nodes' containers."""
    return {container.id for container in await engine.containers({})}


async def up(app: Running) -> None:
    """Wait until the server and the agent run."""
    for name in ("k8s", "k8s-agent-0"):
        await app.wait_for(name, "running")


async def test_a_reset_leaves_no_container_and_no_volume_of_before() -> None:
    """Server and agents must start afresh, in the same run."""
    engine = engine_with_k3s()
    async with testing(shop, engine=engine) as app:
        await up(app)
        before = await nodes_of(engine)

        answer = await app.command("k8s", "reset")
        await app.host.run.bus.wait_until(
            lambda: all(
                app.snapshot(name).starts == 2 and app.snapshot(name).state is State.RUNNING
                for name in ("k8s", "k8s-agent-0")
            ),
            ["k8s", "k8s-agent-0"],
        )

        assert answer == "It starts afresh"
        assert not before & await nodes_of(engine)
        assert engine.called.count("remove_volume") == 4  # data and identity, of two nodes


async def test_diagnostics_are_a_file_that_others_can_not_read() -> None:
    """Also while the API does not answer, which is when they are needed."""
    async with testing(shop, engine=engine_with_k3s()) as app:
        await up(app)

        answer = await app.command("k8s", "diagnostics")

        path = Path(str(answer).removeprefix("The diagnostics are in "))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with tarfile.open(path) as tar:
            names = {Path(name).relative_to(path.name.removesuffix(".tar.gz")).as_posix() for name in tar.getnames()}
        assert names == {
            "engine.json",
            *(f"nodes/{node}.{kind}" for node in ("k8s", "k8s-agent-0") for kind in ("json", "log")),
        }


async def test_a_workload_can_not_be_restarted_before_the_api_answers() -> None:
    """It must be said, and what to do."""
    async with testing(shop, engine=engine_with_k3s()) as app:
        await up(app)

        with pytest.raises(FairleadError, match="its API does not answer yet"):
            await app.command("k8s", "restart-workload", {"workload": "web"})
