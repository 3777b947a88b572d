"""When a resource's health is asked before its time has come."""

from __future__ import annotations

import asyncio
import contextlib


class EarlyChecks:
    """What has a resource's checks asked before their time."""

    def __init__(self) -> None:
        self._wrote, self._changed = asyncio.Event(), asyncio.Event()

    @property
    def are_due(self) -> bool:
        """Whether something has happened since the last round."""
        return self._wrote.is_set()

    def wrote(self) -> None:
        """The resource has written something, which counts while it is not healthy."""
        self._wrote.set()

    def changed(self) -> None:
        """Its driver says that its health has changed, which always counts."""
        self._wrote.set()
        self._changed.set()

    def begin(self) -> None:
        """A round begins."""
        self._wrote.clear()
        self._changed.clear()

    async def wait(self, shortest: float, longest: float) -> None:
        """Return when an unhealthy resource is to be asked again: after a pause, early if something has happened."""
        await _happens(self._changed, min(shortest, longest))
        await _happens(self._wrote, longest - shortest)

    async def wait_healthy(self, longest: float) -> None:
        """Return when a healthy resource is to be asked again."""
        await _happens(self._changed, longest)


async def _happens(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
