"""Objects that the drivers of a run share: a watchdog, an engine's client, a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from fairlead.runtime.lifecycle.time_limit import with_time_limit

CLOSE_SECONDS = 10.0
"""How long it may take to close one; longer, and the host would never end."""

S = TypeVar("S")


class Shared:
    """One object of each type for the whole run, made when somebody first asks for it."""

    def __init__(self) -> None:
        self._made: dict[type[Any], asyncio.Future[Any]] = {}

    def provide(self, key: type[S], value: S) -> None:
        """Give an object that exists already."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.set_result(value)
        self._made[key] = future

    async def get(self, key: type[S], make: Callable[[], Awaitable[S]]) -> S:
        """The object of that type; it is made for whoever asks first, and the others wait for that.

        Making it goes on when those who asked are cancelled: others may need it, and :meth:`close` closes it.

        Raises:
            Exception: What ``make`` raised; the next one who asks tries again.
        """
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = asyncio.ensure_future(_made_by(make))
            found.add_done_callback(lambda made: self._forget_failure(key, made))
        return cast(S, await asyncio.shield(found))

    async def close(self) -> None:
        """Close the objects that can be closed, the last made first.

        Raises:
            Exception: What the first that could not be closed raised; the others are closed all the same.
        """
        trouble: list[Exception] = []
        while self._made:
            _, future = self._made.popitem()
            if not future.done():
                future.cancel()
                await asyncio.wait([future])
            if future.cancelled() or future.exception() is not None:
                continue
            close = getattr(future.result(), "close", None)
            if close is not None and asyncio.iscoroutinefunction(close):
                try:
                    await with_time_limit(CLOSE_SECONDS, close(), f"closing {type(future.result()).__name__}")
                except Exception as error:
                    trouble.append(error)
        if trouble:
            raise trouble[0]

    def _forget_failure(self, key: type[Any], made: asyncio.Future[Any]) -> None:
        failed = made.cancelled() or made.exception() is not None
        if failed and self._made.get(key) is made:
            del self._made[key]


async def _made_by(make: Callable[[], Awaitable[S]]) -> S:
    return await make()
