"""When a CronJob runs: the texts that Kubernetes takes as a schedule."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fairlead.records import record

SCHEDULE_REMEDY = "Write minute, hour, day, month and weekday, like '0 3 * * *', or a word like '@daily'."
_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = r"@every (([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@record
class _Field:
    what: str
    least: int
    most: int
    words: Sequence[str] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _DAYS),
)


def schedule_problem(text: str) -> str | None:
    """What is wrong with a schedule, or None when it is a good one."""
    if text.startswith(("TZ=", "CRON_TZ=")):
        return f"the schedule {text!r} names a time zone, which Kubernetes refuses there"
    if text.startswith("@"):
        return None if text in _WORDS or re.fullmatch(_EVERY, text) else f"there is no schedule {text!r}"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"the schedule {text!r} has {len(fields)} fields, and not five"
    for field, given in zip(_FIELDS, fields, strict=True):
        if not all(_is_range(field, part) for part in given.split(",")):
            return f"the schedule {text!r} has {given!r} as its {field.what}"
    return None


def _is_range(field: _Field, text: str) -> bool:
    """Whether it is ``*``, a number or a range, each with ``/step`` or without."""
    span, slash, step = text.partition("/")
    if slash and not (step.isascii() and step.isdecimal() and int(step)):
        return False
    if span in ("*", "?"):
        return True
    first, dash, last = span.partition("-")
    start = _number(field, first)
    end = _number(field, last) if dash else start
    return start is not None and end is not None and start <= end


def _number(field: _Field, text: str) -> int | None:
    if text.lower() in field.words:
        return field.words.index(text.lower()) + field.least
    if not (text.isascii() and text.isdecimal()):
        return None
    return int(text) if field.least <= int(text) <= field.most else None
