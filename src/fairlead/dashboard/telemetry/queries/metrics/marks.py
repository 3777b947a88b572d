"""What happened to resources, as marks across all plots: restarts, changes of health, new values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.dashboard.telemetry.documents import Mark
from fairlead.runtime.events.event import ResourceEvent


def marks(events: Iterable[ResourceEvent], start: float, end: float) -> list[Mark]:
    """The marks of a window, in order of time.

    Args:
        events: Of the resources that are looked at, those of each in order.
        start: Where the window begins.
        end: Where it ends.
    """
    by_resource: dict[str, list[ResourceEvent]] = {}
    for event in events:
        by_resource.setdefault(event.resource, []).append(event)
    found = [mark for each in by_resource.values() for mark in _marks(each) if start <= mark.time <= end]
    return sorted(found, key=lambda mark: (mark.time, mark.resource))


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
        elif event.kind == "value":
            words = _begin(event.text)
        if words:
            yield Mark(event.time, event.resource, f"{event.resource} {words}")


def _begin(text: str) -> str:
    """A text up to its reason, as it goes on behind a name."""
    begin = text.partition(":")[0]
    return begin[:1].lower() + begin[1:]
