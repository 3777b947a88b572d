"""Nothing of a run is left in the engine when its host was killed."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import uuid
from pathlib import Path

from tests.engines.bench import Bench, until_gone
from tests.processes.marked import processes_with, runs
from tests.support.waiting import PATIENCE, until_seen

from fairlead.engines.containers import ContainerSpec
from fairlead.engines.watchdog.guard import Guard

REPOSITORY = Path(__file__).parent.parent.parent
HOSTS = int(os.environ.get("FAIRLEAD_KILLED_HOSTS", "2"))
"""Hosts that are killed at random moments on each engine; more of them for a longer search."""


def labels(run_id: str, lifetime: str = "session") -> dict[str, str]:
    return {"dev.fairlead.run": run_id, "dev.fairlead.lifetime": lifetime}


async def left(bench: Bench, run_id: str) -> list[str]:
    """The run's session objects."""
    mine = labels(run_id)
    containers = [info.name for info in await bench.engine.containers(mine)]
    return containers + [network.name for network in await bench.engine.networks(mine)]


async def test_a_killed_host_leaves_nothing_in_the_engine(real: Bench) -> None:
    """Whenever a host is killed, with creates and starts under way, its objects must be gone ten seconds later."""
    await asyncio.gather(*(kill_at_random(real, seed) for seed in range(HOSTS)))
    kept = sorted(info.name for info in await real.engine.containers(real.labels))
    assert kept == sorted(real.name(f"{seed}-persistent") for seed in range(HOSTS))


async def kill_at_random(bench: Bench, seed: int) -> None:
    run_id = f"run-{uuid.uuid4().hex}"
    delay = random.Random(f"{bench.kind} {seed}").uniform(0, 1.5)
    print(f"seed {seed}: killed {delay:.3f} s after the first create")
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engines.doomed_host", bench.engine.address, run_id, bench.run, str(seed)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert host.stdout is not None
    try:
        assert await host.stdout.readline() == b"creating\n"
        await asyncio.sleep(delay)  # the random moment
    finally:
        host.kill()
        await host.communicate()

    async def one() -> None:
        await bench.engine.remove(await bench.start("exec sleep 1000", f"one-{seed}"))

    await until_gone(lambda: left(bench, run_id), one)
    await until_seen(lambda: not processes_with(FAIRLEAD_WATCHDOG=run_id), "the watchdog has ended")
    assert await left(bench, run_id) == []


async def test_a_clean_end_removes_what_was_forgotten(real: Bench) -> None:
    """Closing the guard must remove the run's objects that are left, and be quick where there are none."""
    run_id = f"run-{uuid.uuid4().hex}"
    guard = await Guard.start("test-app", run_id)
    try:
        await make_and_forget(real, guard, run_id)
    finally:
        await guard.close()
    async with asyncio.timeout(PATIENCE):
        while await left(real, run_id):  # noqa: ASYNC110  (another process removes it)
            await asyncio.sleep(0.1)


async def make_and_forget(real: Bench, guard: Guard, run_id: str) -> None:
    guard.watch_engine(real.engine.address)
    network = await real.engine.ensure_network(real.name("net"), {**real.labels, **labels(run_id)})
    spec = ContainerSpec(
        name=real.name(),
        image="busybox:1.35",
        command=("sleep", "1000"),
        labels={**real.labels, **labels(run_id)},
        network=network.name,
    )
    await real.engine.start(await real.engine.create(spec))


async def test_an_engine_that_is_gone_keeps_nobody_waiting(tmp_path: Path) -> None:
    """At a clean end without the engine, the watchdog must end at once, and not look for it as long as it can."""
    guard = await Guard.start("test-app", f"run-{uuid.uuid4().hex}")
    guard.watch_engine(f"unix://{tmp_path}/no-engine.sock")
    pid = guard.watchdog_pid
    assert pid is not None
    await guard.close()
    await until_seen(lambda: not runs(pid), "the watchdog has ended", within=15)
