"""An event: something that happened to a resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EventKind = Literal["state", "health", "wait", "command", "value"]
Tone = Literal["ok", "busy", "wait", "warn", "bad", "idle"]
"""How good the news is, as the page colours it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEvent:
    """Something that happened to a resource.

    Args:
        number: Rises from event to event of the whole run.
        time: When, in seconds since 1970.
        resource: The id of the resource.
        kind: What it is about.
        tone: How good the news is.
        text: What happened, in words, without the name of the resource.
        generation: How many times the resource was started when it happened.
    """

    number: int
    time: float
    resource: str
    kind: EventKind
    tone: Tone
    text: str
    generation: int
