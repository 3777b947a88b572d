"""Plain data where a text is wanted: which types the definition may give, and what a program finds for them."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import PurePath
from typing import TypeAlias, TypeGuard

TYPE_CHECKING = False  # which type checkers take for True; importing typing's own costs nothing less
if TYPE_CHECKING:
    from decimal import Decimal

    PlainValue: TypeAlias = str | int | float | bool | date | timedelta | Decimal | PurePath
else:  # every definition loads this module, few have a Decimal, and its module takes longer than all others here
    PlainValue: TypeAlias = str | int | float | bool | date | timedelta | PurePath

_TYPES = (str, int, float, date, timedelta, PurePath)
_MICROSECOND = timedelta(microseconds=1)


def is_plain_value(value: object) -> TypeGuard[PlainValue]:
    """Whether something is plain data that has a text."""
    return isinstance(value, _TYPES) or _is_decimal(value)


def to_text(value: PlainValue) -> str:
    """Plain data as the text a program finds in its environment, the same in a run and in a cluster.

    A truth value is ``true`` or ``false``, a date or time is in ISO 8601, a time span is its seconds (``90``,
    ``0.25``), a ``Decimal`` has no exponent, and a path is as it was written.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, timedelta):
        return _seconds(value)
    return format(value, "f") if _is_decimal(value) else str(value)


def _is_decimal(value: object) -> bool:
    """Whether something is a ``Decimal``; whoever has one has loaded its module."""
    decimal = sys.modules.get("decimal")
    return decimal is not None and isinstance(value, decimal.Decimal)


def _seconds(span: timedelta) -> str:
    sign = "-" if span < timedelta(0) else ""
    seconds, rest = divmod(abs(span) // _MICROSECOND, 1_000_000)
    return f"{sign}{seconds}.{rest:06}".rstrip("0").rstrip(".") if rest else f"{sign}{seconds}"
