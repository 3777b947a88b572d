"""Stopping process trees so that no work is lost: shells, workers, pools, and hosts that die."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.processes.marked import processes_with, runs
from tests.support.waiting import until

from fairlead.engines.process import Process, ProcessSpec, Stream, spawn
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.watchdog.process_tree import StopPolicy

REPOSITORY = Path(__file__).parent.parent.parent
FOREVER = "while :; do sleep 0.01; done"
# A worker as they come: its parent finishes the running job when it is asked to end, its child dies by a signal.
WORKER = """
import os, signal, time
def asked(number, frame):
    print("asked", flush=True)
signal.signal(signal.SIGTERM, asked)
job = os.fork()
if job == 0:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    print("began", flush=True)
    time.sleep(0.7)
    print("finished", flush=True)
    os._exit(0)
while True:
    try:
        _, status = os.waitpid(job, 0)
        break
    except InterruptedError:
        pass
print("lost" if status else "kept", flush=True)
"""
POOL = """
import multiprocessing, os, signal, sys, time
def job(n):
    os.write(1, b"began\\n")
    time.sleep(0.7)
    os.write(1, b"finished\\n")
if __name__ == "__main__":
    asked = []
    pool = multiprocessing.get_context("fork").Pool(1)
    if sys.argv[1] == "with a handler":
        signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
    while not asked:
        pool.apply_async(job, (1,)).wait()
    pool.close()
    pool.join()
    os.write(1, b"end\\n")
"""


class Collected:
    """Takes the lines of standard output and keeps them."""

    def __init__(self) -> None:
        self.out: list[str] = []

    def __call__(self, stream: Stream, lines: list[bytes]) -> None:
        if stream == "stdout":  # shells tell on the other one what became of their children
            self.out += [line.decode() for line in lines]

    async def says(self, text: str) -> None:
        await until(lambda: text in self.out, f"it says {text!r} (so far: {self.out})")


Start = Callable[..., Awaitable[tuple[Process, Collected]]]


@pytest.fixture
def start(guard: Guard, tmp_path: Path) -> Start:
    async def start(*argv: str, stop: StopPolicy | None = None) -> tuple[Process, Collected]:
        collected = Collected()
        env = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
        spec = ProcessSpec(argv, str(tmp_path), env, stop=stop or StopPolicy(timeout=30))
        return await spawn(spec, collected, guard), collected

    return start


@pytest.fixture
def worker(tmp_path: Path) -> str:
    """The command line of a worker with a running job."""
    (tmp_path / "worker.py").write_text(WORKER)
    return f"{sys.executable} worker.py"


async def test_a_worker_finishes_its_job(start: Start, worker: str) -> None:
    """The parent alone must hear the signal, so that the job that its child runs is finished."""
    process, collected = await start(*worker.split())
    await collected.says("began")
    assert await process.stop() == 0
    assert collected.out == ["began", "asked", "finished", "kept"]


@pytest.mark.parametrize("shell", ["true && {} && true", "{} & wait", "({}; true); true"])
async def test_a_worker_behind_a_shell_finishes_its_job(start: Start, worker: str, shell: str) -> None:
    """A shell that ends at once leaves its worker, which must be asked then, once and alone."""
    process, collected = await start("sh", "-c", shell.format(worker))
    await collected.says("began")
    assert await process.stop() == -signal.SIGTERM
    assert collected.out == ["began", "asked", "finished", "kept"]


async def test_a_shell_that_waits_for_its_program_is_helped(start: Start) -> None:
    """A shell with a trap reacts when its foreground program has ended, which must be asked before the time is over."""
    program = f"trap 'echo program; exit' TERM; echo up; {FOREVER}"
    process, collected = await start(
        "bash", "-c", f"trap 'echo shell; exit 3' TERM; sh -c \"{program}\"; exit 9", stop=StopPolicy(timeout=2.5)
    )
    await collected.says("up")
    assert await process.stop() == 3
    assert collected.out == ["up", "program", "shell"]


async def test_what_takes_no_notice_of_the_last_call_is_killed(start: Start) -> None:
    """When nothing has helped, everything must be gone at the end of its time."""
    stubborn = f"trap '' TERM; echo up; {FOREVER}"
    process, collected = await start("sh", "-c", f"({stubborn}) & {stubborn}", stop=StopPolicy(timeout=0.5))
    await until(lambda: collected.out == ["up", "up"], "both are up")
    assert await process.stop() == -signal.SIGKILL


async def test_a_group_is_asked_as_by_a_terminal(start: Start) -> None:
    """With the scope ``group`` the signal must reach parent and children at once, in whatever group they are."""
    child = f"trap 'echo child; exit' INT; echo up; {FOREVER}"
    code = f"""
