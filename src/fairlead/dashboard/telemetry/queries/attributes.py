"""Attributes as texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from fairlead.dashboard.telemetry.documents import AttributeView
from fairlead.dashboard.telemetry.records import Attributes, AttributeValue

Mask: TypeAlias = Callable[[str], str]
"""Replaces the secrets of the app in a text."""


def attribute_text(value: AttributeValue) -> str:
    """The text of a value: of what is no text its JSON, of bytes the hexadecimal digits."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]
    if kind is int or kind is float:  # as JSON has them, since none of them is infinite
        return repr(value)
    if isinstance(value, bytes):
        return value.hex()
    return _encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return dict(value) if isinstance(value, Mapping) else list(value)


_encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


def attribute_views(attributes: Attributes, mask: Mask) -> tuple[AttributeView, ...]:
    """The attributes as they are shown."""
    return tuple(AttributeView(name, mask(attribute_text(value))) for name, value in attributes.items())


def find_attribute(attributes: Attributes, *names: str) -> AttributeValue:
    """The value of the first of several names that is there; None without any."""
    for name in names:
        value = attributes.get(name)
        if value is not None:
            return value
    return None


def find_text(attributes: Attributes, *names: str) -> str:
    """The text of the first of several names that is there; empty without any."""
    value = find_attribute(attributes, *names)
    return "" if value is None else attribute_text(value)


def find_number(attributes: Attributes, *names: str) -> float | None:
    """The number that the first of several names has; None where it is none."""
    value = find_attribute(attributes, *names)
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
