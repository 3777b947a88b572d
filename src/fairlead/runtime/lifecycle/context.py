"""What the runtime offers to the functions of a definition: hooks, commands and health checks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from fairlead.model.endpoints.consumer import Mode, Network
from fairlead.model.resource import Consumer, Resource
from fairlead.model.user_functions import Hook
from fairlead.model.values.value import ValueLike
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.values.user_functions import call_user_function


class HookContext:
    """What hooks, commands and health checks are called with (the ``ActionContext`` of the public contract).

    Made on the event loop, and used on it or in the thread of a ``def`` function.

    Args:
        run: The run.
        resource: The resource it is about.
        log_name: Whose log it writes to, if not the resource's.
        inputs: What a command was given.
    """

    def __init__(
        self,
        run: Run,
        resource: Resource,
        log_name: str | None = None,
        inputs: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._run = run
        self._resource = resource
        self._log_name = log_name or resource.name
        self._inputs = inputs
        self._loop = asyncio.get_running_loop()

    @property
    def resource(self) -> Resource:
        """The resource it is about."""
        return self._resource

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What a command was given, by the names of its inputs."""
        return self._inputs

    def log(self, text: str) -> None:
        """Write a line into the resource's log."""
        if _running_loop() is self._loop:
            self._write(text)
            return
        with suppress(RuntimeError):  # the loop is closed: the run is over, and its logs with it
            self._loop.call_soon_threadsafe(self._write, text)

    def log_state(self, text: str) -> None:
        """Write a line that says what a change of the resource's state says too. Only on the event loop."""
        self._run.logs.log(self._log_name).write(text, "state")

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this host sees it; waits until it is available, on whatever event loop."""
        resolving = self._run.resolver.text(value, host_consumer(self._resource))
        if _running_loop() is self._loop:
            return await resolving
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(resolving, self._loop))

    async def call(self, function: Hook) -> Any:
        """Call a function of the definition, be it ``def`` or ``async def``."""
        return await call_user_function(function, self)

    def _write(self, text: str) -> None:
        self._run.logs.log(self._log_name).write(text)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def host_consumer(resource: Resource) -> Consumer:
    """A resource whose values are read on this machine, for what the host itself does with them."""
    return Consumer(resource, Network.HOST, Mode.RUN)