import os, signal, subprocess
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"parent\\n"))  # in one piece, as the children write meanwhile
children = [subprocess.Popen(["sh", "-c", {child!r}], process_group=group) for group in (None, 0)]
[child.wait() for child in children]
"""
    process, collected = await start(sys.executable, "-c", code, stop=StopPolicy(signal.SIGINT, "group", 30))
    await until(lambda: collected.out.count("up") == 2, "both children are up")
    assert await process.stop() == 0
    assert sorted(collected.out) == ["child", "child", "parent", "up", "up"]


@pytest.mark.parametrize(
    ("handler", "last_words"), [("with a handler", ["finished", "end"]), ("without one", ["began"])]
)
async def test_a_pool_of_processes(start: Start, tmp_path: Path, handler: str, last_words: list[str]) -> None:
    """A pool whose main program has a handler must finish its jobs; without one it loses them, as anywhere else."""
    (tmp_path / "pool.py").write_text(POOL)
    process, collected = await start(sys.executable, "pool.py", handler)
    await collected.says("began")
    await process.stop()
    assert collected.out[-len(last_words) :] == last_words


async def test_stopping_again_and_again_changes_nothing(start: Start) -> None:
    """However often a stop is called, a process must get the signal once, and once more as the last call."""
    process, collected = await start("sh", "-c", f"trap 'echo asked' TERM; echo up; {FOREVER}")
    await collected.says("up")
    stops = [asyncio.ensure_future(process.stop(2.3)) for _ in range(5)]
    await collected.says("asked")
    assert set(await asyncio.gather(*stops)) == {-signal.SIGKILL}
    assert collected.out == ["up", "asked", "asked"]  # the second is the last call


# Standard input


async def test_standard_input_is_open_or_closed(guard: Guard, tmp_path: Path) -> None:
    """An open one must not end while the process runs; a closed one must be at its end from the beginning."""
    words = {}
    for stdin in ("open", "closed"):
        collected = words[stdin] = Collected()
        code = f"trap 'echo asked; exit' TERM; echo up; {{ cat; echo end; kill $$; }} <&3 & {FOREVER}"
        command = ("sh", "-c", f"exec 3<&0; {code}")
        spec = ProcessSpec(command, str(tmp_path), {"PATH": os.environ["PATH"]}, stdin=stdin)
        process = await spawn(spec, collected, guard)
        await collected.says("up")
        if stdin == "open":
            await process.stop()
        await process.wait()
    assert words["open"].out == ["up", "asked"]
    assert words["closed"].out == ["up", "end", "asked"]


async def test_an_open_input_ends_with_the_host(run_id: str, tmp_path: Path) -> None:
    """A program that ends with its input must end when its host was killed, before anybody signals it."""
    code = f"""
import asyncio, os
from fairlead.engines.process import ProcessSpec, spawn
async def main():
    command = "trap '' TERM; cat; echo over > over; sleep 1000"
    env = dict(os.environ, FAIRLEAD_RUN_ID={run_id!r})
    process = await spawn(ProcessSpec(("sh", "-c", command), {str(tmp_path)!r}, env, stdin="open"), print, None)
    print("up", flush=True)
    await process.wait()
asyncio.run(main())
"""
    host = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE
    )
    assert host.stdout is not None
    assert await host.stdout.readline() == b"up\n"
    host.kill()
    await host.wait()
    await until((tmp_path / "over").exists, "the end of its input has been noticed")
    for process in processes_with(FAIRLEAD_RUN_ID=run_id):
        process.kill()
    await until(lambda: not processes_with(FAIRLEAD_RUN_ID=run_id), "it is gone")


# A host that dies


async def test_a_worker_finishes_its_job_when_its_host_has_died(run_id: str, tmp_path: Path) -> None:
    """The watchdog must stop a worker as its host would have done: with its signal, and the roots alone."""
    (tmp_path / "worker.py").write_text(WORKER.replace("SIGTERM", "SIGUSR1"))
    shell = f"trap 'exit' USR1; {sys.executable} worker.py > log & wait"
    code = f"""
import asyncio, os, signal
from fairlead.engines.watchdog.guard import Guard
from fairlead.engines.process import ProcessSpec, spawn
from fairlead.engines.watchdog.process_tree import StopPolicy
async def main():
    guard = await Guard.start("doomed", {run_id!r})
    policy = StopPolicy(signal.SIGUSR1, "roots", 20)
    spec = ProcessSpec(("sh", "-c", {shell!r}), {str(tmp_path)!r}, dict(os.environ), stop=policy)
    await (await spawn(spec, print, guard)).wait()
asyncio.run(main())
"""
    host = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=REPOSITORY, start_new_session=True)
    log = tmp_path / "log"
    try:
        await until(lambda: log.exists() and "began" in log.read_text(), "the job runs")
    finally:
        host.kill()
        await host.wait()
    await until(lambda: not processes_with(FAIRLEAD_RUN_ID=run_id), "nothing is left")
    assert log.read_text().split() == ["began", "asked", "finished", "kept"]
    assert not runs(host.pid)
