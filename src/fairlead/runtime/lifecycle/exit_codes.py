"""How a program ended, in words. The one place for them: logs, states, reasons and summaries say the same."""

from __future__ import annotations

import signal


def exit_code_text(code: int) -> str:
    """An exit code by itself: ``exit code 3``, or ``killed by SIGKILL`` where it stands for a signal (negative)."""
    return f"killed by {_signal_name(-code)}" if code < 0 else f"exit code {code}"


def end_text(code: int | None) -> str:
    """The end as the rest of a sentence: ``ended with exit code 3``, ``was killed by SIGKILL``, or just ``ended``."""
    if code is None:
        return "ended"
    return f"was {exit_code_text(code)}" if code < 0 else f"ended with {exit_code_text(code)}"


def exit_text(code: int | None) -> str:
    """The end in two or three words: ``exited 3``, ``killed by SIGKILL``, or ``ended`` where there is no code."""
    if code is None:
        return "ended"
    return exit_code_text(code) if code < 0 else f"exited {code}"


def exit_meaning(code: int | None) -> str:
    """What an exit code says beyond its number, by the conventions of shells and containers; empty for most."""
    return _MEANINGS.get(code or 0, "")


_MEANINGS = {
    126: "its command can't be executed",
    127: "its command was not found",
    134: "it was aborted",
    137: "it was killed, probably as memory ran out",
    139: "it crashed with a segmentation fault",
    143: "it ended on SIGTERM",
    -6: "it was aborted",
    -9: "probably as memory ran out, or by another program",
    -11: "it crashed with a segmentation fault",
}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal, or none
        return f"signal {number}"
