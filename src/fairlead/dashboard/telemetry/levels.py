"""Levels of structured logs."""

from __future__ import annotations

from typing import get_args

from fairlead.dashboard.telemetry.documents import Level

LEVELS: tuple[Level, ...] = get_args(Level)
_WORDS: dict[str, Level] = {
    "trace": "trace",
    "verbose": "trace",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warn": "warn",
    "warning": "warn",
    "error": "error",
    "err": "error",
    "severe": "error",
    "critical": "fatal",
    "crit": "fatal",
    "fatal": "fatal",
    "alert": "fatal",
    "emergency": "fatal",
    "panic": "fatal",
}


def level_of(severity: int, severity_text: str) -> Level:
    """The level of an entry.

    Args:
        severity: OpenTelemetry's number; 0 where the sender does not say.
        severity_text: The sender's own word, which counts where there is no number.
    """
    if severity <= 0:
        return _WORDS.get(severity_text.strip().lower(), "info")
    return LEVELS[min(severity - 1, 23) // 4]


def levels_from(level: str) -> frozenset[Level]:
    """A level, and those above it."""
    return frozenset(LEVELS[[*LEVELS].index(level) :])  # type: ignore[arg-type]
