"""Objects that the drivers of a run share: a watchdog, an engine's client, a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

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
        """The object of that type; whoever asks first makes it, and the others wait for that.

        Raises:
            Exception: What ``make`` raised; the next one who asks tries again.
        """
        while (found := self._made.get(key)) is not None:
            try:
                return cast(S, await asyncio.shield(found))
            except asyncio.CancelledError:
                if not found.cancelled():
                    raise  # it is the asker who was cancelled, not the one who makes it
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._made[key] = future
        try:
            value = await make()
        except BaseException as error:
            del self._made[key]
            if isinstance(error, Exception):
                future.set_exception(error)
                future.exception()  # it is raised here as well; nobody else may have been waiting
            else:
                future.cancel()
            raise
        future.set_result(value)
        return value

    async def close(self) -> None:
        """Close the objects that can be closed, the last made first."""
        while self._made:
            _, future = self._made.popitem()
            if future.done() and not future.cancelled() and future.exception() is None:
                close = getattr(future.result(), "close", None)
                if close is not None and asyncio.iscoroutinefunction(close):
                    await close()
