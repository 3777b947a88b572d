"""How much memory a record takes, estimated, and cutting what is too long to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairlead.dashboard.telemetry.records import Attributes, AttributeValue

LONGEST_TEXT = 32 * 1024
"""Characters of a text that are kept."""

_OBJECT = 64
_ENTRY = 80


def attributes_size(attributes: Attributes) -> int:
    """The bytes that attributes take, about."""
    size = _OBJECT
    for value in attributes.values():
        size += _ENTRY
        kind = type(value)
        if kind is str or kind is bytes:
            size += len(value)  # type: ignore[arg-type]
        elif kind is not int and kind is not float and kind is not bool and value is not None:
            size += _nested_size(value)
    return size


def _nested_size(value: AttributeValue) -> int:
    if isinstance(value, Mapping):
        return attributes_size(value)
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, Sequence):
        return _OBJECT + sum(_OBJECT + _nested_size(each) for each in value)
    return 0


def cut_text(text: str) -> str:
    """Return a text that is not longer than what is kept of one."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def cut_attributes(attributes: Attributes) -> Attributes:
    """Return attributes whose texts are not longer than what is kept; other long values are left out."""
    return {name: _cut(value) for name, value in attributes.items()}


def _cut(value: AttributeValue) -> AttributeValue:
    if isinstance(value, str):
        return cut_text(value)
    return value if _nested_size(value) <= LONGEST_TEXT else "…"
