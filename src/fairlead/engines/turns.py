"""Turns: however many tasks are woken at once, only a few of them go on in one turn of the event loop."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Lets tasks go on a few at a time, in the order in which they asked, and everything else of the loop between them.

    Belongs to one event loop.

    Args:
        at_once: How many tasks go on in one turn of the loop.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_counting = False

    async def take(self) -> None:
        """Return when it is the task's turn: at once, unless others have taken this turn of the loop."""
        loop = asyncio.get_running_loop()
        if not self._is_counting:
            self._is_counting = True
            loop.call_soon(self._next)
        if self._taken < self._at_once and not self._waiting:
            self._taken += 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        """A turn of the loop is over."""
        self._taken = 0
        while self._waiting and self._taken < self._at_once:
            turn = self._waiting.popleft()
            if not turn.done():  # its task was cancelled
                turn.set_result(None)
                self._taken += 1
        if self._waiting or self._taken:
            asyncio.get_running_loop().call_soon(self._next)
        else:
            self._is_counting = False
