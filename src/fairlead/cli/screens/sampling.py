"""Picks the log lines that are shown while an app runs.

All of them, as long as a person or a pipe can follow; a sample of those of a resource that writes a flood, at a cost
that does not grow with the flood.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from fairlead.cli.screens.appearance import is_own
from fairlead.runtime.logs.book import LogBook, LogLine

# So many times more lines than may be shown are a flood that no user can follow, so a few of them will do.
_FLOOD = 5
_SAMPLE = 10


class Rate(NamedTuple):
    """How many lines of one resource are shown: at once, and in every second after that."""

    burst: int
    per_second: int


@dataclass(slots=True)
class _Position:
    next: int
    budget: int
    refilled: float


class Sampler:
    """What was shown of each log, and how much more may be.

    Args:
        book: The logs.
        rate: How much is shown of each.
        quiet: The resources of which only Fairlead's own lines are shown.
    """

    def __init__(self, book: LogBook, rate: Rate, quiet: Collection[str] = ()) -> None:
        self._book = book
        self._rate = rate
        self._quiet = quiet
        self._positions: dict[str, _Position] = {}

    def take(self, now: float, *, last: bool = False) -> list[tuple[str, LogLine]]:
        """The lines to show now, with the names of their resources, in the order of their time.

        Args:
            now: The time, in seconds of any clock.
            last: Whether this is the last call, so that nothing can be put off.
        """
        shown: list[tuple[str, LogLine]] = []
        for name in self._book.names():
            position = self._positions.get(name)
            if position is None:
                position = self._positions[name] = _Position(1, self._rate.burst, now)
            if now - position.refilled >= 1 or last:
                position.budget = min(self._rate.burst, position.budget + self._rate.per_second)
                position.refilled = now
            shown += [(name, line) for line in self._take(name, position)]
        shown.sort(key=lambda entry: entry[1].time)
        return shown

    def _take(self, name: str, position: _Position) -> list[LogLine]:
        log = self._book.log(name)
        new = log.end - position.next
        if name in self._quiet:
            lines = log.lines(new) if new > 0 else []
            position.next = log.end
            return [line for line in lines if is_own(line.stream)]
        count = min(new, position.budget)
        if count <= 0:
            return []
        if new > _FLOOD * count:
            count, position.budget = min(count, _SAMPLE), 0
        lines = log.lines(count)
        skipped = lines[0].number - position.next
        position.budget = max(0, position.budget - count)
        position.next = lines[-1].number + 1
        if skipped:
            text = f"… {skipped:,} {'line' if skipped == 1 else 'lines'} skipped, see fairlead logs {name}"
            lines.insert(0, LogLine(lines[0].number - 1, lines[0].time, "system", text))
        return lines
