"""Hosts that are killed at random leave nothing, on engines with and without faults: a part of ``make soak``."""

from __future__ import annotations

import asyncio

import pytest
from tests.engines.bench import Bench
from tests.support.kills import attempt

# A few of what `make soak` does at random.
SEEDS = {"docker": range(6), "podman": range(20, 23)}
AT_ONCE = 3


@pytest.mark.timeout(600)
async def test_killed_hosts_leave_nothing(real: Bench) -> None:
    """Whatever is killed when, nothing may be left ten seconds after the engine answers normally again."""
    slots = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt(seed, real.engine, slots)) for seed in SEEDS[real.kind]]
    attempts = [task.result() for task in tasks]
    for made in attempts:
        print(f"seed {made.kill.seed}: {made.kill}: {made.outcome}")
    failed = [made for made in attempts if made.outcome.problems]
    assert not failed, "\n".join(f"{made.outcome}\n{made.explain()}" for made in failed)
