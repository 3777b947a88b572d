"""Lines that a container has begun and not ended, such as prompts and progress bars.

An engine's log has a line only when it has ended. So the container is attached to as well, which gives bytes as they
are written, without times and without what came before; what of it is a whole line is left to the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from typing import Final

from fairlead.engines.container_command import CommandOutput, Stream
from fairlead.engines.docker.api import Api, Refused, segment
from fairlead.engines.docker.frames import Frames
from fairlead.engines.docker.responses import container_info
from fairlead.engines.docker.transport.hijack import Hijacked
from fairlead.engines.lines import MAX_LINE

OPEN_SECONDS: Final = 0.05
"""Seconds that a line must have been without an end before it is handed out, and between its changes."""


class OpenLines:
    """The open line of each stream, and what was handed out of it."""

    def __init__(self) -> None:
        self._open: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}
        self._shown: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}
        self._is_new: set[Stream] = set()

    @property
    def has_changed(self) -> bool:
        """Whether there is something to hand out."""
        return self._open != self._shown

    def feed(self, stream: Stream, data: bytes) -> list[CommandOutput]:
        """Take bytes that a stream got.

        Returns:
            That the line is no more, if it was handed out and has ended.
        """
        _, end, rest = data.rpartition(b"\n")
        self._open[stream] = rest[-MAX_LINE:] if end else (self._open[stream] + rest)[-MAX_LINE:]
        if not end:
            return []
        self._is_new.add(stream)
        return self._hand_out(stream, b"")

    def tick(self) -> list[CommandOutput]:
        """What has changed of the lines that were there at the last call already."""
        changed: list[CommandOutput] = []
        for stream, text in self._open.items():
            if stream not in self._is_new:
                changed += self._hand_out(stream, text)
        self._is_new.clear()
        return changed

    def _hand_out(self, stream: Stream, text: bytes) -> list[CommandOutput]:
        if self._shown[stream] == text:
            return []
        self._shown[stream] = text
        return [CommandOutput(stream, text.rstrip(b"\r").rpartition(b"\r")[2])]  # the rest was overwritten


@contextlib.asynccontextmanager
async def open_lines(api: Api, container: str) -> AsyncIterator[AsyncIterator[CommandOutput]]:
    """The open lines of a container during a block, from its beginning on until the container ends.

    Raises:
        EngineUnavailable: The engine does not answer, or no longer.
    """
    path = f"containers/{segment(container)}"
    async with contextlib.AsyncExitStack() as stack:
        try:
            info = await api.call("GET", f"{path}/json")
            if container_info(info).state not in ("created", "running", "paused"):
                yield _nothing()
                return
            attaching = api.hijack(f"{path}/attach?stream=1&stdout=1&stderr=1", {})
            connection = await stack.enter_async_context(attaching)
        except Refused:  # it has ended meanwhile, or is gone
            yield _nothing()
            return
        yield _changes(connection, None if info["Config"].get("Tty") else Frames())


async def _nothing() -> AsyncIterator[CommandOutput]:
    nothing: tuple[CommandOutput, ...] = ()
    for output in nothing:
        yield output


async def _changes(connection: Hijacked, frames: Frames | None) -> AsyncIterator[CommandOutput]:
    """What is to be shown; without frames there is one stream."""
    lines, tick_at = OpenLines(), math.inf
    loop = asyncio.get_running_loop()
    while True:
        try:
            async with asyncio.timeout_at(None if tick_at == math.inf else tick_at):
                data = await connection.read()
        except TimeoutError:
            data = None
        if data == b"":
            return
        for output in frames.feed(data) if data and frames else [CommandOutput("stdout", data)] if data else []:
            for change in lines.feed(*output):
                yield change
        if loop.time() >= tick_at:
            tick_at = math.inf
            for change in lines.tick():
                yield change
        if lines.has_changed and tick_at == math.inf:
            tick_at = loop.time() + OPEN_SECONDS
