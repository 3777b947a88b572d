"""Attributes and values: from what OTLP has to what records hold."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairlead.dashboard.telemetry.otlp.limits import (
    ATTRIBUTES,
    BODY_CHARACTERS,
    CUT,
    DEPTH,
    ELEMENTS,
    NAME_CHARACTERS,
    VALUE_CHARACTERS,
    cut,
)
from fairlead.dashboard.telemetry.records import AttributeValue

if TYPE_CHECKING:  # protobuf is imported with the first request
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

DROPPED = "otel.dropped_attributes_count"
"""The attribute by which exporters tell how many others were left out (OpenTelemetry, mapping to other formats)."""

_NAMES: dict[str, str] = {}
_MOST_NAMES = 4096


def shared_name(text: str) -> str:
    """A name, bounded, and as one object for all records that have it: they are many, and names are few."""
    name = _NAMES.get(text)
    if name is None:
        if len(_NAMES) >= _MOST_NAMES:
            _NAMES.clear()
        name = cut(text, NAME_CHARACTERS)
        _NAMES[name] = name
    return name


def attributes_of(pairs: Sequence[KeyValue], dropped: int = 0) -> dict[str, AttributeValue]:
    """The attributes of a record.

    Args:
        pairs: As OTLP has them; what is beyond the limit is left out.
        dropped: How many the sender has left out already.
    """
    kept = pairs if len(pairs) <= ATTRIBUTES else pairs[:ATTRIBUTES]
    attributes = {shared_name(pair.key): value_of(pair.value) for pair in kept}
    missing = dropped + len(pairs) - len(kept)
    if missing:
        attributes[DROPPED] = missing
    return attributes


def value_of(value: AnyValue, depth: int = 0) -> AttributeValue:
    """A value of any type; texts are cut, lists shortened, and a number that is none (NaN, infinite) is text."""
    match value.WhichOneof("value"):
        case "string_value":
            return cut(value.string_value, VALUE_CHARACTERS)
        case "int_value":
            return value.int_value
        case "bool_value":
            return value.bool_value
        case "double_value":
            number = value.double_value
            return number if math.isfinite(number) else str(number)
        case "bytes_value":
            return value.bytes_value[:VALUE_CHARACTERS]
        case "array_value":
            return _list(value.array_value.values, depth)
        case "kvlist_value":
            return _map(value.kvlist_value.values, depth)
        case _:  # nothing, or what only profiles have
            return None


def _list(values: Sequence[AnyValue], depth: int) -> AttributeValue:
    if depth >= DEPTH:
        return CUT
    elements = [value_of(value, depth + 1) for value in values[:ELEMENTS]]
    return [*elements, CUT] if len(values) > ELEMENTS else elements


def _map(pairs: Sequence[KeyValue], depth: int) -> AttributeValue:
    if depth >= DEPTH:
        return CUT
    elements = {cut(pair.key, NAME_CHARACTERS): value_of(pair.value, depth + 1) for pair in pairs[:ELEMENTS]}
    return {**elements, CUT: None} if len(pairs) > ELEMENTS else elements


def body_of(value: AnyValue) -> str:
    """The message of a log entry; what is no text is JSON."""
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "string_value":
        return cut(value.string_value, BODY_CHARACTERS)
    return cut(json.dumps(value_of(value), ensure_ascii=False, default=_base64), BODY_CHARACTERS)


def _base64(value: object) -> str:
    """What JSON has no type for: bytes, as OTLP's own JSON writes them."""
    assert isinstance(value, bytes)
    return b64encode(value).decode()
