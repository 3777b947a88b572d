"""Levels of log lines: recognised by the forms in which programs write them.

Nothing is guessed: a line without a level of its own has none, and being written to stderr makes none an error.

Each line that is followed is asked for its level, so this works with the first words of a line and with sets. A search
by a regular expression for the same words takes three times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from fairlead.runtime.logs.records import Stream
from fairlead.runtime.logs.text import without_colors

Level: TypeAlias = Literal["error", "warn", "info", "debug"]
_Read: TypeAlias = Callable[[str], Level | None]

_ERRORS = "ERROR ERR FATAL CRITICAL CRIT SEVERE PANIC DPANIC ALERT EMERG EMERGENCY FAIL"
_DEBUGS = "DEBUG DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5 DBG DBUG TRACE TRC TRCE VERBOSE SILLY FINE"
_WORDS: dict[str, Level] = {
    **dict.fromkeys(_ERRORS.split(), "error"),
    **dict.fromkeys(("WARNING", "WARN", "WRN"), "warn"),
    **dict.fromkeys(("INFORMATION", "INFO", "INF", "NOTICE"), "info"),
    **dict.fromkeys(_DEBUGS.split(), "debug"),
}
_FIRST_WORDS = 8
"""Words of a line among which its level is."""
# Characters of a line that are searched, so that a line of any length costs no more.
_HEAD = 300
_LONG_HEAD = 4096


def _in_any_case(*forms: str) -> dict[str, Level]:
    """What a word looks like in each form, in capitals, in small letters and with a capital; with the level of each."""
    spellings = [(case(word), level) for word, level in _WORDS.items() for case in (str.upper, str.lower, str.title)]
    return {form.format(word): level for form in forms for word, level in spellings}


# Forms that say a level wherever they stand: [error], level=info, |WARN|
_FIELDS = ("level", "lvl", "severity", "levelname", "loglevel")
_CERTAIN: dict[str, Level] = {
    **_in_any_case("[{}]", "[{}", "[{}]:", "|{}|", "({})", "<{}>"),
    **_in_any_case(*(f"{name}={quote}{{}}{quote}" for name in _FIELDS for quote in ("", '"', "'"))),
}
# Forms that say one behind a time, a name or the like, and not in a sentence: INFO, WARN:, LOG:
_CAPITALS: dict[str, Level] = {
    form: level for word, level in _WORDS.items() for form in (word, f"{word}:", f"{word}]", f"{word}]:", f"{word}!")
} | {"LOG:": "info"}
# Forms that say one behind a colon: apphost.py:12: error: …
_SMALL = {f"{word.lower()}:": level for word, level in _WORDS.items()}
_FORMS = _CERTAIN | _CAPITALS | _SMALL
_IS_FREE_OF_FORMS = frozenset(_FORMS).isdisjoint

_DATE_WORD = re.compile(r"Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")

# Behind a time without a space: 2026-11-24 14:02:11,204:INFO:shop:
_BEHIND_TIME = re.compile(r"\d[\d\-/T :.,Z+]{9,39}+[\[|]?+([A-Z]{3,9}+)")
# A field that comes late: ts=… msg="a rather long text" level=info
_FIELD = re.compile(r"(?:level|severity)=[\"']?([A-Za-z]{3,11})")
# A member of an object: "level":"info", "severity": "ERROR", and "level":30 as pino has it
_MEMBER = re.compile(
    r"\"(?:level|severity|levelname|level_name|log\.level|loglevel|log_level|lvl|@l|Level|LogLevel)\"\s*+:\s*+"
    r"(?:\"([A-Za-z]++)|(\d++))"
)
# I1124 14:02:11.204913       1 controller.go:617] …
_KLOG = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.")
_KLOG_LEVELS: dict[str, Level] = {"I": "info", "W": "warn", "E": "error", "F": "error"}
# 1:M 24 Nov 2026 14:02:11.204 * Ready to accept connections
_REDIS = re.compile(r"\d++:[XCSM] \d\d \w{3} \d{4} [\d:.]++ ([.\-*#]) ")
_REDIS_LEVELS: dict[str, Level] = {".": "debug", "-": "debug", "*": "info", "#": "warn"}

# Lines of stack traces, as far as they tell by themselves that they are some.
_TRACE_BEGINNINGS = (
    "Traceback (most recent call last):",
    "During handling of the above exception",
    "The above exception was the direct cause",
    "Caused by: ",
    "Uncaught ",
    "KeyboardInterrupt",
    "panic: ",
    "goroutine ",
    "thread '",
    "error TS",
    "npm error ",
)
_FRAME = re.compile(r"\s++(?:File \".*\", line \d+|at \S.*[(:].*\d\)?$)")
_EXCEPTION = re.compile(r"(?:[A-Za-z_][\w.]*\.)?(?:[A-Z]\w*)?(?:Error|Exception|ExceptionGroup)(?::|$| \[)")
# /app/shop.py:12: DeprecationWarning: …
_PYTHON_WARNING = re.compile(r"\S+:\d+: \w*Warning: ")


def level_of(text: str, stream: Stream = "stdout") -> Level | None:
    """Return the level that a line says it has; None where it says none.

    Args:
        text: The line, with or without colours.
        stream: Where it was written. What Fairlead itself says has no level.
    """
    if stream == "system" or stream == "state":
        return None
    if "\x1b" in text:
        text = without_colors(text[:_LONG_HEAD])
    return _BY_FIRST.get(text[:1], _of_words)(text)


def _of_words(text: str) -> Level | None:
    """The level of a line that begins with no character that tells more."""
    colon = text.find(":", 3, 12)
    if colon > 0 and (level := _WORDS.get(text[:colon].upper())):
        return level
    words = text.split(None, _FIRST_WORDS)
    if not _IS_FREE_OF_FORMS(words) and (level := _of_forms(words)):
        return level
    if ("rror" in text or "xception" in text) and _EXCEPTION.match(text, 0, _HEAD):
        return "error"
    if "=" in text and (field := _FIELD.search(text, 0, _LONG_HEAD)) is not None:
        return _WORDS.get(field[1].upper())
    return "warn" if "Warning: " in text and _PYTHON_WARNING.match(text, 0, _HEAD) else None


def _of_forms(words: list[str]) -> Level | None:
    for form in filter(_FORMS.__contains__, words[:_FIRST_WORDS]):
        if form in _CERTAIN:
            return _CERTAIN[form]
        before = words[: words.index(form)]
        if form in _CAPITALS and (len(before) <= 2 or sum(map(_is_of_a_sentence, before)) <= 1):
            return _CAPITALS[form]
        if form in _SMALL and before and before[-1].endswith(":"):
            return _SMALL[form]
    return None


def _is_of_a_sentence(word: str) -> bool:
    return word.isalpha() and not word.isupper() and _DATE_WORD.fullmatch(word) is None


def _of_klog(text: str) -> Level | None:
    return _KLOG_LEVELS[text[0]] if text[1:2].isdigit() and _KLOG.match(text) else _of_words(text)


def _of_time(text: str) -> Level | None:
    """The level of a line that begins with a time, or as the lines of Redis do."""
    if (level := _of_words(text)) is not None:
        return level
    if (redis := _REDIS.match(text)) is not None:
        return _REDIS_LEVELS[redis[1]]
    behind = _BEHIND_TIME.match(text)
    return None if behind is None else _WORDS.get(behind[1])


def _of_indented(text: str) -> Level | None:
    """The level of an indented line: it belongs to the one above, unless it is of a stack trace."""
    if _FRAME.match(text, 0, _HEAD):
        return "error"
    return None if text[1:2] in (" ", "\t", "") else level_of(text[1:])


def _of_object(text: str) -> Level | None:
    member = _MEMBER.search(text, 0, _LONG_HEAD)
    if member is None:
        return None
    if member[1]:
        return _WORDS.get(member[1].upper())
    number = int(member[2][:4])
    return "error" if number >= 50 else "warn" if number >= 40 else "info" if number >= 30 else "debug"


def _of_trace(text: str) -> Level | None:
    """The level of a line that begins with the same letter as some line of a stack trace."""
    return "error" if text.startswith(_TRACE_BEGINNINGS) else _of_words(text)


def _of_npm(text: str) -> Level | None:
    return "warn" if text.startswith("npm warn ") else _of_trace(text)


_BY_FIRST: dict[str, _Read] = {
    "": lambda text: None,
    "{": _of_object,
    "n": _of_npm,
    **dict.fromkeys(" \t", _of_indented),
    **dict.fromkeys("IWEF", _of_klog),
    **dict.fromkeys("0123456789", _of_time),
    **dict.fromkeys({beginning[0] for beginning in _TRACE_BEGINNINGS} - {"n"}, _of_trace),
}
