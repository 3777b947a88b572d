"""A host that creates, starts and removes containers until it is killed.

Run as ``python -m tests.engines.doomed_host ADDRESS RUN_ID TEST NUMBER``.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from fairlead.engines.containers import ContainerSpec
from fairlead.engines.docker import connect
from fairlead.engines.watchdog.guard import Guard


async def main(address: str, run_id: str, test: str, number: str) -> None:
    guard = await Guard.start("doomed", run_id)
    engine = await connect({"DOCKER_HOST": address}, guard)
    guard.watch_engine(engine.address)
    mine = {"dev.fairlead.test": test, "dev.fairlead.run": run_id}
    session = {**mine, "dev.fairlead.lifetime": "session"}
    name = f"fairlead-test-{test}-{number}"
    persistent = ContainerSpec(
        name=f"{name}-persistent", image="busybox:1.35", labels={**mine, "dev.fairlead.lifetime": "persistent"}
    )
    await engine.create(persistent)
    print("creating", flush=True)
    network = await engine.ensure_network(f"{name}-net", session)
    numbers = itertools.count()

    async def live() -> None:
        while True:
            spec = ContainerSpec(
                name=f"{name}-{next(numbers)}",
                image="busybox:1.35",
                command=("sleep", "1000"),
                labels=session,
                network=network.name,
            )
            container = await engine.create(spec)
            await engine.start(container)
            await engine.remove(container)

    await asyncio.gather(*(live() for _ in range(2)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
