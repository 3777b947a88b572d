"""Objects that the drivers of a run share: a watchdog, an engine's client, a network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from fairlead.engines.tasks import TaskScope, with_time_limit

CLOSE_SECONDS = 10.0
"""Limit of closing one object; one that never returns would keep the host from ending."""

S = TypeVar("S")


class Shared:
    """One object of each type for the whole run, made at the first call for it."""

    def __init__(self) -> None:
        self._making: dict[type[Any], asyncio.Task[Any]] = {}
        self._objects: dict[type[Any], Any] = {}  # in the order in which they were completed
        self._tasks = TaskScope("shared objects")

    def provide(self, key: type[S], value: S) -> None:
        """Give an object that exists already."""
        self._objects[key] = value

    async def get(self, key: type[S], make: Callable[[], Awaitable[S]]) -> S:
        """The object of that type; the first call makes it, and others wait for that.

        Making it goes on when the callers are cancelled: others may need it, and :meth:`close` closes it.

        Raises:
            Exception: What ``make`` raised; the next call tries again.
        """
        if key not in self._objects:
            await asyncio.shield(self._task(key, make))
        return cast(S, self._objects[key])

    def known(self, key: type[S]) -> S | None:
        """The object of that type, if it has been made."""
        return cast("S | None", self._objects.get(key))

    def begin(self, key: type[S], make: Callable[[], Awaitable[S]]) -> None:
        """Begin to make an object that will be asked for soon; if that fails, the first call for it tries again."""
        if key not in self._objects:
            self._task(key, make)

    async def close(self) -> None:
        """Close the objects that can be closed: what was completed last first, as it may use those before it.

        Raises:
            Exception: What the first that could not be closed raised; the others are closed all the same.
        """
        await self._tasks.close(CLOSE_SECONDS)
        errors: list[Exception] = []
        while self._objects:
            _, value = self._objects.popitem()
            close = getattr(value, "close", None)
            if close is not None and asyncio.iscoroutinefunction(close):
                try:
                    await with_time_limit(CLOSE_SECONDS, close(), f"closing {type(value).__name__}")
                except Exception as error:
                    errors.append(error)
        if errors:
            raise errors[0]

    def _task(self, key: type[S], make: Callable[[], Awaitable[S]]) -> asyncio.Task[Any]:
        """The task that makes an object; a new one unless it is being made."""
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = self._tasks.start(self._make(key, make), key.__name__)
            task.add_done_callback(lambda done: self._end_making(key, done))
        return task

    async def _make(self, key: type[S], make: Callable[[], Awaitable[S]]) -> None:
        self._objects[key] = await make()

    def _end_making(self, key: type[Any], task: asyncio.Task[Any]) -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            task.exception()  # every caller may have been cancelled, and asyncio warns of an error nobody has looked at
