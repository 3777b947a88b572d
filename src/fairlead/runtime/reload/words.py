"""The words for what a reload does. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.runtime.reload.result import Action

#: What was done with one resource, and what would be.
_DEEDS: Mapping[str, tuple[str, str]] = {
    Action.START: ("started", "would start"),
    Action.OFFER: ("added, starts on request", "would be added, and start on request"),
    Action.REPLACE: ("replaced", "would be replaced"),
    Action.RESTART: ("started again", "would start again"),
    Action.UPDATE: ("updated while it goes on", "would be updated while it goes on"),
    Action.LATER: ("counts from its next start", "would count from its next start"),
    Action.NOTHING: ("only charts are told", "only charts are told"),
    Action.REMOVE: ("stopped and removed", "would be stopped and removed"),
}
_COUNTED: Mapping[str, str] = {
    Action.START: "started",
    Action.OFFER: "added",
    Action.REPLACE: "replaced",
    Action.RESTART: "started again",
    Action.UPDATE: "updated",
    Action.LATER: "for the next start",
    Action.NOTHING: "for charts alone",
    Action.REMOVE: "removed",
}
COLORS: Mapping[str, str | None] = {
    Action.START: "green",
    Action.OFFER: "green",
    Action.REPLACE: "yellow",
    Action.RESTART: "yellow",
    Action.UPDATE: "cyan",
    Action.LATER: "cyan",
    Action.NOTHING: None,
    Action.REMOVE: "red",
}


def done_text(action: str) -> str:
    """What was done with a resource."""
    return _DEEDS[action][0]


def would_text(action: str) -> str:
    """What would be done with it."""
    return _DEEDS[action][1]


def summary_text(differences: Sequence[Mapping[str, Any]], unchanged: int, *, applied: bool) -> str:
    """What a reload has come to, in one line.

    Args:
        differences: What differs, as documents.
        unchanged: How many resources are as they were.
        applied: Whether it was applied.
    """
    if not differences:
        return f"Nothing differs: {unchanged} unchanged."
    counts = Counter(each["action"] for each in differences)
    parts = [f"{counts[action]} {word}" for action, word in _COUNTED.items() if counts[action]]
    return f"{'Reloaded' if applied else 'It differs'}: {', '.join([*parts, f'{unchanged} unchanged'])}."
