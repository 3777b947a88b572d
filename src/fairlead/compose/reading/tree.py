"""The tree of a compose file: mappings, lists and scalars, each with its place in a file.

Texts stay as they are written, variables and all, because what a variable becomes depends on where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

ScalarKind: TypeAlias = Literal["text", "number", "flag", "null"]
#: What an override does with what it overrides, beside merging with it: the tags ``!reset`` and ``!override``.
Overriding: TypeAlias = Literal["merge", "reset", "override"]


class Place(NamedTuple):
    """A line of a compose file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a file's texts mean: where its relative paths start, and what its variables are.

    Args:
        directory: The folder of relative paths, relative to that of the app file; ``.`` for the same.
        variables: The variables that environment files give.
    """

    directory: str = "."
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Scalar:
    """A text, number, truth value or null.

    Args:
        text: As Compose hands it on: ``true``, ``10``; the empty text for null.
        kind: What YAML takes it for.
        place: Its line.
        scope: That of its file.
        overriding: What it does with what it overrides.
        is_literal: Whether it holds no variables, because it doesn't come from a file.
    """

    text: str
    kind: ScalarKind
    place: Place
    scope: Scope
    overriding: Overriding = "merge"
    is_literal: bool = False


@dataclass(eq=False, slots=True)
class Items:
    """A list."""

    items: list[Node]
    place: Place
    scope: Scope
    overriding: Overriding = "merge"
    anchor: str | None = None


@dataclass(eq=False, slots=True)
class Entries:
    """A mapping, in the order of the file.

    Args:
        entries: What it holds.
        place: Its first line.
        scope: That of its file.
        overriding: What it does with what it overrides.
        anchor: The name that it has in its file for being repeated.
        shared: For each key that came from another mapping (``<<:``), the anchor of that one.
    """

    entries: dict[str, Node]
    place: Place
    scope: Scope
    overriding: Overriding = "merge"
    anchor: str | None = None
    shared: dict[str, str] = field(default_factory=dict)


Node: TypeAlias = Scalar | Items | Entries


def kind_of_node(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Entries):
        return "a mapping"
    if isinstance(node, Items):
        return "a list"
    return {"text": "a text", "number": "a number", "flag": "a truth value", "null": "nothing"}[node.kind]


def is_null(node: Node) -> bool:
    """Whether a key has nothing behind its colon."""
    return isinstance(node, Scalar) and node.kind == "null"


def scalars(node: Node) -> Iterator[Scalar]:
    """All the scalars below a node."""
    if isinstance(node, Scalar):
        yield node
    else:
        for child in node.items if isinstance(node, Items) else node.entries.values():
            yield from scalars(child)


def number_text(text: str) -> str:
    """A number as Compose, which is written in Go, prints it: ``0x10`` is 16, ``1.0`` is 1, ``1e3`` is 1000."""
    plain = text.replace("_", "")
    try:
        return str(int(plain, 8) if _is_old_octal(plain) else int(plain, 0))
    except ValueError:
        number = _float(plain)
    if not math.isfinite(number):
        return text
    exponent = math.floor(math.log10(abs(number))) if number else 0
    if -4 <= exponent < 21:
        return str(int(number)) if number == int(number) else repr(number)
    return repr(number)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _is_old_octal(text: str) -> bool:
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits.isdecimal() and digits.startswith("0")
