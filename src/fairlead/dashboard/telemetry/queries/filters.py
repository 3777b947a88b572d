"""Filters by attribute, such as ``order.total>100``, and search for a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

from fairlead.dashboard.telemetry.queries.attributes import attribute_text
from fairlead.dashboard.telemetry.records import Attributes, AttributeValue, LogRecord, Span
from fairlead.errors import UsageError

Operator = Literal["=", "!=", ">", "<", ">=", "<=", "~"]
Lookup: TypeAlias = Callable[[str], AttributeValue]
"""The value of an attribute by its name; None where there is none."""

_FILTER = re.compile(r"\s*([^\s=!<>~][^=!<>~]*?)\s*(!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_EXAMPLE = "Write NAME OP VALUE, such as order.total>100; OP is one of = != > < >= <= ~ (contains)."


@dataclass(frozen=True, slots=True)
class Filter:
    """What an attribute has to be.

    Args:
        name: The attribute.
        operator: How it is compared; ``~`` is "contains".
        value: What it is compared with.
        number: The same as a number; None where it is none.
    """

    name: str
    operator: Operator
    value: str
    number: float | None

    def holds(self, lookup: Lookup) -> bool:
        """Whether the attribute is so. One that is not there is unlike any value, and nothing else."""
        found = lookup(self.name)
        if found is None:
            return self.operator == "!="
        if self.number is not None and type(found) in (int, float) and self.operator != "~":
            return _compares(self.operator, found, self.number)
        text = attribute_text(found)
        if self.operator == "~":
            return self.value.lower() in text.lower()
        number = _number(text) if self.number is not None else None
        if number is not None and self.number is not None:
            return _compares(self.operator, number, self.number)
        if self.operator in ("=", "!="):
            return (text == self.value) == (self.operator == "=")
        return self.number is None and _number(text) is None and _compares(self.operator, text, self.value)


def _compares(operator: Operator, one: Any, other: Any) -> bool:
    match operator:
        case "=":
            return bool(one == other)
        case "!=":
            return bool(one != other)
        case ">":
            return bool(one > other)
        case "<":
            return bool(one < other)
        case ">=":
            return bool(one >= other)
        case _:
            return bool(one <= other)


def parse_filter(text: str) -> Filter:
    """Read a filter.

    Raises:
        UsageError: It is none.
    """
    match = _FILTER.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is not a filter", remedy=_EXAMPLE)
    name, operator, value = match.groups()
    return Filter(name, cast(Operator, operator), _unquoted(value), _number(_unquoted(value)))


def parse_filters(texts: Iterable[str]) -> tuple[Filter, ...]:
    """Read several filters, which all have to hold.

    Raises:
        UsageError: One of them is none.
    """
    return tuple(map(parse_filter, texts))


def _unquoted(value: str) -> str:
    is_quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if is_quoted else value


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number else None


def nested_value(attributes: Attributes, name: str) -> AttributeValue:
    """The value of an attribute; ``a.b`` is also the ``b`` within an attribute ``a``."""
    value = attributes.get(name)
    if value is not None or "." not in name:
        return value
    head, _, rest = name.partition(".")
    while rest:
        inner = attributes.get(head)
        if isinstance(inner, Mapping):
            found = nested_value(inner, rest)
            if found is not None:
                return found
        more, _, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def sent_value(record: Span | LogRecord, name: str) -> AttributeValue:
    """The value of an attribute of a record, or else of its sender."""
    value = nested_value(record.attributes, name)
    return nested_value(record.sender.attributes, name) if value is None else value


def has_text(attributes: Attributes, needle: str) -> bool:
    """Whether the value of an attribute contains a text.

    Args:
        attributes: The attributes.
        needle: The text, in lower case.
    """
    return any(needle in attribute_text(value).lower() for value in attributes.values())
