"""Commands: lists of words, or one text that Compose splits as a shell would."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import TypeAlias

from fairlead.compose.reading.interpolation import Part, Variable
from fairlead.compose.reading.tree import Entries, Node, Scalar
from fairlead.compose.translation.desk import Desk
from fairlead.compose.writing.expressions import Expression, composed, formatted

#: A word as its parts, with the text that it comes from.
Word: TypeAlias = tuple[Sequence[Part], Scalar]

_HOLE = re.compile("\ue000(\\d+)\ue001")


def command_words(node: Node, path: str, desk: Desk) -> list[Word] | None:
    """The words of a command; None where it is none, which is reported.

    Args:
        node: The command as the file has it.
        path: Where it stands.
        desk: The variables and the report.
    """
    if isinstance(node, Scalar):
        return _split(node, path, desk)
    if isinstance(node, Entries) or not all(isinstance(item, Scalar) for item in node.items):
        desk.mistakes.wrong_kind(path, node, "a text or a list of texts")
        return None
    return [(desk.parts(item), item) for item in node.items if isinstance(item, Scalar)]


def fixed_word(word: Word, desk: Desk) -> Expression:
    """A word that the definition has to know."""
    parts, node = word
    book = desk.variables
    return formatted([part if isinstance(part, str) else book.constant(part, node.scope, node.place) for part in parts])


def later_word(word: Word, desk: Desk) -> Expression:
    """A word that may be known later."""
    parts, node = word
    made = [part if isinstance(part, str) else desk.variables.value(part, node.scope, node.place) for part in parts]
    return composed([code if isinstance(code, str) else (code.text.lower(), code) for code in made])


def _split(node: Scalar, path: str, desk: Desk) -> list[Word] | None:
    """The words of a text. A variable stays within its word, unless its value has blanks, by which Compose splits."""
    parts = [
        desk.variables.filled(part, node.scope, node.place, path)
        if isinstance(part, Variable) and " " in desk.variables.text(part, node.scope, node.place)
        else part
        for part in desk.parts(node)
    ]
    variables = [part for part in parts if isinstance(part, Variable)]
    numbers = iter(range(len(variables)))
    text = "".join(part if isinstance(part, str) else f"\ue000{next(numbers)}\ue001" for part in parts)
    try:
        words = shlex.split(text)
    except ValueError as error:
        desk.report.lost(path, node.place, f"it can't be split into words: {str(error).lower()}")
        return None
    return [(_word(word, variables), node) for word in words]


def _word(word: str, variables: list[Variable]) -> list[Part]:
    """A word with its variables, for which holes stand."""
    parts: list[Part] = []
    position = 0
    for hole in _HOLE.finditer(word):
        parts += [word[position : hole.start()], variables[int(hole[1])]]
        position = hole.end()
    return [part for part in [*parts, word[position:]] if part]
