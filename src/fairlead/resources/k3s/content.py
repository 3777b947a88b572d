"""Structures of plain data whose leaves may be deferred: the values of a chart, the objects of a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from fairlead.model.argument_checks import kind_of
from fairlead.model.values.value import Value

#: Text, numbers, truth values, None, lists and mappings with text as keys; leaves may be deferred.
Content: TypeAlias = Any


def content_problem(content: object, place: str) -> str | None:
    """What can't be written as YAML, and where it is; None where all can.

    Args:
        content: The structure.
        place: What it is called, such as ``values``.
    """
    if content is None or isinstance(content, (str, int, float, bool, Value)):
        return f"{place} is text with a zero byte" if isinstance(content, str) and "\0" in content else None
    if isinstance(content, Mapping):
        for key, entry in content.items():
            if not isinstance(key, str):
                return f"{place} has a key that is {kind_of(key)}, not text"
            if problem := content_problem(entry, f"{place}.{key}"):
                return problem
        return None
    if isinstance(content, Sequence) and not isinstance(content, (bytes, bytearray)):
        for number, entry in enumerate(content):
            if problem := content_problem(entry, f"{place}[{number}]"):
                return problem
        return None
    return f"{place} is {kind_of(content)}"


def deferred(content: object) -> Iterator[Value]:
    """The deferred values in a structure."""
    if isinstance(content, Value):
        yield content
    elif isinstance(content, Mapping):
        for entry in content.values():
            yield from deferred(entry)
    elif isinstance(content, Sequence) and not isinstance(content, (str, bytes, bytearray)):
        for entry in content:
            yield from deferred(entry)
