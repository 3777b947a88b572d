"""Kills hosts at random moments, on working engines and on bad ones, and tells what they leave: ``make soak``.

Takes about a quarter of an hour on two cores. A failure prints what is known of it, and how to make that attempt again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import statistics
import sys
import time
from collections.abc import Sequence

from tests.support.kills import GONE_WITHIN, Attempt, attempt
from tests.support.podman import podman_address

from fairlead.engines.docker import connect

DOCKER = "unix:///var/run/docker.sock"


async def soak(name: str, address: str, seeds: Sequence[int], at_once: int, deadline: float) -> list[Attempt]:
    """Make one attempt for each seed on an engine; none is begun after the deadline."""
    engine = await connect({"DOCKER_HOST": address})
    slots = asyncio.Semaphore(at_once)
    attempts: list[Attempt] = []

    async def one(seed: int) -> None:
        async with room:
            if time.monotonic() > deadline:
                return
            made = await attempt(seed, engine, slots)
        attempts.append(made)
        print(f"{name} {len(attempts)}/{len(seeds)} seed {seed}: {made.kill}: {made.outcome}", flush=True)
        if made.outcome.problems:
            print(made.explain(), flush=True)
            print(f"again: python -m tests.soak --{name} 1 --seed {seed}", flush=True)

    room = asyncio.Semaphore(4 * at_once)  # with those whose watchdogs wait; networks are few
    try:
        async with asyncio.TaskGroup() as group:
            for seed in seeds:
                group.create_task(one(seed))
    finally:
        await engine.close()
    return attempts


async def main(docker: int, podman: int, first: int, at_once: int, minutes: float) -> int:
    """Make the attempts, engine by engine, and print how they went; the exit code."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):  # or hosts and their objects would be left
        loop.add_signal_handler(number, task.cancel)
    begin = time.monotonic()
    deadline = begin + 60 * minutes
    print(f"soak: seeds {first} to {first + max(docker, podman) - 1}", flush=True)
    made: list[Attempt] = []
    for name, address, count in (("docker", DOCKER, docker), ("podman", podman_address(), podman)):
        if count and not address:
            print(f"soak: {name} does not answer", flush=True)
            return 1
        made += await soak(name, address, range(first, first + count), at_once, deadline) if count else []
    failed = sum(bool(one.outcome.problems) for one in made)
    times = sorted(one.outcome.gone_after for one in made) or [0.0]
    late = sum(time > GONE_WITHIN for time in times)
    missing = docker + podman - len(made)
    print(
        f"soak: {len(made)} kills, {failed} failed{f', {missing} not made in time' if missing else ''}, "
        f"in {(time.monotonic() - begin) / 60:.1f} min (seeds from {first}); nothing left after "
        f"{statistics.median(times):.1f} s in the median, {times[int(0.95 * (len(times) - 1))]:.1f} s for 95 %, "
        f"{times[-1]:.1f} s at most, {late} took more than {GONE_WITHIN:.0f} s"
    )
    return 1 if failed or missing else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--docker", type=int, default=0, metavar="N", help="kills on Docker")
    parser.add_argument("--podman", type=int, default=0, metavar="N", help="kills on Podman")
    parser.add_argument("--seed", type=int, default=None, help="the first seed (default: a random one)")
    parser.add_argument("--at-once", type=int, default=3, metavar="N", help="apps at the same time")
    parser.add_argument("--minutes", type=float, default=45.0, help="no attempt is begun after that")
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    with contextlib.suppress(asyncio.CancelledError):
        sys.exit(asyncio.run(main(options.docker, options.podman, seed, options.at_once, options.minutes)))
    sys.exit(130)
