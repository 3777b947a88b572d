"""A host that starts, runs and stops unruly processes until it is killed.

Run as ``python -m tests.processes.doomed_host RUN_ID SEED [STEADY]``; says on standard output what it is doing. With a
third argument it stops nothing once all run.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys

from fairlead.engines.process import ProcessSpec, spawn
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.process_tree import StopPolicy

FOREVER = "while :; do sleep 1; done"
CHILDREN = {
    "plain": "exec sleep 1000",
    "stubborn": f"trap '' TERM INT HUP; {FOREVER}",
    "stubborn with children": f"trap '' TERM; ({FOREVER}) & ({FOREVER}) & {FOREVER}",
    "fertile": "trap '' TERM; while :; do sleep 0.3 & sleep 0.02; done",
    "left the session": f"trap '' TERM; setsid sh -c '{FOREVER}' & {FOREVER}",
    "daemon": f"setsid sh -c 'trap \"\" TERM; ({FOREVER}) & ({FOREVER}) &' & exec sleep 1000",
    "short-lived leader": f"trap '' TERM; ({FOREVER}) & sleep 0.05",
    "slow to end": "trap 'sleep 0.1; exit' TERM; while :; do sleep 0.01; done",
}


async def main(run_id: str, seed: int, steady: bool) -> None:
    guard = await Guard.start("doomed", run_id)
    order = random.Random(seed)
    env = {"PATH": os.environ["PATH"]}
    while True:
        print("spawning", flush=True)
        processes = []
        for _ in range(8):
            command = ("sh", "-c", CHILDREN[order.choice(list(CHILDREN))])
            spec = ProcessSpec(command, "/", env, stop=StopPolicy(timeout=4))
            processes.append(await spawn(spec, lambda stream, lines: None, guard))
            await asyncio.sleep(0)
        print("running", flush=True)
        if steady:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(0.2)
        print("stopping", flush=True)
        await asyncio.gather(*(process.stop(0.2) for process in processes))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), len(sys.argv) > 3))
