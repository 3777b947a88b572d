"""Durations, times and texts of others, as a terminal shows them."""

from __future__ import annotations

import time

from fairlead.runtime.logs.text import printable, without_colors

SHORT_ID = 7
"""Characters of a trace's id that are shown where it is only told from others."""


def duration_text(seconds: float) -> str:
    """A duration in three figures: ``1.31 s``, ``58 ms``, ``4.2 ms``."""
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    milliseconds = seconds * 1000
    if milliseconds >= 999.5:
        return f"{seconds:.2f} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 9.95 else f"{milliseconds:.1f} ms"


def clock_text(seconds: float) -> str:
    """The time of the day, in milliseconds."""
    return time.strftime("%H:%M:%S", time.localtime(seconds)) + f".{int(seconds * 1000) % 1000:03}"


def safe_text(text: str) -> str:
    """What a program has sent, without what would change the terminal."""
    return without_colors(printable([text.encode("utf-8", "replace")]))


def line_text(text: str) -> str:
    """The same in one line."""
    return " ".join(safe_text(text).split())
