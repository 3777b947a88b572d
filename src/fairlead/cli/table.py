"""Tables of text: columns as wide as their content, shortened from the right where the terminal is too narrow."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from fairlead.cli.terminal import style

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Cell:
    """One text and its look."""

    text: str
    color: str | None = None
    bold: bool = False
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        title: What it is called.
        least: To how many characters it may be shortened; None when it is never shortened.
    """

    title: str
    least: int | None = None


def render(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int | None, color: bool) -> list[str]:
    """A table as lines; columns without any content are left out.

    Args:
        columns: The columns; where there is too little room the last that may be is shortened first.
        rows: The cells of each row.
        width: How much room there is; None for no end of it.
        color: Whether in colour.
    """
    used = [place for place in range(len(columns)) if any(row[place].text for row in rows)]
    columns = [columns[place] for place in used]
    rows = [[row[place] for place in used] for row in rows]
    natural = [
        max([width_of(column.title), *(width_of(row[place].text) for row in rows)])
        for place, column in enumerate(columns)
    ]
    widths = natural if width is None else _fit(columns, natural, width)
    head = [Cell(column.title, dim=True) for column in columns]
    return [_line(row, widths, color) for row in (head, *rows)]


def _fit(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    widths = list(natural)
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    # First those that may be shortened; then, in a window that is no wider than a slit, all of them.
    wanted = [(place, column.least) for place, column in enumerate(columns) if column.least is not None]
    for place, least in (*reversed(wanted), *((place, 3) for place in reversed(range(len(columns))))):
        given = min(max(0, excess), max(0, widths[place] - least))
        widths[place] -= given
        excess -= given
    return widths


def _line(row: Sequence[Cell], widths: Sequence[int], color: bool) -> str:
    parts = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        text = shorten(cell.text, width)
        padding = "" if place == len(widths) - 1 else " " * (width - width_of(text))
        if color and (cell.color or cell.bold or cell.dim):
            text = style(text, fg=cell.color, bold=cell.bold or None, dim=cell.dim or None)
        parts.append(text + padding)
    return _GAP.join(parts).rstrip()


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_width_of_character(character) for character in text)


def shorten(text: str, width: int) -> str:
    """A text in at most so many columns, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    taken = 0
    for place, character in enumerate(text):
        taken += _width_of_character(character)
        if taken > width - 1:
            return text[:place] + "…"
    return text


def _width_of_character(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
