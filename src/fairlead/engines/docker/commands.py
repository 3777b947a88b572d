"""Commands inside a container."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fairlead.engines.container_command import CommandOutput, ContainerCommand, Content, pieces
from fairlead.engines.deadline import deadline
from fairlead.engines.docker import errors
from fairlead.engines.docker.api import Api, Refused, segment
from fairlead.engines.docker.frames import Frames
from fairlead.engines.docker.transport.hijack import Hijacked
from fairlead.errors import EngineError, EngineUnavailable

MARK: Final = "FAIRLEAD_COMMAND"
"""The variable by which the processes of a command are found."""
PIECE: Final = 64 * 1024
"""Bytes of input that are sent at a time."""
END_TIME: Final = 10.0
"""Seconds in which a command that was left has to be ended; what takes longer is given up."""
EXIT_PAUSE: Final = 0.02
"""Seconds between two looks whether a command has ended whose output has; they double, up to one second."""
EXIT_TIME: Final = 10.0
"""Seconds in which a command has to end after its output; else the connection was cut off."""

# TERM to all processes with a mark in their environment, and KILL to those that are still there after two seconds.
_END_PROCESSES: Final = """
marked() { grep -ls "$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do echo "$pid"; done; }
kill -TERM $(marked "$1") 2>/dev/null
for _ in 1 2 3 4 5 6 7 8; do [ -n "$(marked "$1")" ] || exit 0; sleep 0.25 || sleep 1; done
kill -KILL $(marked "$1") 2>/dev/null
"""


@contextlib.asynccontextmanager
async def open_command(
    api: Api,
    container: str,
    argv: tuple[str, ...],
    stdin: Content | None,
    env: Mapping[str, str],
    user: str | None,
) -> AsyncIterator[ContainerCommand]:
    """Run a command during a block.

    Raises:
        EngineError: It can't be run.
        EngineUnavailable: The engine does not answer, or no longer.
    """
    mark = secrets.token_hex(16)
    async with contextlib.AsyncExitStack() as stack:
        try:
            identity = await _create(api, container, argv, {**env, MARK: mark}, user, has_input=stdin is not None)
            command = _Exec(api, container, identity, argv[0])
            stack.push_async_callback(command.end, mark, user)
            connection = await stack.enter_async_context(api.hijack(_start_path(identity), _START))
        except Refused as refused:
            raise errors.explain(refused, f"'{argv[0]}' can't be run in the container") from refused
        connection.may_be_reset = stdin is not None
        async with _fed(connection, stdin):
            yield ContainerCommand(_demultiplexed(connection), command.exit_code)


@dataclass
class _Exec:
    """A command that the engine runs.

    Args:
        api: The engine.
        container: Where it runs.
        identity: What the engine calls it.
        name: What it is called in messages.
        has_ended: Whether it is known to have ended.
    """

    api: Api
    container: str
    identity: str
    name: str
    has_ended: bool = False

    async def exit_code(self) -> int:
        """The exit code, once the output has ended; engines may take a moment to notice that the command has, too."""
        pause, waited = EXIT_PAUSE, 0.0
        while waited < EXIT_TIME and (state := await self._state()) is not None:
            if not state.get("Running") and state.get("ExitCode") is not None:
                self.has_ended = True
                return int(state["ExitCode"])
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(1.0, 2 * pause)
        raise EngineError(f"'{self.name}' was cut off: the connection to it ended before it did.")

    async def end(self, mark: str, user: str | None) -> None:
        """End what still runs of it, as far as possible: it may be anything, in a container without a shell."""
        if self.has_ended:
            return
        with contextlib.suppress(TimeoutError, EngineError):
            async with deadline(asyncio.timeout(END_TIME)):
                if (await self._state() or {}).get("Running"):
                    await self._run_in_container(("sh", "-c", _END_PROCESSES, "sh", mark), user)

    async def _state(self) -> dict[str, Any] | None:
        state: dict[str, Any] | None = await self.api.call_if_there("GET", f"exec/{self.identity}/json")
        return state

    async def _run_in_container(self, argv: tuple[str, ...], user: str | None) -> None:
        identity = await _create(self.api, self.container, argv, {}, user)
        async with self.api.hijack(_start_path(identity), _START) as connection:
            while await connection.read():
                pass


_START: Final = {"Detach": False, "Tty": False}


def _start_path(identity: str) -> str:
    return f"exec/{segment(identity)}/start"


async def _create(
    api: Api, container: str, argv: tuple[str, ...], env: Mapping[str, str], user: str | None, has_input: bool = False
) -> str:
    body = {
        "Cmd": list(argv),
        "Env": [f"{name}={value}" for name, value in env.items()],
        "AttachStdin": has_input,
        "AttachStdout": True,
        "AttachStderr": True,
        **({"User": user} if user else {}),
    }
    return str((await api.call("POST", f"containers/{segment(container)}/exec", body=body))["Id"])


@contextlib.asynccontextmanager
async def _fed(connection: Hijacked, stdin: Content | None) -> AsyncIterator[None]:
    """Send input during a block; an error of what gives the input is raised as it is."""
    if stdin is None:
        yield
        return
    try:
        async with asyncio.TaskGroup() as group:
            feeding = group.create_task(_feed(connection, stdin))
            yield
            feeding.cancel()
    except BaseExceptionGroup as errors_of_both:
        raise errors_of_both.exceptions[0] from None


async def _feed(connection: Hijacked, stdin: Content) -> None:
    async for piece in pieces(stdin, PIECE):
        try:
            await connection.write(piece)
        except EngineUnavailable:  # the command has ended, or the engine is gone, as the reader of the output is told
            return
    with contextlib.suppress(EngineUnavailable):
        await connection.end_writing()


async def _demultiplexed(connection: Hijacked) -> AsyncIterator[CommandOutput]:
    frames = Frames()
    while data := await connection.read():
        for output in frames.feed(data):
            yield output
