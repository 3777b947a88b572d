"""Whether an engine is still there that takes requests and answers none of them.

Many requests are answered late for good reasons: a container that is waited for may live for days. So nothing is
concluded from how long one takes. While any is open the engine is asked now and then whether it is there at all; when
neither that nor anything else is answered for a while, all that is open is cut off, as if the connection had been lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

PAUSE: Final = 2.0
"""Seconds between two questions."""
PATIENCE: Final = 12.0
"""Seconds without any answer after which an engine counts as silent; one that is only busy takes far less."""
SHORT_PATIENCE: Final = 4.0
"""The same when somebody waits for the end of the run: what is left is then up to the watchdog."""
TICK: Final = 0.25
"""Seconds between two looks. Time is counted by them: a host that was stopped for an hour hasn't waited for one."""


class Pulse:
    """Watches over the open requests to one engine.

    Args:
        ask: Asks the engine whether it is there.

    Attributes:
        patience: Seconds without any answer after which it counts as silent.
        is_silent: Whether it does. It is asked on until it answers.
    """

    def __init__(self, ask: Callable[[], Awaitable[object]]) -> None:
        self.patience = PATIENCE
        self.is_silent = False
        self._ask = ask
        self._open: dict[object, Callable[[], object]] = {}
        self._answers = 0
        self._watching: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def watched(self, cut: Callable[[], object]) -> Iterator[None]:
        """Have something cut off when the engine falls silent meanwhile."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="pulse of the container engine")
        key = object()
        self._open[key] = cut
        try:
            yield
        finally:
            self._open.pop(key, None)

    def note_answer(self) -> None:
        """It has answered something."""
        self._answers += 1
        self.is_silent = False

    async def close(self) -> None:
        """Watch no longer."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            if self._open or self.is_silent:
                await self._feel()

    async def _feel(self) -> None:
        asking, before, waited = asyncio.ensure_future(self._ask()), self._answers, 0.0
        try:
            while not asking.done() and waited < self.patience:
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
