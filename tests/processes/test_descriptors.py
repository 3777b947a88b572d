"""Limits of descriptors: what a host takes, what its processes get, and stopping when none is left."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.processes.marked import processes_with
from tests.support.waiting import until

REPOSITORY = Path(__file__).parent.parent.parent
HEAD = """
import asyncio, os, resource, sys
from fairlead.engines import descriptors
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.process import ProcessSpec, spawn
SOFT, HARD, RUN = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, HARD))
descriptors.raise_limit()
lines = []
async def start(guard, command):
    spec = ProcessSpec(("sh", "-c", command), "/", {"PATH": os.environ["PATH"]})
    return await spawn(spec, lambda stream, new: lines.extend(new), guard)
def limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
async def said(count):
    while len(lines) < count:
        await asyncio.sleep(0.01)
def take_all():
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        return taken
"""
CHILDREN = """
async def main():
    guard = await Guard.start("limits", RUN)
    process = await start(guard, "ulimit -n; cat /proc/self/limits | grep -c 'open files'")
    await process.wait()
    crowd = [os.dup(0) for _ in range(2 * SOFT)]
    crowded = await start(guard, "echo started")
    await crowded.wait()
    print(limit(), *(line.decode() for line in lines))
    await guard.close()
asyncio.run(main())
"""
STOPPING = """
async def main():
    guard = await Guard.start("limits", RUN)
    loop = "trap 'echo asked; exit' TERM; echo up; while :; do sleep 0.01; done"
    process = await start(guard, f"sh -c \\"{loop}\\" & wait")
    await said(1)
    taken = take_all()
    before = limit()
    await process.stop(20)
    print(len(taken) > 100, before == limit(), *(line.decode() for line in lines))
    await guard.close()
asyncio.run(main())
"""
RELEASE = """
taken = take_all()
descriptors.release_reserve()
print(len(take_all()) == descriptors.RESERVED, limit() == HARD)
"""


async def told(code: str, soft: int, hard: int, run_id: str) -> str:
    """What a host says that runs with these limits, which would hold for all tests if it were this process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HEAD + code, str(soft), str(hard), run_id),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    return output.decode().strip()


async def test_the_host_takes_more_and_its_processes_do_not(run_id: str) -> None:
    """The host must raise its limit, its processes must have the one that it began with; none may be refused for it."""
    assert await told(CHILDREN, 128, 1024, run_id) == "960 128 1 started"


async def test_a_high_limit_is_left(run_id: str) -> None:
    """A host that may have more than enough must not lower its limit, but for the reserve."""
    code = "print(limit())"
    assert await told(code, 1024, 1024, run_id) == "960"
    assert await told(code, 900, 1024, run_id) == "960"


async def test_stopping_without_a_free_descriptor(run_id: str) -> None:
    """When all descriptors are taken, a process and the orphans that it leaves must be stopped as always."""
    assert await told(STOPPING, 128, 512, run_id) == "True True up asked"
    await until(lambda: not processes_with(FAIRLEAD_RUN_ID=run_id), "nothing is left")


async def test_the_reserve_is_there_in_the_end(run_id: str) -> None:
    """What a host has kept back must be there when its run ends."""
    assert await told(RELEASE, 128, 512, run_id) == "True True"
