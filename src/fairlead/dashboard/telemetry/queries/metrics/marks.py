"""What happened to resources, as marks across all plots: restarts, changes of health, new values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from fairlead.dashboard.telemetry.documents import Mark
from fairlead.runtime.events.event import ResourceEvent


def marks(events: Iterable[ResourceEvent], parameters: Collection[str], start: float, end: float) -> list[Mark]:
    """The marks of a window, in order of time.

    Args:
        events: Of the resources that are looked at, those of each in order.
        parameters: Those of them that are parameters.
        start: Where the window begins.
        end: Where it ends.
    """
    by_resource: dict[str, list[ResourceEvent]] = {}
    for event in events:
        by_resource.setdefault(event.resource, []).append(event)
    found: list[Mark] = []
    for id, happened in by_resource.items():
        found += _value_marks(happened) if id in parameters else _marks(happened)
    return sorted((mark for mark in found if start <= mark.time <= end), key=lambda mark: (mark.time, mark.resource))


def _marks(events: Iterable[ResourceEvent]) -> Iterator[Mark]:
    """The marks of one resource; that it has come up, and become healthy for the first time, is no news."""
    generation, unhealthy = 1, False
    for event in events:
        words = None
        if event.kind == "state":
            if event.tone == "ok" and event.generation > generation:
                generation, words = event.generation, "restarted"
            elif event.tone == "bad":
                words = _begin(event.text)
            unhealthy = False
        elif event.kind == "health":
            is_healthy = event.tone == "ok"
            if is_healthy == unhealthy:
                words = "healthy" if is_healthy else "unhealthy"
            unhealthy = not is_healthy
        if words:
            yield Mark(event.time, event.resource, f"{event.resource} {words}")


def _value_marks(events: Iterable[ResourceEvent]) -> Iterator[Mark]:
    """The marks of one parameter: each new value, with which it starts again."""
    generation = 1
    for event in events:
        if event.kind == "state" and event.tone in ("ok", "idle") and event.generation > generation:
            generation = event.generation
            yield Mark(event.time, event.resource, f"{event.resource} has a new value")


def _begin(text: str) -> str:
    """A text up to its reason, as it goes on behind a name."""
    begin = text.partition(":")[0]
    return begin[:1].lower() + begin[1:]
