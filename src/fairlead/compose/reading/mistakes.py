"""Mistakes of compose files: collected, so that all of them are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from fairlead.compose.reading.tree import Node, Place, kind_of_node
from fairlead.errors import ComposeFileError, ModelError

#: Reports a mistake: what is wrong, where, and what to do.
Complain: TypeAlias = Callable[[str, Place, str], None]


class Mistakes:
    """The mistakes found so far."""

    def __init__(self) -> None:
        self.found: list[ModelError] = []

    def add(self, message: str, place: Place, remedy: str) -> None:
        """Note a mistake; the same one is noted once, however many services share the line."""
        error = ModelError(message, file=place.file, line=place.line, remedy=remedy)
        if not any((known.message, known.line) == (message, place.line) for known in self.found):
            self.found.append(error)

    def wrong_kind(self, path: str, node: Node, wanted: str) -> None:
        """Note that something has the wrong form."""
        self.add(f"{path} is {kind_of_node(node)}, and has to be {wanted}", node.place, f"Write {wanted}.")

    def check(self) -> None:
        """Stop where there are any.

        Raises:
            ComposeFileError: There are.
        """
        if self.found:
            raise ComposeFileError(self.found)


def stop(message: str, place: Place, remedy: str) -> ComposeFileError:
    """The error for a mistake behind which nothing can be read."""
    return ComposeFileError([ModelError(message, file=place.file, line=place.line, remedy=remedy)])


def chain(steps: Sequence[str]) -> str:
    """What leads to what, for a circle: ``a → b → a``."""
    return " → ".join(steps)
