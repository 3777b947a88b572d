"""Tables of text: of their natural width in pipes, and as wide as the terminal where there is one.

Only a terminal takes rich, which is loaded then: what a script calls has no use for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from fairlead.cli.terminal import style

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

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
        least: To how many characters it may be shortened; None when it is shortened only after all that may be.
    """

    title: str
    least: int | None = None


Row = Sequence[Cell]


def render(columns: Sequence[Column], rows: Sequence[Row], width: int | None, color: bool) -> list[str]:
    """A table as lines; columns without any content are left out.

    Args:
        columns: The columns.
        rows: The cells of each row.
        width: How much room there is; None for no end of it.
        color: Whether in colour.
    """
    if width is not None:
        return rich_lines([rich_table(columns, rows, width)], width, color)
    columns, rows = _used(columns, rows)
    widths = _widths(columns, rows)
    head = [Cell(column.title, dim=True) for column in columns]
    return [_plain_line(line, widths, color) for line in (head, *rows)]


def rich_table(columns: Sequence[Column], rows: Sequence[Row], width: int) -> Table:
    """A table for the terminal; where there is too little room, texts end with an ellipsis.

    Args:
        columns: The columns; those without any content are left out.
        rows: The cells of each row.
        width: How many columns the terminal has: in a window that is no wider than a slit, all texts are shortened.
    """
    from rich.table import Table
    from rich.text import Text

    columns, rows = _used(columns, rows)
    natural = _widths(columns, rows)
    shortest = [min(column.least or most, most) for column, most in zip(columns, natural, strict=True)]
    has_room = sum(shortest) + len(_GAP) * (len(columns) - 1) <= width
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, len(_GAP), 0, 0), header_style="dim")
    for column, least in zip(columns, shortest, strict=True):
        table.add_column(
            Text(column.title, no_wrap=True, overflow="ellipsis"),
            no_wrap=has_room and column.least is None,
            min_width=least if has_room else 1,
        )
    for row in rows:
        table.add_row(*(Text(cell.text, _rich_style(cell), no_wrap=True, overflow="ellipsis") for cell in row))
    return table


def rich_lines(parts: Sequence[RenderableType], width: int, color: bool) -> list[str]:
    """What rich draws, as lines of text.

    Args:
        parts: What to draw, one below the other.
        width: How many columns the terminal has.
        color: Whether in colour; without, there are no control sequences at all.
    """
    from rich.console import Console

    console = Console(
        width=width, force_terminal=color, color_system="standard" if color else None, highlight=False,
        markup=False, emoji=False, legacy_windows=False, no_color=not color,
    )  # fmt: skip
    with console.capture() as capture:
        for part in parts:
            console.print(part, no_wrap=True, overflow="ellipsis")
    return [line.rstrip() for line in capture.get().splitlines()]


def width_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _used(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[list[Column], list[list[Cell]]]:
    used = [place for place in range(len(columns)) if any(row[place].text for row in rows)]
    return [columns[place] for place in used], [[row[place] for place in used] for row in rows]


def _widths(columns: Sequence[Column], rows: Sequence[Row]) -> list[int]:
    """How wide each column is where there is room."""
    return [
        max([width_of(column.title), *(width_of(row[place].text) for row in rows)])
        for place, column in enumerate(columns)
    ]


def _plain_line(row: Row, widths: Sequence[int], color: bool) -> str:
    parts = []
    for cell, width in zip(row, widths, strict=True):
        padding = " " * (width - width_of(cell.text))
        looks = color and (cell.color or cell.bold or cell.dim)
        text = style(cell.text, fg=cell.color, bold=cell.bold or None, dim=cell.dim or None) if looks else cell.text
        parts.append(text + padding)
    return _GAP.join(parts).rstrip()


def _rich_style(cell: Cell) -> str:
    look = [cell.color or "", "bold" if cell.bold else "", "dim" if cell.dim else ""]
    return " ".join(filter(None, look))


def unstyled_width(line: str) -> int:
    """How many columns a line takes, its control sequences left out."""
    return width_of(click.unstyle(line) if "\x1b" in line else line)
