"""Python expressions and calls, as far as an app file needs them.

An expression knows the names that it uses, so that what it uses is written above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias


class Code(NamedTuple):
    """A piece of Python that stays on one line.

    Args:
        text: The piece.
        uses: The names of variables that it needs.
        is_text: Whether it is a text already, and not a value that is known later.
    """

    text: str
    uses: frozenset[str] = frozenset()
    is_text: bool = False


class Bracketed(NamedTuple):
    """Expressions in brackets, each on a line of its own where they don't fit on one.

    Args:
        opening: What stands before them, such as ``[`` or ``ref(``.
        parts: Each with what stands before it, such as ``name=`` or ``"key": ``.
        closing: The bracket behind them.
        separator: What stands between them.
        uses: The names that what stands before them needs.
    """

    opening: str
    parts: tuple[tuple[str, Expression], ...]
    closing: str
    separator: str = ","
    uses: frozenset[str] = frozenset()


Expression: TypeAlias = Code | Bracketed


class Call(NamedTuple):
    """A call of a method.

    Args:
        method: Its name.
        positional: The arguments by position.
        keywords: The arguments by name.
        origin: The keys of the compose file that it comes from, for the list of what is lost if it can't stand.
        shared: The anchor that it comes from; None for none.
        beside: Further keys that it comes from.
    """

    method: str
    positional: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()
    origin: str = ""
    shared: str | None = None
    beside: tuple[str, ...] = ()

    @property
    def expression(self) -> Bracketed:
        """The call, without what it is called on."""
        parts = [("", part) for part in self.positional] + [(f"{name}=", part) for name, part in self.keywords]
        return Bracketed(f"{self.method}(", tuple(parts), ")")

    @property
    def uses(self) -> frozenset[str]:
        """The names that its arguments need."""
        return names_in(self.expression)


def names_in(expression: Expression) -> frozenset[str]:
    """The names that an expression needs."""
    if isinstance(expression, Code):
        return expression.uses
    return expression.uses.union(*(names_in(part) for _, part in expression.parts))


def literal(value: object) -> Expression:
    """A plain value: text, number, truth value, None, or a list or mapping of such."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return mapping((str(key), literal(entry)) for key, entry in value.items())
    if isinstance(value, Sequence):
        return listed(literal(entry) for entry in value)
    return Code(repr(value))


def text(value: str) -> Expression:
    """A text; one of several lines has a line of source for each."""
    lines = _lines(value)
    if len(lines) < 2 or "\r" in value:
        return Code(quoted(value))
    return Bracketed("(", tuple(("", Code(quoted(line))) for line in lines), ")", separator="")


def _lines(value: str) -> list[str]:
    """The lines of a text, each with the line feed at its end."""
    return re.findall(r"[^\n]*\n|[^\n]+", value)


def quoted(value: str) -> str:
    """A text as Python spells it, in double quotes where that takes no more escapes."""
    spelled = repr(value)
    if spelled.startswith('"') or '"' in value:
        return spelled
    return f'"{spelled[1:-1]}"'


def name(variable: str) -> Code:
    """A variable."""
    return Code(variable, frozenset({variable}))


def path_of(variable: str, attributes: str) -> Code:
    """Something of a variable, such as ``.endpoint("http").public_url``."""
    return Code(f"{variable}{attributes}", frozenset({variable}))


def listed(parts: Iterable[Expression]) -> Bracketed:
    """A list."""
    return Bracketed("[", tuple(("", part) for part in parts), "]")


def mapping(entries: Iterable[tuple[str, Expression]]) -> Bracketed:
    """A dictionary with texts as keys."""
    return Bracketed("{", tuple((f"{quoted(key)}: ", part) for key, part in entries), "}")


def called(function: str, parts: Iterable[tuple[str, Expression]]) -> Bracketed:
    """A call of a function; the name of each argument stands before it, with ``=``, or is empty."""
    return Bracketed(f"{function}(", tuple((f"{key}=" if key else "", part) for key, part in parts), ")")


def braced(value: str) -> str:
    """A text for a format, in which braces stand for themselves."""
    return re.sub(r"([{}])", r"\1\1", value)


def composed(parts: Sequence[str | tuple[str, Code]]) -> Expression:
    """``ref(...)`` of texts and of named values, whose names may have a form behind a colon, such as ``x:uri``.

    A text alone is a literal, a value alone is itself.
    """
    if not any(isinstance(part, tuple) for part in parts):
        return text("".join(part for part in parts if isinstance(part, str)))
    if len(parts) == 1 and isinstance(parts[0], tuple):
        return parts[0][1]
    if all(part[1].is_text for part in parts if isinstance(part, tuple)):
        return formatted([part if isinstance(part, str) else part[1] for part in parts])
    values: dict[str, Code] = {}
    form = "".join(braced(part) if isinstance(part, str) else _hole(part, values) for part in parts)
    return called("ref", [("", text(form)), *values.items()])


def _hole(part: tuple[str, Code], values: dict[str, Code]) -> str:
    """The hole of a format for a value, which gets a name that no other value has."""
    wanted, colon, form = part[0].partition(":")
    label, number = wanted, 1
    while values.setdefault(label, part[1]) != part[1]:
        number += 1
        label = f"{wanted}_{number}"
    return f"{{{label}{colon}{form}}}"


def formatted(parts: Sequence[str | Code]) -> Expression:
    """An f-string of texts and of names of constants; a text alone is a literal, a constant alone is itself."""
    if not any(isinstance(part, Code) for part in parts):
        return text("".join(part for part in parts if isinstance(part, str)))
    if len(parts) == 1 and isinstance(parts[0], Code):
        return parts[0]
    uses = frozenset[str]().union(*(part.uses for part in parts if isinstance(part, Code)))
    # Quotes and backslashes inside of the braces can't come up: there are only names in them.
    form = "".join(braced(part) if isinstance(part, str) else f"{{{part.text}}}" for part in parts)
    lines = _lines(form)
    if len(lines) < 2 or "\r" in form:
        return Code(f"f{quoted(form)}", uses, is_text=True)
    return Bracketed("(", tuple(("", _format_line(line, uses)) for line in lines), ")", separator="")


def _format_line(line: str, uses: frozenset[str]) -> Code:
    """One line of an f-string, which is a plain literal where it holds no name."""
    holds_name = re.search(r"(?<!\{)(?:\{\{)*\{(?!\{)", line) is not None
    return Code(f"f{quoted(line)}", uses) if holds_name else Code(quoted(line.replace("{{", "{").replace("}}", "}")))


def texts_in(expression: Expression) -> Iterator[str]:
    """The pieces of source of an expression."""
    if isinstance(expression, Code):
        yield expression.text
    else:
        yield expression.opening
        for before, part in expression.parts:
            yield before
            yield from texts_in(part)
