"""Times as a cluster writes them: RFC 3339 with up to nine decimals, of which it leaves out zeros at the end."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

# 2026-11-20T23:55:56.794128313Z, or with +01:00 in place of the Z
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def nanoseconds_since_epoch(text: str) -> int:
    """A time as a whole number, so that two that differ are told apart.

    Raises:
        ValueError: It is not such a time.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time of RFC 3339")
    whole = datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00"))
    return int(whole.timestamp()) * 1_000_000_000 + int((match[2] or "").ljust(9, "0"))


def seconds_since_epoch(text: str) -> float:
    """A time in seconds.

    Raises:
        ValueError: It is not such a time.
    """
    return nanoseconds_since_epoch(text) / 1e9
