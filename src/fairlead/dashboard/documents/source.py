"""The lines of the app file that declare a resource."""

from __future__ import annotations

import ast
from dataclasses import dataclass

AROUND = 1
"""Lines before and after a declaration."""
MOST = 24
"""Lines that are shown of a long declaration."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a file; ``declares`` tells whether it belongs to the declaration."""

    number: int
    text: str
    declares: bool


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """The lines of the app file that declare a resource.

    Args:
        file: The file.
        line: The line at which the declaration begins.
        changed: Whether the app file has been edited since the run began, so that the lines may be others.
        lines: The declaration with what is around it; empty where the file can't be read.
    """

    file: str
    line: int
    changed: bool
    lines: tuple[SourceLine, ...]


def excerpt(text: str, line: int) -> tuple[SourceLine, ...]:
    """Return the statement at a line, with the lines around it.

    Args:
        text: The file.
        line: A line of the statement, from 1.
    """
    rows = text.splitlines()
    first, last = _statement(text, line)
    last = min(last, first + MOST - 1)
    return tuple(
        SourceLine(number, rows[number - 1], first <= number <= last)
        for number in range(max(1, first - AROUND), min(len(rows), last + AROUND) + 1)
    )


def _statement(text: str, line: int) -> tuple[int, int]:
    """The first and the last line of the innermost statement at a line; that line alone where the file has mistakes."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return line, line
    spans = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return min(spans, key=lambda span: span[1] - span[0], default=(line, line))
