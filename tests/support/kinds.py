"""A kind of resource whose driver does what a test has written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from fairlead import FOREVER, Driver, DriverContext, StopReason, Workload
from fairlead.model.driving.driver import Forever

Step = Callable[[DriverContext], Awaitable[object]]


class Odd(Workload):
    """Runs for ever, unless told otherwise.

    Args:
        name: The resource's name.
        start: Awaited when it is brought up.
        wait: Awaited while it is up; returns its exit code.
        stop: Awaited when it is brought down.
    """

    kind: ClassVar[str] = "Odd"
    driver: ClassVar[str | None] = "tests.support.kinds:OddDriver"

    def __init__(self, name: str, *, start: Step | None = None, wait: Step | None = None, stop: Step | None = None):
        super().__init__(name)
        self.on_start, self.on_wait, self.on_stop = start, wait, stop


class Hasty(Odd):
    """The same, for a step that hangs: it is given up at once."""

    driver: ClassVar[str | None] = "tests.support.kinds:HastyDriver"


class OddDriver(Driver):
    """Does what its resource was given."""

    stop_timeout = 60.0

    def __init__(self) -> None:
        self._context: DriverContext | None = None

    async def start(self, context: DriverContext) -> None:
        self._context = context
        assert isinstance(context.resource, Odd)
        if context.resource.on_start is not None:
            await context.resource.on_start(context)

    async def wait(self) -> int | Forever | None:
        assert self._context is not None and isinstance(self._context.resource, Odd)
        if self._context.resource.on_wait is None:
            return FOREVER
        code = await self._context.resource.on_wait(self._context)
        assert code is None or isinstance(code, int)
        return code

    async def stop(self, reason: StopReason) -> int | None:
        assert self._context is not None and isinstance(self._context.resource, Odd)
        if self._context.resource.on_stop is not None:
            await self._context.resource.on_stop(self._context)
        return None


class HastyDriver(OddDriver):
    """The same, with little patience."""

    stop_timeout = 0.05
