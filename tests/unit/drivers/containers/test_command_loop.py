"""A health command that one shell in the container runs again and again, on the fake engine."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fairlead.drivers.containers import command_loop
from fairlead.drivers.containers.command_loop import CommandLoop, Replies, check_command
from fairlead.engines.containers import ContainerSpec
from fairlead.engines.tasks import TaskScope
from fairlead.errors import EngineError
from fairlead.testing import FakeEngine
from fairlead.testing.fakes.fake_container import FakeFile, Process


class Shell:
    """A container's program, and the shell in it, as far as a health command needs one."""

    def __init__(self) -> None:
        self.started: list[tuple[str, ...]] = []
        self.code: int | None = 0
        self.goes_away = asyncio.Event()
        self.begun, self.ended = asyncio.Event(), asyncio.Event()

    async def __call__(self, process: Process) -> int | None:
        if process.args[:2] != (command_loop.SHELL, "-c"):
            if process.args == ("check",):
                self.started.append(process.args)
                return self.code
            await asyncio.Event().wait()
        self.started.append(process.args)
        mark = process.args[4]
        try:
            while await process.stdin.read():
                if self.code is None:
                    self.begun.set()
                    await self.goes_away.wait()
                    return 1
                process.print("looking", "stderr")
                process.print(f"\n{mark} {self.code}")
        finally:
            self.ended.set()
        return 1


Box = tuple[FakeEngine, str, TaskScope]


class FakePodman(FakeEngine):
    """Another engine, by its name."""

    name = "podman"


@asynccontextmanager
async def container(shell: Shell, engine: FakeEngine, *, has_shell: bool = True) -> AsyncIterator[Box]:
    """A container that runs, and what its resource spawns tasks in."""
    engine.add_image("box:1", shell)
    identity = await engine.create(ContainerSpec(name="box", image="box:1"))
    if has_shell:
        engine.container("box").process.files[command_loop.SHELL] = FakeFile(b"")
    await engine.start(identity)
    scope = TaskScope("test")
    yield engine, identity, scope
    await scope.close()
    await engine.close()


def spawner(scope: TaskScope) -> command_loop.Spawn:
    def spawn(work: Coroutine[Any, Any, object], what: str) -> None:
        scope.spawn(work, what)

    return spawn


async def test_one_shell_runs_the_command_each_time() -> None:
    """However often the command is run, the engine must be asked to start something once."""
    shell = Shell()
    async with container(shell, FakeEngine()) as (engine, identity, scope):
        command = await check_command(engine, identity, ("check",), spawner(scope), lambda text: None)
        answers = [await command.run() for _ in range(3)]
        shell.code = 7
        answers.append(await command.run())

    assert answers == [(0, b"looking\n")] * 3 + [(7, b"looking\n")]
    assert len(shell.started) == 1
    assert shell.started[0][5:] == ("check",)


async def test_the_shell_ends_with_the_resource_and_by_itself() -> None:
    """When the resource stops, the shell must be told the end of its input, so that it need not be killed."""
    shell = Shell()
    async with container(shell, FakeEngine()) as (engine, identity, scope):
        command = await check_command(engine, identity, ("check",), spawner(scope), lambda text: None)
        await command.run()
        await scope.close()

        assert shell.ended.is_set()


async def test_a_command_that_hangs_is_given_up_with_its_shell() -> None:
    """After a timeout the shell must be ended, and the next call start another one."""
    shell = Shell()
    shell.code = None
    async with container(shell, FakeEngine()) as (engine, identity, scope):
        command = await check_command(engine, identity, ("check",), spawner(scope), lambda text: None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await command.run()
        await shell.ended.wait()
        shell.code = 0
        assert await command.run() == (0, b"looking\n")

    assert len(shell.started) == 2


async def test_a_shell_that_was_cut_off_is_an_error_and_replaced() -> None:
    """When the container ends meanwhile, the call must say so; the next one must try again."""
    shell = Shell()
    shell.code = None
    async with container(shell, FakeEngine()) as (engine, identity, scope):
        command = CommandLoop(engine, identity, ("check",), spawner(scope))
        running = scope.start(command.run())
        await shell.begun.wait()
        shell.code = 0
        shell.goes_away.set()
        with pytest.raises(EngineError, match="was cut off"):
            await running
        shell.goes_away.clear()
        assert await command.run() == (0, b"looking\n")
        engine.refusals["open_command"] = EngineError("it is not running")
        with pytest.raises(EngineError, match="it is not running"):
            await CommandLoop(engine, identity, ("check",), spawner(scope)).run()

    assert len(shell.started) == 2


@pytest.mark.parametrize(("kind", "runs"), [(FakeEngine, 3), (FakePodman, 1)])
async def test_without_a_shell(kind: type[FakeEngine], runs: int) -> None:
    """An image without a shell must be asked by a command each time, on Podman once in half a minute, which is said."""
    shell, said = Shell(), list[str]()
    async with container(shell, kind(), has_shell=False) as (engine, identity, scope):
        command = await check_command(engine, identity, ("check",), spawner(scope), said.append)
        assert [await command.run() for _ in range(3)] == [(0, b"")] * 3

    assert len(shell.started) == runs
    assert bool(said) == (kind is FakePodman)


def test_the_shell_passes_on_exit_codes_and_output() -> None:
    """A real shell must run the command once for each line, and tell how it ended whatever it wrote."""
    argv = ("sh", "-c", command_loop._LOOP, "sh", "MARK", "sh", "-c", "echo out; echo err >&2; cat; exit 3")
    done = subprocess.run(argv, input=b"\n\n", capture_output=True, check=False, timeout=30)

    assert Replies("MARK").feed(done.stdout) == [(3, b"out\nerr\n"), (3, b"out\nerr\n")]
    assert done.stderr == b""


def test_replies_come_in_pieces() -> None:
    """A reply must be found however it is cut, and of endless output only the end be kept."""
    replies = Replies("MARK")
    whole = b"some text\n\nMARK 1\n"
    found = [reply for place in range(len(whole)) for reply in replies.feed(whole[place : place + 1])]

    assert found == [(1, b"some text\n")]
    for _ in range(100):
        assert replies.feed(b"x" * 10_000) == []
    ((code, output),) = replies.feed(b"\nMARK 0\n")
    assert code == 0 and len(output) == 64 * 1024
