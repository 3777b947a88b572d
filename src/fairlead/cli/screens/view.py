"""A run in a terminal: the log lines scroll, and a table of the resources stays below them.

Rich draws the table. The frames are ours, as its live display has no answer to two things: a terminal that is made
narrower breaks the rows that stand there, and one that takes no output (Ctrl+S) must not hold up the run.

A frame is written as one text: it goes up to where the table began, writes the new log lines over it, and the table
below. Each row clears only what is left of the row that was there before, so nothing flickers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.rule import Rule
from rich.text import Text

from fairlead.cli.screens.appearance import BAD, BUSY, DOUBTFUL, GOOD, count_by_state, is_settled_parameter, state_color
from fairlead.cli.screens.lines import Prefixes
from fairlead.cli.screens.sampling import Rate
from fairlead.cli.screens.table import rich_lines, unstyled_width
from fairlead.cli.screens.writer import Writer
from fairlead.cli.terminal import style
from fairlead.cli.verbs.resources import rich_parts
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import failure_text
from fairlead.runtime.logs.book import LogLine

# More than a person can read, yet all of a stack trace.
_SCREEN_RATE = Rate(1_000, 100)
_KEPT_LINES = 2_000
_CLEAR_ROW = "\x1b[K"
_CLEAR_BELOW = "\x1b[J"
# How much of the terminal the table may take; the rest is for the logs.
_SHARE = 0.6
_URGENCY = {BAD: 0, DOUBTFUL: 1, BUSY: 2, GOOD: 3, None: 4}


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
        self._table: tuple[tuple[int, int], list[str]] | None = None  # for a size; None after a change
        self._hint = "Ctrl+C stops"
        self._settled = False

    def change(self, resource: dict[str, Any]) -> None:
        """Note a change; the next frame shows it."""
        before = self._resources.get(resource["id"])
        self._resources[resource["id"]] = resource
        self._table = None
        has_failed = resource["state"] == State.FAILED_TO_START
        if has_failed and (before is None or before["state"] != State.FAILED_TO_START):
            text = failure_text(resource)  # whole, as the table may cut it
            self._scroll.append(self._prefixes.text(resource["id"], style(text, dim=True) if self._color else text))

    def remove(self, id: str) -> None:
        """Note that a resource is gone."""
        self._resources.pop(id, None)
        self._table = None

    def log(self, lines: Iterable[tuple[str, LogLine]]) -> None:
        """Note lines; what only repeats the table is left out."""
        self._scroll.extend(self._prefixes.line(name, line) for name, line in lines if line.stream != "state")

    def notice(self, text: str) -> None:
        """Note a line about the run, or write it at once when the run is over."""
        if self._settled:
            self._writer.write(f"{text}\n")
        else:
            self._scroll.append(f"{text}\n")

    def stopping(self) -> None:
        """Say in the table that the run is ending."""
        self._hint = "stopping; Ctrl+C kills"
        self._table = None

    def refresh(self) -> None:
        """Draw a frame, unless the terminal has not taken the one before."""
        if not self._settled and not self._writer.is_behind:
            self._draw()

    def redraw(self) -> None:
        """Draw everything anew: another program has written to the terminal."""
        self._drawn = []

    def settle(self) -> None:
        """The run is over: leave the table where it is, and write below it from now on."""
        if not self._settled:
            self._hint = "stopped"
            self._table = None
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
        lines = self._lines(columns, rows)
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
        taken = sum(max(1, -(-unstyled_width(line) // columns)) for line in self._drawn)
        return "\r" + (f"\x1b[{taken - 1}A" if taken > 1 else "")

    def _lines(self, columns: int, rows: int) -> list[str]:
        """The rows of the table, drawn only when something has changed: a run at rest costs no processor time."""
        if self._table is None or self._table[0] != (columns, rows):
            self._table = (columns, rows), self._drawn_anew(columns, rows)
        return self._table[1]

    def _drawn_anew(self, columns: int, rows: int) -> list[str]:
        # Room for the ^C that the terminal itself writes behind the last row: broken, it would be a row too many.
        width = columns - 3
        resources = list(self._resources.values())
        counted = [resource for resource in resources if not is_settled_parameter(resource)]
        title = Text(f"── {self._title} ── {self._hint} ── {count_by_state(counted)}", "dim")
        room = max(3, int(rows * _SHARE) - 2)
        kept = most_urgent(counted, room)
        parameters = [resource for resource in resources if is_settled_parameter(resource)]
        parts = [Rule(title, align="left", style="dim"), *rich_parts([*kept, *parameters], width)]
        if len(kept) < len(counted):
            hidden = len(counted) - len(kept)
            more = f"… {hidden} more: fairlead resources shows all"
            parts.insert(2, Text(more, "dim", no_wrap=True, overflow="ellipsis"))
        return rich_lines(parts, width, self._color)


def most_urgent(resources: Sequence[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """So many resources, in their order: what has failed goes before what is busy, and that before what is well."""
    if len(resources) <= room:
        return list(resources)
    order = sorted(range(len(resources)), key=lambda place: (_URGENCY[state_color(resources[place])], place))
    return [resources[place] for place in sorted(order[: room - 1])]
