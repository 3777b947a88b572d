"""Counts of the kept lines of logs, by level and time.

Counted only while somebody asks: what is there at first, a few lines at a time, and then what has come and gone since.
As the lines of a batch have one time, a batch is counted as a whole, and subtracted when its log drops it; so the
counts are exactly those of the lines that could be read.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import add, sub
from types import MappingProxyType
from typing import NamedTuple
from weakref import WeakKeyDictionary

from fairlead.runtime.logs.levels import Level, level_of
from fairlead.runtime.logs.records import Batch
from fairlead.runtime.logs.ring import ResourceLog

AT_ONCE = 2000
"""Lines that are counted in one turn of the event loop; a few milliseconds of work."""
RATE_SECONDS = 5.0
"""Seconds over which the rate of lines is taken."""

_LEVELS: tuple[Level | None, ...] = ("error", "warn", "info", "debug", None)


class Counts(NamedTuple):
    """Numbers of lines.

    Attributes:
        error: Of this level, and so on.
        other: Without a level.
        fairlead: What Fairlead says itself.
    """

    error: int = 0
    warn: int = 0
    info: int = 0
    debug: int = 0
    other: int = 0
    fairlead: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sum."""
        return Counts._make(map(add, self, other))

    def minus(self, other: Counts) -> Counts:
        """Return the difference."""
        return Counts._make(map(sub, self, other))


NOTHING = Counts()
_ONE_OF_FAIRLEAD = Counts(fairlead=1)
_ONE_BY_LEVEL = {level: Counts(**{level or "other": 1}) for level in _LEVELS}


class _Counted(NamedTuple):
    """What was counted in a batch: from which line on, its time, and the counts."""

    first: int
    time: float
    counts: Counts


class LogCounts:
    """The counts of one log.

    Args:
        sources: Only the lines of these parts count, such as replicas; None for all.

    Attributes:
        total: Of all its kept lines.
        seconds: By the whole second in which they arrived; empty ones are left out.
        minutes: By the second in which the minute began.
        lost: How many lines the log has dropped, of whichever part.
    """

    def __init__(self, sources: Collection[str | None] | None = None) -> None:
        self._sources = sources
        self._serial = 0  # of the first batch that is counted
        self._batches: deque[_Counted] = deque()
        self.total = NOTHING
        self.seconds: dict[int, Counts] = {}
        self.minutes: dict[int, Counts] = {}
        self.lost = 0

    def advance(self, log: ResourceLog, limit: int) -> int:
        """Count what has come, and subtract what was dropped.

        Args:
            log: The log, always the same.
            limit: How many lines to count, and some more to finish a batch.

        Returns:
            How many lines were counted; less than the limit once all are.
        """
        counted = self._drop(log)
        self.lost = log.first - 1
        while counted < limit and (batch := log.batch(self._serial + len(self._batches))) is not None:
            first = max(batch.first, log.first)
            entry = _Counted(first, batch.time, self._count(batch, first))
            self._batches.append(entry)
            self._add(entry)
            counted += batch.end - first
        return counted

    def rate(self, now: float) -> float:
        """Return lines a second in the last seconds; since the oldest kept line where the ring is shorter than that."""
        lines, oldest = 0, now
        for entry in reversed(self._batches):
            if entry.time <= now - RATE_SECONDS:
                return lines / RATE_SECONDS
            lines += sum(entry.counts)
            oldest = entry.time
        return lines / (max(now - oldest, 0.1) if self.lost else RATE_SECONDS)

    def _drop(self, log: ResourceLog) -> int:
        """Subtract what the log has dropped; returns how many lines had to be counted again for that."""
        oldest = log.batch(0)
        serial = log.serial_of(log.end) if oldest is None else oldest.serial
        while self._batches and self._serial < serial:
            self._subtract(self._batches.popleft())
            self._serial += 1
        self._serial = max(self._serial, serial)
        if oldest is None or not self._batches or self._batches[0].first >= log.first:
            return 0
        self._subtract(self._batches[0])  # some lines of the oldest batch count no more
        self._batches[0] = _Counted(log.first, oldest.time, self._count(oldest, log.first))
        self._add(self._batches[0])
        return oldest.end - log.first

    def _count(self, batch: Batch, first: int) -> Counts:
        return _count(batch, first) if self._sources is None or batch.source in self._sources else NOTHING

    def _add(self, entry: _Counted) -> None:
        if not any(entry.counts):
            return
        self.total = self.total.plus(entry.counts)
        for counts, time in self._steps(entry):
            counts[time] = counts.get(time, NOTHING).plus(entry.counts)

    def _subtract(self, entry: _Counted) -> None:
        if not any(entry.counts):
            return
        self.total = self.total.minus(entry.counts)
        for counts, time in self._steps(entry):
            counts[time] = counts[time].minus(entry.counts)
            if not any(counts[time]):
                del counts[time]

    def _steps(self, entry: _Counted) -> tuple[tuple[dict[int, Counts], int], ...]:
        second = int(entry.time)
        return (self.seconds, second), (self.minutes, second - second % 60)


class Counting:
    """The counts of the logs that somebody asks about, kept as long as somebody does."""

    def __init__(self) -> None:
        self._counts: WeakKeyDictionary[ResourceLog, dict[frozenset[str | None] | None, LogCounts]]
        self._counts = WeakKeyDictionary()
        self._askers = 0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Keep what is counted inside the block, for the next question."""
        self._askers += 1
        try:
            yield
        finally:
            self._askers -= 1
            if not self._askers:
                self._counts.clear()

    async def count(
        self,
        logs: Iterable[ResourceLog],
        take_turn: Callable[[], Awaitable[None]],
        sources: Mapping[str, Collection[str | None]] = MappingProxyType({}),
    ) -> dict[str, LogCounts]:
        """Return the counts of some logs, by their ids; call it inside :meth:`asking`.

        Args:
            logs: The logs.
            take_turn: Is awaited between two pieces of work.
            sources: Of these logs only the lines of some parts.
        """
        counts: dict[str, LogCounts] = {}
        for log in logs:
            counts[log.id] = self._counts_of(log, sources.get(log.id))
            while counts[log.id].advance(log, AT_ONCE) >= AT_ONCE:
                await take_turn()
            await take_turn()
        return counts

    def _counts_of(self, log: ResourceLog, sources: Collection[str | None] | None) -> LogCounts:
        key = None if sources is None else frozenset(sources)
        return self._counts.setdefault(log, {}).setdefault(key, LogCounts(key))


def _count(batch: Batch, first: int) -> Counts:
    """Count the lines of a batch from a number on."""
    if batch.stream in ("system", "state"):
        number = batch.end - first
        return _ONE_OF_FAIRLEAD if number == 1 else Counts(fairlead=number)
    if batch.count == 1:
        return _ONE_BY_LEVEL[level_of(batch.text)]
    levels = Counter(map(level_of, batch.text.split("\n")[first - batch.first :]))
    return Counts(*(levels[level] for level in _LEVELS))
