"""Deferred values inside plain data, such as the values of a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairlead.model.values.value import Value


def deferred_values(content: object) -> Iterator[Value]:
    """The deferred values in mappings and lists of any depth."""
    if isinstance(content, Value):
        yield content
    elif isinstance(content, Mapping):
        for entry in content.values():
            yield from deferred_values(entry)
    elif isinstance(content, (list, tuple)):
        for entry in content:
            yield from deferred_values(entry)
