"""Ids and times, as OTLP has them and as records hold them."""

from __future__ import annotations

from typing import Final

_TRACE_BYTES: Final = 16
_SPAN_BYTES: Final = 8
_NANOSECONDS: Final = 1e9


def trace_id_of(data: bytes) -> str | None:
    """A trace id in hexadecimal digits; None for one that is none."""
    return data.hex() if len(data) == _TRACE_BYTES and any(data) else None


def span_id_of(data: bytes) -> str | None:
    """A span id in hexadecimal digits; None for one that is none."""
    return data.hex() if len(data) == _SPAN_BYTES and any(data) else None


def seconds_of(nanoseconds: int) -> float:
    """A time in seconds since 1970."""
    return nanoseconds / _NANOSECONDS
