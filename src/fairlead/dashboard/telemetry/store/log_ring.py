"""The structured log entries of one resource, in the order of their numbers."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from operator import attrgetter
from typing import cast

from fairlead.dashboard.telemetry.documents import Level
from fairlead.dashboard.telemetry.records import LogRecord

_COMPACT = 1024
_KNOWN_DROPS = 16 * 1024

_id = attrgetter("id")


@dataclass(frozen=True, slots=True)
class KeptLog:
    """An entry with its number, which rises in the order of arrival.

    Args:
        id: The number.
        level: Its level.
        record: The entry.
        size: The bytes that it takes, about.
    """

    id: int
    level: Level
    record: LogRecord
    size: int


class LogRing:
    """The kept entries of one resource; those that are dropped leave their numbers behind, so that gaps are known."""

    def __init__(self) -> None:
        self._entries: list[KeptLog | None] = []
        self._head = 0  # what is before it was dropped
        self._drops: array[int] = array("Q")
        self.size = 0
        #: How many entries of each level are kept.
        self.levels: dict[Level, int] = {}

    def __len__(self) -> int:
        return len(self._entries) - self._head

    def add(self, entry: KeptLog) -> None:
        """Add an entry with a higher number than all before."""
        self._entries.append(entry)
        self.size += entry.size
        self.levels[entry.level] = self.levels.get(entry.level, 0) + 1

    def take_oldest(self) -> KeptLog:
        """Drop the oldest entry, and return it."""
        entry = cast(KeptLog, self._entries[self._head])
        self._entries[self._head] = None
        self._head += 1
        if self._head >= _COMPACT and self._head * 2 >= len(self._entries):
            del self._entries[: self._head]
            self._head = 0
        self.size -= entry.size
        self.levels[entry.level] -= 1
        self._drops.append(entry.id)
        if len(self._drops) > 2 * _KNOWN_DROPS:
            del self._drops[:_KNOWN_DROPS]
        return entry

    def behind(self, id: int, limit: int) -> list[KeptLog]:
        """The first entries with a number above one, at most so many."""
        start = bisect_right(self._entries, id, self._head, key=_id)
        return cast(list[KeptLog], self._entries[start : start + limit])

    def before(self, id: int, limit: int) -> list[KeptLog]:
        """The last entries with a number below one, at most so many; in rising order."""
        end = bisect_left(self._entries, id, self._head, key=_id)
        return cast(list[KeptLog], self._entries[max(self._head, end - limit) : end])

    def lost(self, after: int, until: int) -> int:
        """How many entries with a number above the first and not above the second were dropped, as far as is known."""
        return bisect_right(self._drops, until) - bisect_right(self._drops, after)
