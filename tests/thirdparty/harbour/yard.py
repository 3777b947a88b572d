"""The world that the kinds run in; it stands for an engine, and knows nothing of Fairlead.

A yard goes on when the host that opened it ends, as a container does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

CRANE = "crane"


@dataclass
class Box:
    """A box on a ship, with what has been written about it: who wrote, and the text."""

    name: str
    problem: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    #: How many follow its lines now.
    followers: int = 0


class Yard:
    """Ships by their names, each with its boxes; whoever watches is told of each change."""

    def __init__(self, depth: str) -> None:
        self.depth = depth
        self.ships: dict[str, list[Box]] = {}
        self._changed = asyncio.Condition()

    async def dock(self, ship: str, boxes: int) -> None:
        """Have a ship with some boxes."""
        self.ships[ship] = [Box(f"box-{number}", lines=[(CRANE, f"box {number} is on")]) for number in range(boxes)]
        await self._tell()

    async def undock(self, ship: str) -> None:
        """Let a ship go; it may have gone before."""
        self.ships.pop(ship, None)
        await self._tell()

    async def unload(self, ship: str, count: int) -> list[str]:
        """Take boxes off a ship, and tell their names."""
        boxes = self.ships[ship]
        taken, self.ships[ship] = boxes[:count], boxes[count:]
        await self._tell()
        return [box.name for box in taken]

    async def write(self, ship: str, box: int, source: str, text: str) -> None:
        """Write something about a box."""
        self.ships[ship][box].lines.append((source, text))
        await self._tell()

    async def damage(self, ship: str, box: int, problem: str) -> None:
        """Have something happen to a box."""
        self.ships[ship][box].problem = problem
        await self._tell()

    async def changes(self) -> AsyncIterator[None]:
        """Yield at once, and after each change."""
        async with self._changed:
            while True:
                yield
                await self._changed.wait()

    async def read(self, box: Box, after: int) -> AsyncIterator[list[tuple[str, str]]]:
        """Yield what is written about a box behind a number of lines, as it comes."""
        box.followers += 1
        try:
            async for _ in self.changes():
                if box.lines[after:]:
                    yield box.lines[after:]
                    after = len(box.lines)
        finally:
            box.followers -= 1

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


#: The yards that are open, by the app and the harbour. They outlive a host.
YARDS: dict[tuple[str, str], Yard] = {}


class Radio:
    """The connection to the yards; a run needs one."""

    #: How many are open.
    open: int = 0

    @classmethod
    async def connect(cls) -> Radio:
        """Open one."""
        cls.open += 1
        return cls()

    async def close(self) -> None:
        """Close it."""
        type(self).open -= 1

    def yard(self, app_id: str, harbour: str) -> Yard | None:
        """The yard of a harbour, if it is open."""
        return YARDS.get((app_id, harbour))
