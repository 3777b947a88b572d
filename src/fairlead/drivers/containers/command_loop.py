"""A command that is run in a container again and again, by one process that stays there.

Engines keep something of each command that they run in a container: Podman two helper processes, for five minutes. So
one shell is started, which runs the command for each line that it reads, and says how that has ended.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

from fairlead.engines.container_command import ContainerCommand
from fairlead.engines.containers import ContainerEngine
from fairlead.errors import EngineError

SHELL: Final = "/bin/sh"
SPARSE_SECONDS: Final = 30.0
"""Seconds between two commands on Podman in a container without a shell."""
_END_SECONDS: Final = 1.0
_KEPT_OUTPUT: Final = 64 * 1024
# Runs its arguments for each line of input; behind the output comes a line with the mark and the exit code.
_LOOP: Final = r"""mark=$1; shift
while read -r line; do "$@" </dev/null 2>&1; printf '\n%s %s\n' "$mark" "$?"; done"""

Spawn = Callable[[Coroutine[Any, Any, object], str], None]
Answer = tuple[int, bytes]


class Replies:
    """Tells the replies of the loop apart in what it writes.

    Args:
        mark: What ends a reply.
    """

    def __init__(self, mark: str) -> None:
        self._mark = f"\n{mark} ".encode()
        self._rest = b""

    def feed(self, data: bytes) -> list[Answer]:
        """The replies that are complete now: exit codes, with what the command wrote, at most its last 64 KiB."""
        self._rest += data
        replies: list[Answer] = []
        while (place := self._rest.find(self._mark)) >= 0:
            code, end, rest = self._rest[place + len(self._mark) :].partition(b"\n")
            if not end:
                return replies
            replies.append((int(code), self._rest[:place]))
            self._rest = rest
        self._rest = self._rest[-_KEPT_OUTPUT:]
        return replies


class CommandLoop:
    """Runs one command in one container, each time that it is asked to.

    Args:
        engine: The engine of the container.
        container: The container, which runs.
        argv: The command.
        spawn: Runs work until the resource has been stopped.
    """

    def __init__(self, engine: ContainerEngine, container: str, argv: tuple[str, ...], spawn: Spawn) -> None:
        self._engine, self._container, self._argv, self._spawn = engine, container, argv, spawn
        self._shell: _Shell | None = None

    async def run(self) -> Answer:
        """Run the command; its exit code and what it wrote. Cancelling the call ends it.

        Raises:
            EngineError: It can't be run, or was cut off.
        """
        if self._shell is None or self._shell.is_over:
            self._shell = _Shell(self._engine, self._container, self._argv)
            self._spawn(self._shell.live(), "health command")
        shell = self._shell
        try:
            return await shell.ask()
        except asyncio.CancelledError:
            shell.give_up()
            raise


class _Shell:
    """The shell, from its start to its end; of several calls each gets its own answer, one after the other."""

    def __init__(self, engine: ContainerEngine, container: str, argv: tuple[str, ...]) -> None:
        self._engine, self._container, self._argv = engine, container, argv
        self._asked: asyncio.Queue[asyncio.Future[Answer] | None] = asyncio.Queue()
        self._pending: asyncio.Future[Answer] | None = None
        self._limit = asyncio.timeout(None)
        self._is_living = False
        self.is_over = False

    async def ask(self) -> Answer:
        """Have the command run once."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked.put_nowait(answer)
        return await answer

    def give_up(self) -> None:
        """End it with the command, which hangs."""
        self.is_over = True
        if self._is_living:
            self._limit.reschedule(0)

    async def live(self) -> None:
        """Have it run until the resource is stopped, or it is given up."""
        problem = EngineError("the command was cut off: what runs it in the container has ended.")
        try:
            async with self._limit:
                self._is_living = True
                if not self.is_over:  # given up before it began
                    await self._talk()
        except TimeoutError:
            pass
        except EngineError as error:
            problem = error
        finally:
            self._is_living, self.is_over = False, True
            self._fail(problem)

    async def _talk(self) -> None:
        mark = secrets.token_hex(16)
        argv = (SHELL, "-c", _LOOP, SHELL, mark, *self._argv)
        async with self._engine.open_command(self._container, argv, stdin=self._lines()) as command:
            try:
                await self._read(command, Replies(mark))
            except asyncio.CancelledError:
                if self._pending is None:
                    await self._end(command)
                raise

    async def _lines(self) -> AsyncIterator[bytes]:
        """A line for each time that the command is to run."""
        while (answer := await self._asked.get()) is not None:
            self._pending = answer
            yield b"\n"

    async def _read(self, command: ContainerCommand, replies: Replies) -> None:
        async for _, data in command.chunks():
            for reply in replies.feed(data):
                if self._pending is not None and not self._pending.done():
                    self._pending.set_result(reply)
                self._pending = None

    async def _end(self, command: ContainerCommand) -> None:
        """Let it end by itself, so that no other command has to be run to end it: its input ends."""
        self._asked.put_nowait(None)
        try:
            async with asyncio.timeout(_END_SECONDS):
                await command.wait()
        except (TimeoutError, EngineError):
            pass  # leaving the command ends it

    def _fail(self, problem: EngineError) -> None:
        """Answer those who still wait."""
        waiting = [self._pending]
        while not self._asked.empty():
            waiting.append(self._asked.get_nowait())
        for answer in waiting:
            if answer is not None and not answer.done():
                answer.set_exception(problem)


class SparseCommand:
    """Runs a command in a container without a shell, on an engine that keeps something of each: not all too often.

    Args:
        engine: The engine of the container.
        container: The container, which runs.
        argv: The command.
    """

    def __init__(self, engine: ContainerEngine, container: str, argv: tuple[str, ...]) -> None:
        self._engine, self._container, self._argv = engine, container, argv
        self._last: tuple[float, Answer] | None = None

    async def run(self) -> Answer:
        """The same as of :class:`CommandLoop`; within half a minute it is the last answer once more."""
        now = time.monotonic()
        if self._last is None or now >= self._last[0] + SPARSE_SECONDS:
            self._last = now, await self._engine.exec(self._container, self._argv)
        return self._last[1]


class PlainCommand:
    """Runs a command in a container without a shell, on an engine that keeps next to nothing of it."""

    def __init__(self, engine: ContainerEngine, container: str, argv: tuple[str, ...]) -> None:
        self._engine, self._container, self._argv = engine, container, argv

    async def run(self) -> Answer:
        """The same as of :class:`CommandLoop`."""
        return await self._engine.exec(self._container, self._argv)


CheckCommand = CommandLoop | SparseCommand | PlainCommand


async def check_command(
    engine: ContainerEngine, container: str, argv: tuple[str, ...], spawn: Spawn, log: Callable[[str], None]
) -> CheckCommand:
    """What runs a health command in a container: one shell for all times, where it has one.

    Args:
        engine: The engine of the container.
        container: The container, which runs.
        argv: The command.
        spawn: Runs work until the resource has been stopped.
        log: Says that the command is run less often than asked for.
    """
    if await engine.has_path(container, SHELL):
        return CommandLoop(engine, container, argv, spawn)
    if engine.name != "podman":
        return PlainCommand(engine, container, argv)
    log(
        f"Its health command is run every {SPARSE_SECONDS:g} s at most: its image has no {SHELL}, and Podman keeps two "
        "processes for five minutes of each command that it runs"
    )
    return SparseCommand(engine, container, argv)
