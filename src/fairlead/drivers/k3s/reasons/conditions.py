"""The conditions in an object's status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def condition(obj: Mapping[str, Any], type: str) -> Mapping[str, Any]:
    """The condition of a type; an empty mapping where there is none."""
    for entry in (obj.get("status") or {}).get("conditions") or ():
        if entry.get("type") == type:
            return dict(entry)
    return {}


def is_true(condition: Mapping[str, Any]) -> bool:
    """Whether a condition holds."""
    return condition.get("status") == "True"


def message_of(condition: Mapping[str, Any]) -> str:
    """What a condition says, without a full stop; its reason where it has no message."""
    return str(condition.get("message") or condition.get("reason") or "no reason is given").strip().rstrip(".")
