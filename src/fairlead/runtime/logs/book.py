"""The logs of the resources: the last lines of each, and readers that follow them.

A batch of lines is kept as one text, as it came, and cut into lines when somebody reads it: a resource that writes a
hundred thousand lines a second costs a few percent of a core. A reader is a position in the ring and nothing else, so
a slow one costs no memory and a flood can't be held up by it; what it misses, it is told.

All of it belongs to the thread of the event loop.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Literal, NamedTuple

from fairlead.runtime.logs.text import Mask, printable

Stream = Literal["stdout", "stderr", "system", "state"]

KEPT_LINES = 10_000
KEPT_BYTES = 32 * 1024 * 1024
_BATCH_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024
_READ_LINES = 1000
_READ_BYTES = 1024 * 1024
# A reader that found few lines is given so much time before the next, so that lines that trickle in make batches. One
# that found many is not, as the ring would overtake it.
_PAUSE_SECONDS = 0.005
_FEW_LINES = 100


class LogLine(NamedTuple):
    """One line of a resource's log.

    Attributes:
        number: Its place in the log, from 1; a reader that missed lines sees it by the numbers.
        time: When it arrived, in seconds since the epoch.
        stream: Where it was written; ``system`` for what Fairlead itself says about the resource, and ``state`` for
            what it says of a change of its state, which who watches the states knows already.
        text: The line, with colours as SGR sequences and without other control characters.
    """

    number: int
    time: float
    stream: Stream
    text: str


@dataclass(slots=True)
class _Batch:
    """Lines that arrived together: the number of the first, how many they are, the memory they take."""

    first: int
    count: int
    size: int
    time: float
    stream: Stream
    text: str

    @property
    def end(self) -> int:
        return self.first + self.count

    def lines(self) -> list[LogLine]:
        numbers = range(self.first, self.end)
        return list(map(LogLine, numbers, repeat(self.time), repeat(self.stream), self.text.split("\n")))


class ResourceLog:
    """The log of one resource: a ring that is bounded in lines and in bytes.

    Args:
        mask: What is replaced in every line before it is kept.
        kept_lines: How many lines are kept.
        kept_bytes: How much memory the kept text may take; long lines are therefore kept in smaller number.
    """

    def __init__(self, mask: Mask | None = None, *, kept_lines: int = KEPT_LINES, kept_bytes: int = KEPT_BYTES) -> None:
        self._mask = mask or Mask()
        self._kept_lines = kept_lines
        self._kept_bytes = kept_bytes
        self._batches: deque[_Batch] = deque()
        self._bytes = 0
        self._end = 1
        self._closed = False
        self._alarms: set[_Alarm] = set()

    @property
    def closed(self) -> bool:
        """Whether followers end when they have read everything."""
        return self._closed

    @property
    def end(self) -> int:
        """The number that the next line is going to have."""
        return self._end

    def write(self, text: str, stream: Stream = "system") -> None:
        """Add a text of one or more lines."""
        self.feed(stream, text.removesuffix("\n").encode("utf-8", "replace").split(b"\n"))

    def feed(self, stream: Stream, lines: list[bytes]) -> None:
        """Add raw lines, without their line feeds, that arrived together.

        They get the time of this call, and the followers are woken. See ``printable`` for what becomes of bytes that
        are no text.
        """
        if not lines:
            return
        now = time.time()
        for text in map(printable, _portions(lines)):
            self._keep(self._mask.apply(text), stream, now)
        self._drop()
        for alarm in self._alarms:
            alarm.set()

    def lines(self, tail: int | None = None) -> list[LogLine]:
        """Return the kept lines, or the last ``tail`` of them, oldest first."""
        start = self._start(tail)
        return [line for batch in self._batches if batch.end > start for line in batch.lines() if line.number >= start]

    def follow(self, tail: int | None = None) -> AsyncIterator[list[LogLine]]:
        """Return the kept lines, or the last ``tail`` of them, then what comes, in batches, until the log is closed.

        What is replayed is settled by this call, not by the first read. A reader that is overtaken by the ring gets one
        line of the stream ``system`` that says how many lines it has missed.
        """
        return self._follow(_Reader(self, tail))

    def close(self) -> None:
        """End the followers, once each has read what there is. Lines may still be added and looked at."""
        self._closed = True
        for alarm in self._alarms:
            alarm.set()

    async def _follow(self, reader: _Reader) -> AsyncIterator[list[LogLine]]:
        alarm = _Alarm()
        self.attach(alarm)
        found = 0
        try:
            while True:
                alarm.clear()
                if batch := reader.read():
                    found += len(batch)
                    yield batch
                elif self._closed:
                    return
                else:
                    await alarm.wait(pause=found < _FEW_LINES)
                    found = 0
        finally:
            self.detach(alarm)

    def attach(self, alarm: _Alarm) -> None:
        """Raise an alarm whenever lines are added or the log is closed."""
        self._alarms.add(alarm)

    def detach(self, alarm: _Alarm) -> None:
        """Leave an alarm alone from now on."""
        self._alarms.discard(alarm)

    def _start(self, tail: int | None) -> int:
        """Return the number of the first line that counts as one of the last ``tail``."""
        kept = self._end - self._first()
        return self._end - (kept if tail is None else min(kept, max(tail, 0)))

    def _first(self) -> int:
        """Return the number of the oldest line that is still kept, or the next one's."""
        return max(self._batches[0].first, self._end - self._kept_lines) if self._batches else self._end

    def _keep(self, text: str, stream: Stream, now: float) -> None:
        count = text.count("\n") + 1
        size = sys.getsizeof(text)
        self._batches.append(_Batch(self._end, count, size, now, stream, text))
        self._bytes += size
        self._end += count

    def _drop(self) -> None:
        """Drop the oldest batches; one of which some line still counts stays, so a little more is kept than needed."""
        batches = self._batches
        oldest = self._end - self._kept_lines
        while len(batches) > 1 and (batches[0].end <= oldest or self._bytes > self._kept_bytes):
            self._bytes -= batches.popleft().size

    def _unread(self, start: int) -> list[LogLine]:
        """Return lines from a number on, a convenient number of them. They must still be kept."""
        found: list[_Batch] = []
        # From the newest backwards, as a reader that keeps up finds its place near the end.
        for batch in reversed(self._batches):
            if batch.end <= start:
                break
            found.append(batch)
        lines: list[LogLine] = []
        size = 0
        while found and len(lines) < _READ_LINES and size < _READ_BYTES:
            batch = found.pop()
            size += batch.size
            lines += batch.lines() if batch.first >= start else batch.lines()[start - batch.first :]
        return lines


