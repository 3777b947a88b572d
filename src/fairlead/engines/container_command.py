"""A command inside a running container: its output as it comes, its input, and its exit code."""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Literal, NamedTuple

from fairlead.engines.lines import LineSplitter

Stream = Literal["stdout", "stderr"]
Content = bytes | AsyncIterable[bytes]
"""Bytes to be sent: as a whole, or piece by piece so that they need not be in memory together."""


class CommandOutput(NamedTuple):
    """Bytes that a command wrote to one stream; they may end anywhere."""

    stream: Stream
    data: bytes


class OutputChunk(NamedTuple):
    """Lines that were written together, without line ends; ``time`` is that of the last."""

    stream: Stream
    time: float
    lines: list[bytes]


class ContainerCommand:
    """A command that runs; made by ``ContainerEngine.open_command``. Its output is read once, in one of three ways.

    Args:
        output: What it writes, until it ends.
        exit_code: Waits for its exit code; asked for when the output has ended.
    """

    def __init__(self, output: AsyncIterator[CommandOutput], exit_code: Callable[[], Awaitable[int]]) -> None:
        self._output = output
        self._exit_code = exit_code

    def chunks(self) -> AsyncIterator[CommandOutput]:
        """What it writes to either stream, as it comes."""
        return self._output

    async def lines(self) -> AsyncIterator[OutputChunk]:
        """What it writes to either stream, line by line; a last line without its end is complete when it ends."""
        splitters: dict[Stream, LineSplitter] = {"stdout": LineSplitter(), "stderr": LineSplitter()}
        async for stream, data in self._output:
            if lines := splitters[stream].feed(data):
                yield OutputChunk(stream, time.time(), lines)
        for stream, splitter in splitters.items():
            if lines := splitter.flush():
                yield OutputChunk(stream, time.time(), lines)

    async def wait(self) -> int:
        """Wait until it has ended, drop what it writes until then, and return its exit code.

        Raises:
            EngineError: The connection to it ended before it did.
            EngineUnavailable: The engine does not answer any more.
        """
        async for _ in self._output:
            pass
        return await self._exit_code()


async def pieces(content: Content, size: int) -> AsyncIterator[bytes]:
    """Content, piece by piece; what is in memory as a whole comes in pieces of a size."""
    if isinstance(content, bytes):
        for start in range(0, len(content), size):
            yield content[start : start + size]
    else:
        async for piece in content:
            yield piece
