"""A run in a terminal: the log lines scroll, and a table of the resources stays below them.

A frame is written as one text: it goes up to where the table began, writes the new log lines over it, and the table
below. Each row clears only what is left of the row that was there before, so nothing flickers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from fairlead.cli.lines import Prefixes
from fairlead.cli.resources import table
from fairlead.cli.sampling import Rate
from fairlead.cli.table import shorten, width_of
from fairlead.cli.terminal import style
from fairlead.cli.wording import is_worth_a_row, repeats_state, state_color
from fairlead.cli.writer import Writer
from fairlead.runtime.logs.book import LogLine

# More than a person can read, yet all of a stack trace.
_SCREEN_RATE = Rate(1_000, 100)
_KEPT_LINES = 2_000
_CLEAR_ROW = "\x1b[K"
_CLEAR_BELOW = "\x1b[J"
# How much of the terminal the table may take; the rest is for the logs.
_SHARE = 0.6


class LiveScreen:
    """The terminal.

    Args:
        writer: Where to.
        title: The app's name.
        names: The resources.
        color: Whether in colour.
        size: Tells columns and rows of the terminal.
    """

    def __init__(
        self,
        writer: Writer,
        title: str,
        names: Sequence[str],
        *,
        color: bool,
        size: Callable[[], os.terminal_size] = lambda: os.get_terminal_size(1),
    ) -> None:
        self.rate: Rate | None = _SCREEN_RATE
        self._writer = writer
        self._title = title
        self._color = color
        self._size = size
        self._prefixes = Prefixes(names, color)
        self._resources: dict[str, dict[str, Any]] = {}
        self._scroll: deque[str] = deque(maxlen=_KEPT_LINES)
        self._drawn: list[str] = []
        self._hint = "Ctrl+C stops"
        self._settled = False

    def change(self, resource: dict[str, Any]) -> None:
        """Note a change; the next frame shows it."""
        self._resources[resource["name"]] = resource

    def log(self, lines: Iterable[tuple[str, LogLine]]) -> None:
        """Note lines; what only repeats the table is left out, except why something failed, which the table cuts."""
        for name, line in lines:
            if line.text.startswith("Failed to start: ") or not repeats_state(line.stream, line.text):
                self._scroll.append(self._prefixes.line(name, line))

    def notice(self, text: str) -> None:
        """Note a text for above the table; once the run is over, write it."""
        if self._settled:
            self._writer.write(f"{text}\n")
        else:
            self._scroll.extend(f"{line}\n" for line in text.split("\n"))

    def stopping(self) -> None:
        """Show that the run is ending."""
        self._hint = "stopping, Ctrl+C again kills"

    def refresh(self) -> None:
        """Draw a frame when there is something new, and the terminal has taken the one before."""
        if not self._settled and not self._writer.is_behind:
            self._draw()

    def redraw(self) -> None:
        """Draw everything anew: somebody else has written to the terminal."""
        self._drawn = []

    def settle(self) -> None:
        """The run is over: leave the table where it is, and write below it from now on."""
        if not self._settled:
            self._hint = "stopped"
            self._draw()
            self._settled = True
            if self._drawn:
                self._writer.write("\n")

    def on_gone(self, call: Callable[[OSError | None], None]) -> None:
        """Have something called once the terminal is gone."""
        self._writer.on_gone = call

    def close(self) -> None:
        """Write what is left."""
        self.settle()
        self._writer.close()

    def _draw(self) -> None:
        columns, rows = self._terminal()
        lines = self._table(columns, rows)
        if lines == self._drawn and not self._scroll:
            return
        above = "".join(text.removesuffix("\n") + _CLEAR_ROW + "\n" for text in self._scroll)
        self._scroll.clear()
        below = "\n".join(line + _CLEAR_ROW for line in lines)
        self._writer.write(self._go_up(columns) + above + below + _CLEAR_BELOW)
        self._drawn = lines

    def _terminal(self) -> tuple[int, int]:
        try:
            size = self._size()
        except OSError:
            return 80, 24
        return max(size.columns, 20), max(size.lines, 8)

    def _go_up(self, columns: int) -> str:
        """To the first column of the first row of the table, as it is now: a narrower terminal has broken its rows."""
        taken = sum(max(1, -(-width_of(_unstyled(line)) // columns)) for line in self._drawn)
        return "\r" + (f"\x1b[{taken - 1}A" if taken > 1 else "")

    def _table(self, columns: int, rows: int) -> list[str]:
        # Room for the ^C that the terminal itself writes behind the last row: broken, it would be a row too many.
        width = columns - 3
        shown = [resource for resource in self._resources.values() if is_worth_a_row(resource)]
        room = max(3, int(rows * _SHARE) - 2)
        kept = most_urgent(shown, room)
        lines = [self._rule(shown, width), *table(kept, width, self._color)]
        if len(kept) < len(shown):
            text = shorten(f"… {len(shown) - len(kept)} more: fairlead resources shows all", width)
            lines.append(style(text, dim=True) if self._color else text)
        return lines

    def _rule(self, resources: Sequence[dict[str, Any]], width: int) -> str:
        text = shorten(f"── {self._title} ── {self._hint} ── {count_by_state(resources)} ", width)
        text += "─" * (width - width_of(text))
        return style(text, dim=True) if self._color else text


def most_urgent(resources: Sequence[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """So many resources, in their order: what has failed goes before what is busy, and that before what is well."""
    if len(resources) <= room:
        return list(resources)
    rank = {"red": 0, "yellow": 1, "cyan": 2, "green": 3, None: 4}
    best = sorted(range(len(resources)), key=lambda place: (rank[state_color(resources[place])], place))[: room - 1]
    return [resources[place] for place in sorted(best)]


def count_by_state(resources: Sequence[dict[str, Any]]) -> str:
    """How many resources are up, busy, failed and at rest."""
    words = {"green": "running", "yellow": "unhealthy", "cyan": "on the way", "red": "failed", None: "not running"}
    colors = [state_color(resource) for resource in resources]
    counts = [(colors.count(color), word) for color, word in words.items()]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "nothing yet"


def _unstyled(text: str) -> str:
    return click.unstyle(text) if "\x1b" in text else text
