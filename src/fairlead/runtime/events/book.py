"""The events of a run: what happened to each resource, and to all of them in one order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from fairlead.model.observation.snapshot import Removal, Snapshot
from fairlead.runtime.events.changes import Happening, happenings
from fairlead.runtime.events.event import EventKind, ResourceEvent, Tone
from fairlead.runtime.feed import Feed

KEPT_OF_EACH = 200
"""Events that are kept of each resource."""
KEPT_FOR_READERS = 2000
"""Events of all resources that a reader may lag behind."""


class EventBook:
    """The events of a run. Belongs to the thread of the event loop.

    Args:
        clock: Tells the time, in seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._events: dict[str, deque[ResourceEvent]] = {}
        #: All of them in the order in which they happened, for those who follow.
        self.feed: Feed[ResourceEvent] = Feed(KEPT_FOR_READERS)

    def of(self, id: str) -> tuple[ResourceEvent, ...]:
        """The kept events of a resource, the newest last."""
        return tuple(self._events.get(id, ()))

    def note_change(self, before: Snapshot | None, after: Snapshot | Removal) -> None:
        """Record what a change of a resource means. The events of one that is gone are dropped."""
        if isinstance(after, Removal):
            self._events.pop(after.id, None)
        else:
            self.record(after.id, after.starts, happenings(before, after))

    def record_one(self, snapshot: Snapshot, kind: EventKind, tone: Tone, text: str) -> None:
        """Record one thing that happened to a resource just now."""
        self.record(snapshot.id, snapshot.starts, [Happening(kind, tone, text)])

    def record(self, id: str, generation: int, news: Iterable[Happening]) -> None:
        """Record what happened to a resource just now.

        Args:
            id: The resource.
            generation: How many times it was started.
            news: What happened, in order.
        """
        for happening in news:
            event = ResourceEvent(
                number=self.feed.count + 1,
                time=self._clock(),
                resource=id,
                kind=happening.kind,
                tone=happening.tone,
                text=happening.text,
                generation=generation,
            )
            self._events.setdefault(id, deque(maxlen=KEPT_OF_EACH)).append(event)
            self.feed.add(event)
