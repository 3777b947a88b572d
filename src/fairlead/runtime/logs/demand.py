"""Logs that are followed only while they are read.

The pods of a cluster write more than a user wants to see. A driver that can follow such a log offers it here; it is
called when the log's first reader comes and when its last one has gone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

CATCH_UP_SECONDS = 5.0
"""Seconds for which a reader that does not follow waits for logs that are read from elsewhere only for it."""

OnReaders = Callable[[bool], None]
"""Is called with True when the first reader of a log has come, and with False when the last one has gone."""


class Demand:
    """The readers of logs, by the ids of the logs. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._readers: Counter[str] = Counter()
        self._offers: dict[str, OnReaders] = {}
        self._caught_up: dict[str, asyncio.Event] = {}

    def offer(self, id: str, on_readers: OnReaders) -> None:
        """Have a function called when the first reader of a log comes and the last one goes; at once if one is there.

        Args:
            id: The id of the log.
            on_readers: Must be quick; it starts and ends a task that follows the log.
        """
        self._offers[id] = on_readers
        self._caught_up[id] = asyncio.Event()
        if self._readers[id]:
            on_readers(True)

    def withdraw(self, id: str) -> None:
        """Take an offer back; readers of the log wait for nothing any more."""
        self._offers.pop(id, None)
        if (caught_up := self._caught_up.pop(id, None)) is not None:
            caught_up.set()

    def caught_up(self, id: str) -> None:
        """Say that what had been written before is in the log now, so that it can be read without following it."""
        if id in self._caught_up:
            self._caught_up[id].set()

    @contextmanager
    def reading(self, ids: Collection[str]) -> Iterator[None]:
        """Count as a reader of logs inside the block."""
        for id in ids:
            self._readers[id] += 1
            if self._readers[id] == 1:
                self._tell(id, True)
        try:
            yield
        finally:
            for id in ids:
                self._readers[id] -= 1
                if not self._readers[id]:
                    del self._readers[id]
                    self._tell(id, False)

    async def wait_until_caught_up(self, ids: Collection[str], seconds: float) -> None:
        """Return when what had been written to the offered ones among some logs is there, or after some seconds."""
        try:
            async with asyncio.timeout(seconds):
                for id in ids:
                    if (caught_up := self._caught_up.get(id)) is not None:
                        await caught_up.wait()
        except TimeoutError:
            return

    def _tell(self, id: str, is_read: bool) -> None:
        if (on_readers := self._offers.get(id)) is None:
            return
        if not is_read:
            self._caught_up[id].clear()  # what comes until the next reader is missing
        on_readers(is_read)
