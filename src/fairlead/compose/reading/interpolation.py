"""The variables of a text, by Compose's rules.

``$NAME``, ``${NAME}``, ``${NAME:-default}`` and the operators ``-``, ``:?``, ``?``, ``:+``, ``+``, with words that hold
variables again; ``$$`` for a dollar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BEGIN = re.compile(r"\$(\{|[A-Za-z_])")
_OPERATORS = (":-", ":?", ":+", "-", "?", "+")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable in a text.

    Args:
        name: Its name.
        operator: One of ``:-``, ``-``, ``:?``, ``?``, ``:+``, ``+``; empty for none.
        word: What stands behind the operator.
    """

    name: str
    operator: str = ""
    word: Template = ()


Part: TypeAlias = str | Variable
Template: TypeAlias = tuple[Part, ...]


class TemplateError(ValueError):
    """A text has a ``${`` that begins no variable."""


def parse_template(text: str) -> Template:
    """The parts of a text.

    Raises:
        TemplateError: A ``${`` begins no variable.
    """
    if "$" not in text:
        return (text,) if text else ()
    parts, end = _parse(text, 0, closing=False)
    assert end == len(text)
    return parts


def _parse(text: str, start: int, closing: bool) -> tuple[Template, int]:
    """The parts from a position to the end, or to the brace that closes a variable's word."""
    parts: list[Part] = []
    plain = ""
    position = start
    while position < len(text) and not (closing and text[position] == "}"):
        if text[position] != "$":
            plain += text[position]
            position += 1
        elif text.startswith("$$", position):
            plain += "$"
            position += 2
        elif _BEGIN.match(text, position) is None:  # such as the $( of a shell, which Compose leaves alone
            plain += "$"
            position += 1
        else:
            variable, position = _variable(text, position)
            parts += [plain, variable] if plain else [variable]
            plain = ""
    return (*parts, plain) if plain else tuple(parts), position


def _variable(text: str, start: int) -> tuple[Variable, int]:
    braced = text.startswith("${", start)
    found = _NAME.match(text, start + (2 if braced else 1))
    if found is None:
        raise TemplateError(f"the dollar in {_excerpt(text, start)!r} begins no variable")
    if not braced:
        return Variable(found[0]), found.end()
    operator = next((known for known in _OPERATORS if text.startswith(known, found.end())), "")
    word: Template = ()
    end = found.end()
    if operator:
        word, end = _parse(text, end + len(operator), closing=True)
    if not text.startswith("}", end):
        raise TemplateError(f"{_excerpt(text, start)!r} has no '}}' where one belongs")
    return Variable(found[0], operator, word), end + 1


def _excerpt(text: str, start: int) -> str:
    return text[start : start + 24].split("\n")[0]


def fill(template: Sequence[Part], variables: Mapping[str, str]) -> str:
    """The text with its variables filled in; what has no value is empty, as for Compose."""
    return "".join(part if isinstance(part, str) else fill_variable(part, variables) for part in template)


def fill_variable(variable: Variable, variables: Mapping[str, str]) -> str:
    """What a variable becomes."""
    value = variables.get(variable.name)
    has_value = bool(value) if variable.operator.startswith(":") else value is not None
    match variable.operator[-1:]:
        case "-" if not has_value:
            return fill(variable.word, variables)
        case "+":
            return fill(variable.word, variables) if has_value else ""
    return value or ""


def variables_of(template: Sequence[Part]) -> Iterator[Variable]:
    """All the variables of a text, those in words of others too."""
    for part in template:
        if isinstance(part, Variable):
            yield part
            yield from variables_of(part.word)
