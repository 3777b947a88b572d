"""Whether an engine is still there that takes requests and answers none of them.

Many requests are answered late for good reasons: a container that is waited for may live for days. So nothing is
concluded from how long one takes. While any is open the engine is pinged now and then; when neither that nor anything
else is answered for a while, all open requests are cut off, as if the connection had been lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from fairlead.engines.tasks import TaskScope

PAUSE: Final = 2.0
"""Seconds between two pings."""
LIMIT_SECONDS: Final = 12.0
"""Seconds without any answer after which an engine counts as silent; one that is only busy takes far less."""
SHORT_LIMIT_SECONDS: Final = 4.0
"""The same while the run ends and the user waits for it; the watchdog removes what is left."""
TICK: Final = 0.25
"""Seconds between two looks.

Silence is counted in ticks, not by the clock, so that a host that was suspended for an hour hasn't seen an hour of
silence.
"""


class SilenceDetector:
    """Cuts off the open requests to one engine when it falls silent.

    Args:
        ask: Returns when the engine answers a ping.

    Attributes:
        limit_seconds: Seconds without any answer after which the engine counts as silent.
        is_silent: Whether it does. It is pinged until it answers.
    """

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self.limit_seconds = LIMIT_SECONDS
        self.is_silent = False
        self._ask = ask
        self._open: dict[object, Callable[[], object]] = {}
        self._answers = 0
        self._tasks = TaskScope("silence of the container engine")
        self._watching: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def cut_if_silent(self, cut: Callable[[], object]) -> Iterator[None]:
        """Call ``cut`` if the engine falls silent during the block."""
        if self._watching is None:
            self._watching = self._tasks.start(self._watch(), "watch")
        key = object()
        self._open[key] = cut
        try:
            yield
        finally:
            self._open.pop(key, None)

    def note_answer(self) -> None:
        """The engine has answered a request."""
        self._answers += 1
        self.is_silent = False

    async def close(self) -> None:
        """Stop pinging."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            if self._open or self.is_silent:
                await self._ping()

    async def _ping(self) -> None:
        asking, before, waited = self._tasks.start(self._ask(), "ping"), self._answers, 0.0
        try:
            while not asking.done() and waited < self.limit_seconds:
                await asyncio.wait([asking], timeout=TICK)
                waited += TICK
                if self._answers != before:
                    return
            if not asking.done():
                self._fall_silent()
            elif asking.exception() is None:  # else it is gone, as those who talk to it notice themselves
                self.note_answer()
        finally:
            asking.cancel()
            await asyncio.wait([asking])  # what it has open is closed by then

    def _fall_silent(self) -> None:
        self.is_silent = True
        cuts = [*self._open.values()]
        self._open.clear()
        for cut in cuts:
            cut()