class _Reader:
    """A position in a log."""

    def __init__(self, log: ResourceLog, tail: int | None) -> None:
        self._log = log
        self._next = log._start(tail)

    def read(self) -> list[LogLine]:
        """Return the lines after the last ones, or an empty list."""
        first = self._log._first()
        lines = self._log._unread(max(self._next, first))
        if self._next < first:
            lines.insert(0, _gap(self._next, first, lines[0].time if lines else time.time()))
        if lines:
            self._next = lines[-1].number + 1
        return lines


class LogBook:
    """The logs of all resources, and the secrets that none of them shows.

    Args:
        kept_lines: How many lines are kept of each.
        kept_bytes: How much memory the kept text of each may take.
    """

    def __init__(self, *, kept_lines: int = KEPT_LINES, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_lines = kept_lines
        self._kept_bytes = kept_bytes
        self._mask = Mask()
        self._logs: dict[str, ResourceLog] = {}
        self._closed = False
        self._alarms: set[_Alarm] = set()

    def log(self, name: str) -> ResourceLog:
        """Return the log of a resource, made on first use."""
        found = self._logs.get(name)
        if found is None:
            found = ResourceLog(self._mask, kept_lines=self._kept_lines, kept_bytes=self._kept_bytes)
            self._logs[name] = found
            if self._closed:
                found.close()
            for alarm in self._alarms:
                alarm.set()
        return found

    def names(self) -> list[str]:
        """Return the names of the logs there are, in the order in which they were made."""
        return list(self._logs)

    def mask(self, secret: str) -> None:
        """Replace a secret by ``***`` in everything that is written to any log from now on. See ``Mask``."""
        self._mask.add(secret)

    def masked(self, text: str) -> str:
        """A text that is shown elsewhere than in a log, with the secrets replaced."""
        return self._mask.apply(text)

    def follow(
        self, names: Collection[str] | None = None, tail: int | None = None
    ) -> AsyncIterator[tuple[str, list[LogLine]]]:
        """Return the lines of several logs, then what comes, in batches with the name, until the book is closed.

        The logs take turns, so one that is flooded does not hide the others.

        Args:
            names: The resources; None for all, with those whose log is yet to be made.
            tail: How many of the last lines of each to begin with; None for all that are kept. A log made later is
                given from its beginning.
        """
        readers = {name: _Reader(log, tail) for name, log in self._logs.items() if names is None or name in names}
        return self._follow(None if names is None else frozenset(names), readers)

    def close(self) -> None:
        """Close all logs, and those that are made from now on."""
        self._closed = True
        for log in self._logs.values():
            log.close()
        for alarm in self._alarms:
            alarm.set()

    async def _follow(
        self, names: frozenset[str] | None, readers: dict[str, _Reader]
    ) -> AsyncIterator[tuple[str, list[LogLine]]]:
        alarm = _Alarm()
        self._alarms.add(alarm)
        attached: dict[str, ResourceLog] = {}
        found = 0
        try:
            while True:
                alarm.clear()
                for name, log in self._logs.items():
                    if name not in attached and (names is None or name in names):
                        attached[name] = log
                        log.attach(alarm)
                        readers.setdefault(name, _Reader(log, None))
                before = found
                for name in attached:
                    if batch := readers[name].read():
                        found += len(batch)
                        yield name, batch
                if found > before:
                    continue
                if self._closed:
                    return
                await alarm.wait(pause=found < _FEW_LINES)
                found = 0
        finally:
            self._alarms.discard(alarm)
            for log in attached.values():
                log.detach(alarm)


class _Alarm:
    """Wakes one follower, and lets alarms that come close together wake it once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    async def wait(self, *, pause: bool) -> None:
        """Return after the next alarm, with ``pause`` not before the time to be left between two readings."""
        loop = asyncio.get_running_loop()
        earliest = loop.time() + _PAUSE_SECONDS
        await self._event.wait()
        if pause and (rest := earliest - loop.time()) > 0:
            await asyncio.sleep(rest)


def _gap(start: int, end: int, now: float) -> LogLine:
    count = end - start
    text = f"… {count:,} {'line' if count == 1 else 'lines'} skipped, this reader is too slow"
    return LogLine(end - 1, now, "system", text)


def _portions(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Cut what came at once into portions of bounded size, and lines of unbounded length into pieces."""
    if len(lines) == 1 and len(lines[0]) > _BATCH_BYTES:
        line = lines[0]
        pieces = [line[start : start + _PIECE_BYTES] for start in range(0, len(line), _PIECE_BYTES)]
        step = _BATCH_BYTES // _PIECE_BYTES
        yield from (pieces[start : start + step] for start in range(0, len(pieces), step))
    elif sum(map(len, lines)) > _BATCH_BYTES:
        middle = len(lines) // 2
        yield from _portions(lines[:middle])
        yield from _portions(lines[middle:])
    else:
        yield lines
