"""Where in the app file something was said, and what to do with a mistake in it.

While a definition is evaluated its mistakes are collected, so that all of them are reported at once. Outside a
definition (a resource made in a test, or at a prompt) the same mistake raises at the line that made it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from fairlead.errors import ModelError

_PACKAGE = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file; ``line`` is 0 where it is unknown."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "an unknown place"


NOWHERE = Location("", 0)


class Declared:
    """Base of everything that a definition declares, so that :func:`here` can look past its own methods."""


@dataclass(slots=True)
class _Collector:
    app_file: str
    errors: list[ModelError] = field(default_factory=list)


_collector: ContextVar[_Collector | None] = ContextVar("fairlead_collector", default=None)


@contextmanager
def collecting(app_file: str) -> Iterator[list[ModelError]]:
    """Collect the mistakes made inside the block instead of raising them.

    Args:
        app_file: The file that holds the definition; mistakes are placed on its lines where it is on the stack.
    """
    collector = _Collector(app_file)
    token = _collector.set(collector)
    try:
        yield collector.errors
    finally:
        _collector.reset(token)


def here() -> Location:
    """The user's line that is being evaluated.

    That is the innermost line of the app file. Where the app file is not on the stack it is the innermost line outside
    Fairlead, methods of declared things excepted, so that a third-party kind reports the line that uses it.
    """
    collector = _collector.get()
    app_file = collector.app_file if collector else None
    nearest = NOWHERE
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_PACKAGE) and not _is_method_of_declared(frame):
            if app_file is None or file == app_file:
                return Location(file, frame.f_lineno)
            if nearest is NOWHERE and not file.startswith("<"):
                nearest = Location(file, frame.f_lineno)
        frame = frame.f_back
    return nearest


def _is_method_of_declared(frame: FrameType) -> bool:
    names = frame.f_code.co_varnames
    return bool(names) and names[0] == "self" and isinstance(frame.f_locals.get("self"), Declared)


def mistake(
    message: str, *, resource: str | None = None, remedy: str | None = None, where: Location | None = None
) -> None:
    """Report a mistake in the definition: collected inside a definition, raised outside of one.

    Args:
        message: What is wrong.
        resource: Name of the resource concerned.
        remedy: What to write instead.
        where: The place, by default the user's line that is being evaluated.

    Raises:
        ModelError: When no definition is being evaluated.
    """
    place = where or here()
    error = ModelError(message, resource=resource, file=place.file, line=place.line, remedy=remedy)
    collector = _collector.get()
    if collector is None:
        raise error
    collector.errors.append(error)
