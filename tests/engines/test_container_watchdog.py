"""Nothing of a run is left in the engine when its host was killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
import time
import uuid
from pathlib import Path

import psutil
from tests.engines.bench import Bench
from tests.support.waiting import until

from fairlead.engines.containers import ContainerSpec
from fairlead.engines.guard import Guard

REPOSITORY = Path(__file__).parent.parent.parent
GONE_WITHIN = 10.0
"""Seconds after the host's death; the promise, for an engine that starts and removes a container within one second."""
HOSTS = int(os.environ.get("FAIRLEAD_KILLED_HOSTS", "2"))
"""Hosts that are killed at random moments on each engine; more of them for a longer search."""


def labels(run_id: str, lifetime: str = "session") -> dict[str, str]:
    return {"dev.fairlead.run": run_id, "dev.fairlead.lifetime": lifetime}


async def left(bench: Bench, run_id: str) -> list[str]:
    """The run's session objects."""
    mine = labels(run_id)
    containers = [info.name for info in await bench.engine.containers(mine)]
    return containers + [network.name for network in await bench.engine.networks(mine)]


async def until_nothing_is_left(bench: Bench, run_id: str, within: float = GONE_WITHIN) -> None:
    async with asyncio.timeout(within):
        while await left(bench, run_id):  # noqa: ASYNC110  (another process removes them)
            await asyncio.sleep(0.1)


async def test_a_killed_host_leaves_nothing_in_the_engine(real: Bench) -> None:
    """Whenever a host is killed, with creates and starts under way, its objects must be gone ten seconds later."""
    within = GONE_WITHIN * max(1.0, await seconds_for_one(real))
    await asyncio.gather(*(kill_at_random(real, seed, within) for seed in range(HOSTS)))
    kept = sorted(info.name for info in await real.engine.containers(real.labels))
    assert kept == sorted(real.name(f"{seed}-persistent") for seed in range(HOSTS))


async def seconds_for_one(bench: Bench) -> float:
    """How long this engine takes here and now to start a container and to remove it."""
    begin = time.monotonic()
    await bench.engine.remove(await bench.start("exec sleep 1000"))
    return time.monotonic() - begin


async def kill_at_random(bench: Bench, seed: int, within: float) -> None:
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
        await host.wait()
    await until_nothing_is_left(bench, run_id, within)
    await until(lambda: not watchdogs(run_id), "the watchdog has ended", within=40)
    assert await left(bench, run_id) == []


def watchdogs(run_id: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("FAIRLEAD_WATCHDOG") == run_id:
                found.append(process.pid)
    return found


async def test_a_clean_end_removes_what_was_forgotten(real: Bench) -> None:
    """Closing the guard must remove the run's objects that are left, and be quick where there are none."""
    run_id = f"run-{uuid.uuid4().hex}"
    guard = await Guard.start("test-app", run_id)
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
    await guard.close()
    await until_nothing_is_left(real, run_id)


async def test_an_engine_that_is_gone_keeps_nobody_waiting(tmp_path: Path) -> None:
    """At a clean end without the engine, the watchdog must end at once."""
    guard = await Guard.start("test-app", f"run-{uuid.uuid4().hex}")
    guard.watch_engine(f"unix://{tmp_path}/no-engine.sock")
    pid = guard.watchdog_pid
    assert pid is not None
    async with asyncio.timeout(4):
        await guard.close()
    assert not psutil.pid_exists(pid)
