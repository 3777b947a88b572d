"""A command in a container of the fake engine: the image's program once more, with arguments of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from fairlead.engines.container_command import CommandOutput, ContainerCommand, Content, Stream, pieces
from fairlead.testing.fakes.fake_container import FakeContainer, FakeInput, Process, Program

_PIECE = 64 * 1024


@contextlib.asynccontextmanager
async def run_command(
    container: FakeContainer,
    program: Program,
    argv: tuple[str, ...],
    env: Mapping[str, str],
    stdin: Content | None,
    unless_away: Callable[[Awaitable[Any]], Awaitable[Any]],
) -> AsyncIterator[ContainerCommand]:
    """Run a program during a block; it is cancelled when the block is left before it has ended.

    Args:
        container: Where it runs.
        program: The program.
        argv: Its arguments.
        env: Variables beyond the container's.
        stdin: What it reads; None for nothing.
        unless_away: Waits for something, and raises when the engine goes away meanwhile.
    """
    output: asyncio.Queue[CommandOutput | None] = asyncio.Queue()

    def write(data: bytes, stream: Stream) -> None:
        output.put_nowait(CommandOutput(stream, data))

    process = Process(argv, {**container.process.env, **env}, container.process.files, write)
    process.stdin = FakeInput(is_open=stdin is not None)

    async def run() -> int:
        try:
            return await program(process) or 0
        finally:
            output.put_nowait(None)

    async def chunks() -> AsyncIterator[CommandOutput]:
        while (chunk := await unless_away(output.get())) is not None:
            yield chunk

    try:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(run())
            feeding = group.create_task(process.stdin.feed(pieces(stdin or b"", _PIECE)))

            async def exit_code() -> int:
                code: int = await unless_away(asyncio.shield(running))
                return code

            yield ContainerCommand(chunks(), exit_code)
            running.cancel()
            feeding.cancel()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
