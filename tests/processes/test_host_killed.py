"""A host that is killed, at any moment, leaves nothing; and an app has one host at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.processes.marked import processes_with
from tests.support.waiting import until_seen

from fairlead.runtime.store.instance import running_instances

REPOSITORY = Path(__file__).parent.parent.parent
ROUNDS = 12
AT_ONCE = 4


class Doomed:
    """A host in a process of its own, whose every process carries a mark of the test's besides those of the run."""

    def __init__(self, process: asyncio.subprocess.Process, mark: str) -> None:
        self.process = process
        self.mark = mark
        self.run_id = ""
        self.port = 0

    async def says(self, word: str) -> str:
        """Read what it says until a line begins with a word."""
        assert self.process.stdout is not None
        async with asyncio.timeout(120):
            while line := (await self.process.stdout.readline()).decode():
                if line.startswith("run "):
                    self.run_id, self.port = line.split()[1], int(line.split()[2])
                if line.startswith(word):
                    return line
        raise AssertionError(f"it ended before it said {word!r}")

    def close(self) -> None:
        """Tell it to end the run."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"end\n")

    async def kill(self) -> None:
        """Kill it, as an out-of-memory killer would."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await self.process.communicate()  # to the end of what it says, which closes the pipe

    async def nothing_left(self) -> None:
        """Ten seconds are what the design promises."""
        await until_seen(lambda: not processes_with(TEST_MARK=self.mark), f"nothing is left of {self.run_id}", 10)


Start = Callable[[Path], "asyncio.Future[Doomed]"]


@pytest.fixture
async def start(tmp_path: Path, short_folder: Path) -> AsyncIterator[Start]:
    doomed: list[Doomed] = []

    async def launch(folder: Path) -> Doomed:
        folder.mkdir(exist_ok=True)
        mark = uuid.uuid4().hex
        places = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(short_folder)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.processes.killed_host", str(folder)),
            cwd=REPOSITORY,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "TEST_MARK": mark, **places},
        )
        doomed.append(Doomed(process, mark))
        return doomed[-1]

    yield lambda folder: asyncio.ensure_future(launch(folder))
    for each in doomed:
        await each.kill()
        await each.nothing_left()


async def test_nothing_is_left_at_any_moment(tmp_path: Path, short_folder: Path, start: Start) -> None:
    """SIGKILL at any moment of start-up, running or stop must leave no process after 10 s, nor the app's lock."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    order = random.Random(seed)

    async def one(folder: Path, moment: str, delay: float) -> None:
        host = await start(folder)
        if moment != "start-up":
            await host.says("up")
        if moment == "stop":
            host.close()
            await host.says("closing")
        await asyncio.sleep(delay)  # the moment is meant to be any
        await host.kill()
        await host.nothing_left()
        left = [
            record.app_id for record in running_instances(short_folder / "fairlead") if record.pid == host.process.pid
        ]
        assert not left, f"seed {seed}"

    moments = ["start-up", "start-up", "running", "stop"]
    for _ in range(ROUNDS // AT_ONCE):
        delays = [order.uniform(0, {"start-up": 1.5, "running": 0.3, "stop": 1.0}[moment]) for moment in moments]
        async with asyncio.TaskGroup() as group:
            for number, (moment, delay) in enumerate(zip(moments, delays, strict=True)):
                group.create_task(one(tmp_path / f"app{number}", moment, delay))
    last = await start(tmp_path / "app0")
    assert (await last.says("started")).startswith("started")


async def test_the_second_host_is_refused(tmp_path: Path, start: Start) -> None:
    """A second host of one checkout must be refused, naming the first; two checkouts must run side by side."""
    first = await start(tmp_path / "one")
    await first.says("run")
    second = await start(tmp_path / "one")
    refusal = await second.says("refused")
    assert f"process {first.process.pid}" in refusal and "fairlead stop" in refusal
    other = await start(tmp_path / "two")
    await other.says("up")
    await first.says("up")
    assert other.port != first.port


async def test_ports_are_the_same_in_the_next_run(tmp_path: Path, start: Start) -> None:
    """An endpoint must keep its port from run to run, and get another one, which stays, when somebody took it."""
    first = await start(tmp_path / "one")
    await first.says("run")
    await first.kill()
    second = await start(tmp_path / "one")
    await second.says("run")
    assert second.port == first.port
    await second.kill()
    with socket.create_server(("127.0.0.1", first.port)):
        third = await start(tmp_path / "one")
        await third.says("run")
        assert third.port != first.port
        await third.kill()
    fourth = await start(tmp_path / "one")
    await fourth.says("run")
    assert fourth.port == third.port
