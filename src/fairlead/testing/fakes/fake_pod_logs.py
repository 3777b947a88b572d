"""The logs of pods in memory, which a test writes and ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from fairlead.engines.kube import LogChunk


@dataclass
class FakePodLog:
    """The log of one container of a pod, since its start.

    Args:
        begin: How many lines its former starts have written.
        lines: What it has written.
        has_ended: Whether the container has ended.
        changed: Set when there is something new.
    """

    begin: int = 0
    lines: list[LogChunk] = field(default_factory=list)
    has_ended: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, *lines: str) -> None:
        """Add lines, each a nanosecond after the one before."""
        for line in lines:
            time = f"2026-01-01T00:00:00.{self.begin + len(self.lines) + 1:09}Z"
            self.lines.append(LogChunk(time, [line.encode()]))
        self.ring()

    def end(self) -> None:
        """End it, as the container has ended: whoever follows it has read it all."""
        self.has_ended = True
        self.ring()

    def ring(self) -> None:
        """Let readers look whether there is something new."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def read(self, *, follow: bool, since: str | None, tail: int | None) -> AsyncGenerator[LogChunk, None]:
        """The lines after a time, or the last ones; with ``follow`` also those to come, until it ends."""
        position = sum(1 for line in self.lines if since is not None and line.time <= since)
        if tail is not None:
            position = max(position, len(self.lines) - tail)
        while True:
            changed = self.changed
            while position < len(self.lines):
                position += 1
                yield self.lines[position - 1]
            if not follow or self.has_ended:
                return
            await changed.wait()
