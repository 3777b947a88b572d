"""A reader of logs: a position in each of them, and nothing else.

So a slow reader costs no memory, and a flood can't be held up by it; what it misses, it is told. Lines come in the
order in which they were written, whichever log they are in.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from fairlead.runtime.logs.records import Gap, OpenLine, Record, Stream
from fairlead.runtime.logs.ring import ResourceLog

_READ_LINES = 1000
_READ_BYTES = 1024 * 1024
# Seconds between two readings of a reader that has read few lines, so that lines that trickle in make batches. One that
# has read many goes on at once, as the ring would overtake it.
_PAUSE_SECONDS = 0.005
_FEW_LINES = 100


class Portion(NamedTuple):
    """Records of one log that follow each other in the order of all logs; ``id`` is the resource's."""

    id: str
    records: list[Record]


@dataclass(slots=True)
class _Place:
    """The next line that a reader wants of a log, the batch it is in, and the open lines that the reader knows.

    ``sources`` are the parts of the resource whose lines it wants; None for all.
    """

    number: int
    serial: int
    known_open: dict[tuple[Stream, str | None], OpenLine]
    sources: Collection[str | None] | None = None

    def wants(self, source: str | None) -> bool:
        """Whether it wants the lines of a part of the resource."""
        return self.sources is None or source in self.sources


class Follower:
    """Reads several logs in the order in which their lines were written.

    Args:
        open_lines: Whether to read the open lines too.
    """

    def __init__(self, *, open_lines: bool = False) -> None:
        self._open_lines = open_lines
        self._places: dict[ResourceLog, _Place] = {}
        self._changed: dict[ResourceLog, None] = {}
        # The logs that have unread lines, by the position of the first of them.
        self._unread: list[tuple[int, ResourceLog]] = []
        self._queued: set[ResourceLog] = set()
        self._alarm = asyncio.Event()
        self._is_listening = False
        self._lines_read = 0

    def listen(self) -> None:
        """Be woken by the logs from now on, until it is closed."""
        self._is_listening = True
        for log in self._places:
            log.attach(self)
            self.wake(log)

    def add(self, log: ResourceLog, start: int, sources: Collection[str | None] | None = None) -> None:
        """Read a log too.

        Args:
            log: The log.
            start: The number of the first line to read; those behind it that were dropped make a gap.
            sources: The parts of the resource whose lines are read; None for all.
        """
        if log in self._places:
            return
        self._places[log] = _Place(start, log.serial_of(start), {}, sources)
        if self._is_listening:
            log.attach(self)
        self.wake(log)

    def close(self) -> None:
        """Read nothing any more."""
        for log in self._places:
            log.detach(self)
        self._places.clear()

    def wake(self, log: ResourceLog | None = None) -> None:
        """Look again, at a log that has changed or for other reasons."""
        if log is not None:
            self._changed[log] = None
        self._alarm.set()

    def read(self, until: int | None = None) -> list[Portion]:
        """Return what comes next, a convenient number of records of it; empty where there is nothing new.

        Args:
            until: A position that is not read any more.
        """
        self._alarm.clear()
        changed, self._changed = self._changed, {}
        for log in changed:
            self._queue(log)
        portions: list[Portion] = []
        count = size = 0
        while count < _READ_LINES and size < _READ_BYTES and (oldest := self._next(until)) is not None:
            lines, memory = self._read_batch(oldest, _READ_LINES - count, portions)
            count += lines
            size += memory
        self._lines_read += count
        if self._open_lines and not self._unread:
            self._read_open_lines(changed, portions)
        elif self._open_lines:
            self._changed |= changed
        return portions

    def _next(self, until: int | None) -> ResourceLog | None:
        """Take the log with the oldest unread line out of the queue; None where there is none before ``until``."""
        while self._unread and (until is None or self._unread[0][0] < until):
            position, log = heapq.heappop(self._unread)
            self._queued.discard(log)
            present = self._position(log)
            if present == position:
                return log
            if present is not None:  # the ring has overtaken this reader, so another log may come first
                self._queue(log)
        return None

    def _read_batch(self, log: ResourceLog, limit: int, portions: list[Portion]) -> tuple[int, int]:
        """Add the next lines of a log, and the gap before them; how many lines, and the memory of their batch."""
        place = self._places[log]
        batch = log.batch(place.serial)
        assert batch is not None
        start = max(place.number, log.first)
        if not place.wants(batch.source):
            place.number, place.serial = batch.end, batch.serial + 1
            self._queue(log)
            return 0, 0
        records = _records(portions, log)
        if place.number < start:
            records.append(Gap(start - place.number, batch.position_of(start) - 1))
        lines = batch.lines(start, limit)
        records += lines
        place.number = start + len(lines)
        place.serial = batch.serial + (place.number >= batch.end)
        place.known_open.pop((batch.stream, batch.source), None)
        self._queue(log)
        return len(lines), batch.size

    async def wait(self) -> None:
        """Return when something has changed; after few lines not before some time has gone by."""
        loop = asyncio.get_running_loop()
        earliest = loop.time() + _PAUSE_SECONDS
        pause = self._lines_read < _FEW_LINES
        self._lines_read = 0
        await self._alarm.wait()
        if pause and (rest := earliest - loop.time()) > 0:
            await asyncio.sleep(rest)

    def _queue(self, log: ResourceLog) -> None:
        """Note the position of a log's next unread line, if it has one."""
        if log not in self._queued and (position := self._position(log)) is not None:
            self._queued.add(log)
            heapq.heappush(self._unread, (position, log))

    def _position(self, log: ResourceLog) -> int | None:
        """The position of a log's next unread line that is still kept; None where there is none."""
        place = self._places.get(log)
        batch = None if place is None else log.batch(place.serial)
        if place is None or batch is None:
            return None
        return batch.position_of(max(place.number, log.first))

    def _read_open_lines(self, changed: dict[ResourceLog, None], portions: list[Portion]) -> None:
        for log in changed:
            place = self._places.get(log)
            if place is None:
                continue
            present = {(line.stream, line.source): line for line in log.open_lines if place.wants(line.source)}
            new: list[Record] = [line for key, line in present.items() if place.known_open.get(key) != line]
            new += [line._replace(text="") for key, line in place.known_open.items() if key not in present]
            place.known_open = present
            if new:
                _records(portions, log).extend(new)


def _records(portions: list[Portion], log: ResourceLog) -> list[Record]:
    """The records of the last portion, if that is the log's, or of a new one."""
    if not portions or portions[-1].id != log.id:
        portions.append(Portion(log.id, []))
    return portions[-1].records
