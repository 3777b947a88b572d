"""A bell: wakes all that wait for something new."""

from __future__ import annotations

import asyncio


class Bell:
    """Wakes those that wait. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        #: Whether nothing new will ever come.
        self.is_closed = False

    def ring(self) -> None:
        """Wake all."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def close(self) -> None:
        """Wake all, for the last time."""
        self.is_closed = True
        self.ring()

    async def wait(self) -> None:
        """Return at the next ring; at once when the bell is closed."""
        if self.is_closed:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
