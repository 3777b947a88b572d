"""Series of things that are kept for a while and followed by any number of readers.

A reader is the place that it has read up to and nothing else, so that a slow one costs nothing: it gets what is still
kept when it comes back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """The newest things of a series. Belongs to the thread of the event loop.

    Args:
        kept: How many are kept.
    """

    def __init__(self, kept: int) -> None:
        self._things: deque[T] = deque(maxlen=kept)
        self._changed = asyncio.Event()
        self._closed = False
        #: How many were ever added.
        self.count = 0

    @property
    def things(self) -> tuple[T, ...]:
        """What is kept, the oldest first."""
        return tuple(self._things)

    def add(self, thing: T) -> None:
        """Add the next one; the oldest is dropped if there is no room."""
        self._things.append(thing)
        self.count += 1
        self._wake()

    def after(self, count: int) -> list[T]:
        """What is kept of those that came after the first ``count``."""
        skipped = len(self._things) - min(len(self._things), max(0, self.count - count))
        return list(islice(self._things, skipped, None))

    async def follow(self, count: int = 0) -> AsyncGenerator[list[T]]:
        """What is kept of those after the first ``count``, then what comes, until the feed is closed.

        Those that were dropped before they were read are left out.
        """
        while True:
            changed = self._changed
            if things := self.after(count):
                count = self.count
                yield things
            elif self._closed:
                return
            else:
                await changed.wait()

    def close(self) -> None:
        """End all readers, once they have read what there is."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
