"""The log of a container: read to its last line, with the lines that it has begun and not ended."""

from __future__ import annotations

import asyncio
from collections import deque

from fairlead.engines.container_command import Stream
from fairlead.engines.containers import ContainerEngine
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext

RETRY_SECONDS = 1.0
"""Pause before an engine that was away is asked again."""
DRAIN_SECONDS = 2.0
"""How long the rest of a log is waited for: since its last line if the container ended by itself, in total if it is
being stopped."""
_REMEMBERED = 100
_AFTER = 1e-6  # seconds behind a line at which reading goes on; closer than a clock's float can tell


class ContainerLog:
    """Hands a container's lines to the resource's log until the start ends.

    Args:
        context: The start that the container belongs to.
        engine: The engine that the container runs in.
    """

    def __init__(self, context: DriverContext, engine: ContainerEngine) -> None:
        self._context = context
        self._engine = engine
        self._following: asyncio.Future[None] | None = None
        self._read_until: float | None = None
        self._chunks_read = 0
        self._open_lines: dict[Stream, bytes] = {}
        self._shows_open_lines = False
        #: The last lines that it has read.
        self.last_lines: deque[bytes] = deque(maxlen=_REMEMBERED)

    @property
    def is_behind(self) -> bool:
        """Whether the engine has not given all of the log out yet."""
        return self._following is not None and not self._following.done()

    def follow(self, container: str, since: float | None = None) -> None:
        """Read the log from now on, until the container ends; one that is read already is left at that.

        Args:
            container: The container.
            since: Leave out what it wrote before, in seconds since the epoch; by default what was read already.
        """
        if since is not None:
            self._read_until = since
        if not self.is_behind:
            self._following = asyncio.get_running_loop().create_future()
            self._context.spawn(self._follow(container, self._following), "log")
        if not self._shows_open_lines:
            self._context.spawn(self._show_open_lines(container, asyncio.Event()), "open lines")

    async def begin_open_lines(self, container: str) -> None:
        """Attach to a container before it starts: the first that it writes may be a question."""
        attached = asyncio.Event()
        self._context.spawn(self._show_open_lines(container, attached), "open lines")
        await attached.wait()

    async def drain(self, *, all_that_comes: bool = False) -> None:
        """Wait for the rest of the log: an engine gives out a flood of lines slower than it takes it.

        Args:
            all_that_comes: Whether to wait as long as lines come, and not for a limited time.
        """
        following = self._following
        while following is not None and not following.done():
            before = self._chunks_read
            await asyncio.wait([following], timeout=DRAIN_SECONDS)
            if not all_that_comes or self._chunks_read == before:
                return

    async def _follow(self, container: str, done: asyncio.Future[None]) -> None:
        try:
            await self._read(container)
        finally:
            if not done.done():
                done.set_result(None)

    async def _read(self, container: str) -> None:
        while True:
            try:
                async for chunk in self._engine.logs(container, since=self._read_until):
                    self._read_until = chunk.time + _AFTER
                    self._chunks_read += 1
                    self._context.write_lines(chunk.stream, chunk.lines)
                    self.last_lines.extend(chunk.lines)
                    if open_line := self._open_lines.get(chunk.stream):  # it has begun meanwhile
                        self._context.write_open_line(chunk.stream, open_line)
                return
            except EngineUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
            except EngineError as error:
                self._context.log(f"Its log can't be read: {error.message}")
                return

    async def _show_open_lines(self, container: str, attached: asyncio.Event) -> None:
        """Show prompts and progress bars, which no log has before their line ends."""
        self._shows_open_lines = True
        try:
            async with self._engine.open_lines(container) as changes:
                attached.set()
                async for stream, text in changes:
                    self._open_lines[stream] = text
                    self._context.write_open_line(stream, text)
        except EngineError:  # reading the log says so, and begins again when the engine is back
            pass
        finally:
            attached.set()
            for stream in self._open_lines:
                self._context.write_open_line(stream, b"")
            self._open_lines.clear()
            self._shows_open_lines = False
