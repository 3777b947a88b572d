"""Where in the app file something was said, and what to do with a mistake in it.

While a definition is evaluated its mistakes are collected, so that all of them are reported at once. Outside a
definition (a resource made in a test, or at a prompt) the same mistake raises at the line that made it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import NamedTuple

from fairlead.errors import ModelError

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")  # noqa: PTH118, PTH120 - compared as text


class Location(NamedTuple):
    """A place in a source file; ``line`` is 0 where it is unknown."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "an unknown place"


NOWHERE = Location("", 0)


class Declarable:
    """Base of everything that a definition declares, so that :func:`user_location` can look past its own methods."""


class _Collector:
    def __init__(self, app_name: str, app_file: str) -> None:
        self.app_name = app_name
        self.app_file = app_file
        self.errors: list[ModelError] = []
        self.place: Location | None = None


_collector: ContextVar[_Collector | None] = ContextVar("fairlead_collector", default=None)


@contextmanager
def collecting(app_name: str, app_file: str) -> Iterator[list[ModelError]]:
    """Collect the mistakes made inside the block instead of raising them.

    Args:
        app_name: What a mistake is about that belongs to no resource.
        app_file: The file that holds the definition; mistakes are placed on its lines where it is on the stack.
    """
    collector = _Collector(app_name, app_file)
    token = _collector.set(collector)
    try:
        yield collector.errors
    finally:
        _collector.reset(token)


@contextmanager
def located_at(place: Location) -> Iterator[None]:
    """Inside the block, report mistakes at this location: the declaration that is being completed.

    An exception that leaves the block was raised there too, so the location stays for :func:`error_location`.
    """
    collector = _collector.get() or _Collector("", "")
    before, collector.place = collector.place, place
    yield
    collector.place = before


def user_location() -> Location:
    """The user's line that is being evaluated.

    That is the innermost line of the app file. Where the app file is not on the stack it is the innermost line outside
    Fairlead, methods of declared things excepted, so that a third-party kind reports the line that uses it.
    """
    collector = _collector.get()
    if collector is not None and collector.place is not None:
        return collector.place
    if collector is not None:
        line = _line_of(collector.app_file)
        if line is not None:
            return line
    return _users_line(_callers(), collector)


def _line_of(app_file: str) -> Location | None:
    """The innermost line of the app file that is being evaluated, which nearly always there is."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename == app_file and not _is_method_of_declarable(frame):
            return Location(app_file, frame.f_lineno)
        frame = frame.f_back
    return None


def error_location(error: BaseException) -> Location:
    """The user's line that an exception came through, by the rules of :func:`user_location`."""
    collector = _collector.get()
    if collector is not None and collector.place is not None:
        return collector.place
    trail: list[tuple[FrameType, int]] = []
    trace = error.__traceback__
    while trace is not None:
        trail.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return _users_line(reversed(trail), collector)


def _callers() -> Iterator[tuple[FrameType, int]]:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        yield frame, frame.f_lineno
        frame = frame.f_back


def _users_line(frames: Iterable[tuple[FrameType, int]], collector: _Collector | None) -> Location:
    nearest = NOWHERE
    for frame, line in frames:
        file = frame.f_code.co_filename
        if file.startswith(_PACKAGE) or _is_method_of_declarable(frame):
            continue
        if collector is None or file == collector.app_file:
            return Location(file, line)
        if nearest is NOWHERE and not file.startswith("<"):
            nearest = Location(file, line)
    return nearest


def _is_method_of_declarable(frame: FrameType) -> bool:
    code = frame.f_code
    has_self = "self" in code.co_varnames[:1] or "self" in code.co_freevars
    return has_self and isinstance(frame.f_locals.get("self"), Declarable)


def mistake(
    message: str, *, resource: str | None = None, remedy: str | None = None, where: Location | None = None
) -> None:
    """Report a mistake in the definition: collected inside a definition, raised outside of one.

    Args:
        message: What is wrong.
        resource: Name of the resource concerned; the app's where it is about none.
        remedy: What to write instead.
        where: The place, by default the user's line that is being evaluated.

    Raises:
        ModelError: When no definition is being evaluated.
    """
    place = where or user_location()
    collector = _collector.get()
    about = resource or (collector.app_name if collector else None)
    error = ModelError(message, resource=about, file=place.file, line=place.line, remedy=remedy)
    if collector is None:
        raise error
    collector.errors.append(error)
