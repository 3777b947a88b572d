"""What a log consists of: lines, in the batches in which they arrived, lines that are not finished yet, and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Literal, NamedTuple, TypeAlias

Stream = Literal["stdout", "stderr", "system", "state"]


class LogLine(NamedTuple):
    """One line of a resource's log.

    Attributes:
        number: Its place in the log, from 1; a reader that missed lines sees it by the numbers.
        time: When it arrived, in seconds since the epoch.
        stream: Where it was written; ``system`` for what Fairlead itself says about the resource, and ``state`` for
            what it says of a change of its state, which the snapshots tell too.
        text: The line, with colours as SGR sequences and without other control characters.
        source: Which part of the resource wrote it: a replica's number, a pod, a container; None where it has no parts.
        position: Its place in the order of all lines of the run.
    """

    number: int
    time: float
    stream: Stream
    text: str
    source: str | None = None
    position: int = 0


class OpenLine(NamedTuple):
    """A line that has no end yet, such as a prompt or a progress bar.

    It has no number. What the same source writes next to the same stream, open or not, replaces it.

    Attributes:
        time: When it was handed over, in seconds since the epoch.
        stream: Where it was written.
        text: What there is of it; empty where it was wiped.
        source: Which part of the resource writes it; None where it has no parts.
    """

    time: float
    stream: Stream
    text: str
    source: str | None = None


class Gap(NamedTuple):
    """Lines that a reader can't have any more, as the ring has dropped them.

    Attributes:
        lost: How many; at least so many for a reader that was away while the logs took turns hundreds of times.
        position: The place of the last of them in the order of all lines.
    """

    lost: int
    position: int


Record: TypeAlias = LogLine | Gap | OpenLine


@dataclass(slots=True)
class Order:
    """The order of all lines of a run: the position that the next line is going to have."""

    next: int = 1


@dataclass(slots=True)
class Batch:
    """Lines that arrived together.

    Args:
        serial: Its place among the batches of its log.
        first: The number of its first line.
        position: The position of its first line; the others follow without a gap.
        count: How many lines it has.
        size: The memory that its text takes.
        time: When it arrived.
        stream: Where it was written.
        source: Which part of the resource wrote it.
        text: The lines, joined by line feeds.
    """

    serial: int
    first: int
    position: int
    count: int
    size: int
    time: float
    stream: Stream
    source: str | None
    text: str

    @property
    def end(self) -> int:
        """The number behind its last line."""
        return self.first + self.count

    def position_of(self, number: int) -> int:
        """Return the position of one of its lines."""
        return self.position + number - self.first

    def lines(self, start: int = 0, limit: int | None = None) -> list[LogLine]:
        """Return its lines from a number on, at most ``limit`` of them."""
        skipped = max(0, start - self.first)
        end = self.count if limit is None else min(self.count, skipped + limit)
        texts = self.text.split("\n")[skipped:end]
        numbers = range(self.first + skipped, self.first + end)
        positions = range(self.position + skipped, self.position + end)
        return list(
            map(LogLine, numbers, repeat(self.time), repeat(self.stream), texts, repeat(self.source), positions)
        )
