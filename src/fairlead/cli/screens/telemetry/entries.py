"""Structured log entries, a line each."""

from __future__ import annotations

from typing import Any

from fairlead.cli.screens.appearance import BAD, DOUBTFUL
from fairlead.cli.screens.telemetry.texts import SHORT_ID, line_text, safe_text
from fairlead.cli.terminal import style

_COLORS = {"fatal": BAD, "error": BAD, "warn": DOUBTFUL}
_MOST_ATTRIBUTES = 12
_LONGEST_VALUE = 80


def entry_text(entry: dict[str, Any]) -> str:
    """An entry: its level, its message, the attributes that are not in the message, and its trace.

    Args:
        entry: As the control API shows it.
    """
    level = entry["level"]
    parts = [style(f"{level:<5}", fg=_COLORS.get(level), dim=level in ("debug", "trace")), _message(entry)]
    if attributes := attributes_text(entry):
        parts.append(style(attributes, dim=True))
    if entry["trace_id"]:
        parts.append(style(f"trace {entry['trace_id'][:SHORT_ID]}", dim=True))
    return "  ".join(parts)


def _message(entry: dict[str, Any]) -> str:
    message = safe_text(entry["message"]).strip("\n")
    exception = entry["exception"]
    if exception is None:
        return message
    told = f"{exception['type']}: {exception['message']}" if exception["message"] else exception["type"]
    return f"{message}  {style(line_text(told), fg=BAD)}"


def attributes_text(entry: dict[str, Any]) -> str:
    """The attributes that tell more than the message does."""
    shown = {part["attribute"] for part in entry["parts"]}
    telling = [
        f"{line_text(each['name'])}={_value(each['value'])}"
        for each in entry["attributes"]
        if each["name"] not in shown and not each["name"].startswith(("exception.", "code.", "thread."))
    ]
    return " ".join(telling[:_MOST_ATTRIBUTES])


def _value(value: str) -> str:
    text = line_text(value)
    text = text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
    return f'"{text}"' if " " in text or not text else text
