"""The log of one resource: its last lines, and the lines that are not finished yet.

A batch of lines is kept as one text, as it came, and cut into lines when it is read: a resource that writes a
hundred thousand lines a second costs a few percent of a core. Each line has a number in its log and a position in the
order of all logs of the run; both are counted by batches, so that a line costs nothing.

All of it belongs to the thread of the event loop.
"""

from __future__ import annotations

import sys
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Protocol

from fairlead.runtime.logs.records import Batch, LogLine, OpenLine, Order, Stream
from fairlead.runtime.logs.text import Mask, printable

KEPT_LINES = 10_000
KEPT_BYTES = 32 * 1024 * 1024
_BATCH_BYTES = 1024 * 1024
_BATCH_LINES = 1000
_PIECE_BYTES = 64 * 1024
_KEPT_TURNS = 512
_LOOKED_AT = 50
"""Batches at the end of a log in which its last line with text is looked for."""


class Listener(Protocol):
    """What is told that a log has changed."""

    def wake(self, log: ResourceLog) -> None:
        """Take note that the log has new lines, another open line, or was closed."""


class ResourceLog:
    """The log of one resource: a ring that is bounded in lines and in bytes, and the open lines beside it.

    Args:
        id: The id of the resource.
        mask: What is replaced in every line before it is kept.
        order: Gives the lines their positions; shared by all logs of a run.
        kept_lines: How many lines are kept.
        kept_bytes: How much memory the kept text may take; long lines are therefore kept in smaller number.
        on_growth: Is called when text was added.
    """

    def __init__(
        self,
        id: str = "",
        mask: Mask | None = None,
        order: Order | None = None,
        *,
        kept_lines: int = KEPT_LINES,
        kept_bytes: int = KEPT_BYTES,
        on_growth: Callable[[], None] = lambda: None,
    ) -> None:
        self.id = id
        self._mask = mask or Mask()
        self._order = order or Order()
        self._kept_lines = kept_lines
        self._kept_bytes = kept_bytes
        self._on_growth = on_growth
        self._batches: deque[Batch] = deque()
        self._serial = 0
        self._end = 1
        self._open: dict[tuple[Stream, str | None], OpenLine] = {}
        # Position and number of dropped batches, one for each row of batches that no other log interrupted.
        self._dropped: deque[tuple[int, int]] = deque(maxlen=_KEPT_TURNS)
        self._listeners: dict[Listener, None] = {}
        self.copy: Callable[[Stream, str], None] = lambda stream, text: None
        """Is given the lines of each write, joined by line feeds, before any of them can be dropped."""
        self.closed = False
        """Whether followers end when they have read everything."""
        self.size = 0
        """Bytes of memory that the kept text takes."""

    @property
    def end(self) -> int:
        """The number that the next line is going to have."""
        return self._end

    @property
    def first(self) -> int:
        """The number of the oldest line that is still kept, or the next one's."""
        return max(self._batches[0].first, self._end - self._kept_lines) if self._batches else self._end

    @property
    def open_lines(self) -> list[OpenLine]:
        """The lines that have no end yet, at most one for each stream of each source."""
        return list(self._open.values())

    # Writing

    def write(self, text: str, stream: Stream = "system") -> None:
        """Add a text of one or more lines."""
        self.feed(stream, text.removesuffix("\n").encode("utf-8", "replace").split(b"\n"))

    def feed(self, stream: Stream, lines: list[bytes], source: str | None = None) -> None:
        """Add raw lines, without their line feeds, that arrived together. They take the place of the open line.

        They get the time of this call, and the followers are woken. See ``printable`` for what becomes of bytes that
        are no text.
        """
        if not lines:
            return
        now = time.time()
        if self._open:
            self._open.pop((stream, source), None)
        for text in map(self._mask.apply, map(printable, _portions(lines))):
            self.copy(stream, text)
            self._keep(text, stream, source, now)
        self._drop()
        self._on_growth()
        self._wake()

    def feed_open(self, stream: Stream, text: bytes, source: str | None = None) -> None:
        """Show what there is of a line that has no end yet, in place of what was shown of it before.

        The end of the text is masked where it may be the beginning of a secret.
        """
        key = (stream, source)
        shown = self._mask.apply_open(printable([text[-_PIECE_BYTES:]]))
        before = self._open.get(key)
        if shown == (before.text if before else ""):
            return
        if shown:
            self._open[key] = OpenLine(time.time(), stream, shown, source)
        else:
            del self._open[key]
        self._wake()

    def close(self) -> None:
        """End the followers, once each has read what there is. Lines may still be added and looked at."""
        self.closed = True
        self._wake()

    def drop_oldest(self) -> None:
        """Drop the oldest batch, if there is one."""
        if not self._batches:
            return
        batch = self._batches.popleft()
        self.size -= batch.size
        offset = batch.position - batch.first
        if not self._dropped or self._dropped[-1][0] - self._dropped[-1][1] != offset:
            self._dropped.append((batch.position, batch.first))

    # Reading

    def lines(self, tail: int | None = None) -> list[LogLine]:
        """Return the kept lines, or the last ``tail`` of them, oldest first."""
        start = self.start_of_tail(tail)
        return [line for batch in self._batches if batch.end > start for line in batch.lines(start)]

    def last_line(self, source: str | None = None) -> str:
        """Return the last line with text that the resource itself wrote, of those that came last; empty without one.

        Args:
            source: Of this part of it only; of all parts by default.
        """
        for batch in islice(reversed(self._batches), _LOOKED_AT):
            if batch.stream in ("stdout", "stderr") and source in (None, batch.source):
                text = next((line for line in reversed(batch.text.split("\n")) if line.strip()), "")
                if text:
                    return text
        return ""

    def start_of_tail(self, tail: int | None, sources: Collection[str | None] | None = None) -> int:
        """Return the number of the first line that counts as one of the last ``tail``.

        Args:
            tail: How many lines; None for all that are kept.
            sources: The parts of the resource whose lines count; None for all.
        """
        if sources is not None and tail is not None:
            return self._start_of_tail_of(tail, sources)
        kept = self._end - self.first
        return self._end - (kept if tail is None else min(kept, max(tail, 0)))

    def _start_of_tail_of(self, tail: int, sources: Collection[str | None]) -> int:
        if tail <= 0:
            return self._end
        for batch in reversed(self._batches):
            if batch.source in sources:
                if batch.count >= tail:
                    return batch.end - tail
                tail -= batch.count
        return self.first

    def number_behind(self, position: int) -> int:
        """Return the number of the first line that comes behind a position, also where it was dropped."""
        index = bisect_right(self._batches, position, key=_position_of) - 1
        if index >= 0:
            batch = self._batches[index]
            return min(batch.first + position - batch.position + 1, batch.end)
        behind = self._batches[0].first if self._batches else self._end
        index = bisect_right(self._dropped, position, key=_place_of) - 1
        if index < 0:
            return self._dropped[0][1] if self._dropped else behind
        if index + 1 < len(self._dropped):
            behind = self._dropped[index + 1][1]
        start, number = self._dropped[index]
        return min(number + position - start + 1, behind)

    def serial_of(self, number: int) -> int:
        """Return the serial of the batch that has a line, of the first one if it was dropped, or of the next one."""
        index = bisect_right(self._batches, number, key=_end_of)
        return self._batches[index].serial if index < len(self._batches) else self._serial

    def batch(self, serial: int) -> Batch | None:
        """Return a batch, or the oldest if that one was dropped; None where there is none yet."""
        if serial >= self._serial or not self._batches:
            return None
        return self._batches[max(0, serial - self._batches[0].serial)]

    def attach(self, listener: Listener) -> None:
        """Tell a listener of every change from now on."""
        self._listeners[listener] = None

    def detach(self, listener: Listener) -> None:
        """Leave a listener alone from now on."""
        self._listeners.pop(listener, None)

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.wake(self)

    def _keep(self, text: str, stream: Stream, source: str | None, now: float) -> None:
        count = text.count("\n") + 1
        size = sys.getsizeof(text)
        position = self._order.next
        self._batches.append(Batch(self._serial, self._end, position, count, size, now, stream, source, text))
        self.size += size
        self._serial += 1
        self._end += count
        self._order.next = position + count

    def _drop(self) -> None:
        """Drop the oldest batches; one of which some line still counts stays, so a little more is kept than needed."""
        batches = self._batches
        oldest = self._end - self._kept_lines
        while len(batches) > 1 and (batches[0].end <= oldest or self.size > self._kept_bytes):
            self.drop_oldest()


def _position_of(batch: Batch) -> int:
    return batch.position


def _end_of(batch: Batch) -> int:
    return batch.end


def _place_of(dropped: tuple[int, int]) -> int:
    return dropped[0]


def _portions(lines: list[bytes]) -> Iterator[list[bytes]]:
    """Cut what came at once into portions of bounded size, and lines of unbounded length into pieces."""
    if len(lines) == 1 and len(lines[0]) > _BATCH_BYTES:
        line = lines[0]
        pieces = [line[start : start + _PIECE_BYTES] for start in range(0, len(line), _PIECE_BYTES)]
        step = _BATCH_BYTES // _PIECE_BYTES
        yield from (pieces[start : start + step] for start in range(0, len(pieces), step))
    elif len(lines) > 1 and (len(lines) > _BATCH_LINES or sum(map(len, lines)) > _BATCH_BYTES):
        middle = len(lines) // 2
        yield from _portions(lines[:middle])
        yield from _portions(lines[middle:])
    else:
        yield lines
