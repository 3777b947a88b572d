"""How expressions lie on lines: on one where they fit, else each part on a line of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fairlead.compose.writing.expressions import Bracketed, Call, Code, Expression

WIDTH = 110
_STEP = 4


def on_one_line(expression: Expression) -> str:
    """An expression without a line break."""
    if isinstance(expression, Code):
        return expression.text
    between = f"{expression.separator} "
    return expression.opening + between.join(b + on_one_line(part) for b, part in expression.parts) + expression.closing


def lines_of(expression: Expression, indent: int, before: str = "", after: str = "") -> Iterator[str]:
    """The lines of an expression.

    Args:
        expression: What to write.
        indent: Columns on the left of its first line.
        before: What stands before it on its first line.
        after: What stands behind it on its last line.
    """
    line = f"{' ' * indent}{before}{on_one_line(expression)}{after}"
    is_text = isinstance(expression, Bracketed) and not expression.separator
    if isinstance(expression, Code) or not expression.parts or (len(line) <= WIDTH and not is_text):
        yield line
        return
    yield f"{' ' * indent}{before}{expression.opening}"
    for prefix, part in expression.parts:
        yield from lines_of(part, indent + _STEP, prefix, expression.separator)
    yield f"{' ' * indent}{expression.closing}{after}"


def chain_lines(target: str, start: Expression, calls: Sequence[Call], indent: int) -> Iterator[tuple[str, int | None]]:
    """The lines of a statement: something, and what is called on it.

    Args:
        target: What the result is given to, with ``=``; empty for nothing.
        start: What the calls are made on.
        calls: The calls.
        indent: Columns on the left.

    Yields:
        Each line, with the number of the call that it belongs to; None for what they are made on.
    """
    whole = on_one_line(start) + "".join(f".{on_one_line(call.expression)}" for call in calls)
    fits = indent + len(target) + len(whole) <= WIDTH
    if not calls:
        yield from ((line, None) for line in lines_of(start, indent, target))
    elif len(calls) == 1 and isinstance(start, Code):
        yield from ((line, 0) for line in lines_of(calls[0].expression, indent, f"{target}{start.text}."))
    elif len(calls) == 1 and fits and not any(map(_has_text_lines, [start, calls[0].expression])):
        yield f"{' ' * indent}{target}{whole}", 0
    else:
        yield f"{' ' * indent}{target}(", None
        yield from _chained(start, calls, indent + _STEP)
        yield f"{' ' * indent})", None


def _chained(start: Expression, calls: Sequence[Call], indent: int) -> Iterator[tuple[str, int | None]]:
    """The lines between the brackets of a chain; a name has its first call on its own line."""
    name = start.text if isinstance(start, Code) else ""
    if not name:
        yield from ((line, None) for line in lines_of(start, indent))
    for number, call in enumerate(calls):
        before = f"{name}." if name and number == 0 else "."
        yield from ((line, number) for line in lines_of(call.expression, indent, before))


def _has_text_lines(expression: Expression) -> bool:
    """Whether a text of several lines is in it."""
    if isinstance(expression, Code):
        return False
    return not expression.separator or any(_has_text_lines(part) for _, part in expression.parts)
