"""A kind of resource that runs nowhere, for testing what is around it: it does what the test tells it to."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from fairlead.errors import StartError
from fairlead.model.driver import Driver, DriverContext, StopReason
from fairlead.model.health import Health
from fairlead.model.state import State
from fairlead.model.workload import Workload


class InMemory(Workload):
    """A resource without a process, container or anything else.

    Args:
        name: The resource's name.
        fails: The reason why it can't be started; None when it can.
        exit_code: The code it ends with at once; None when it runs until it is stopped or told to :meth:`exit`.
        held: Whether it stays Starting until :meth:`let_go`.
        healthy: What it says of its health while it runs; the test may change it at any time.
    """

    kind: ClassVar[str] = "In memory"
    driver: ClassVar[str | None] = "fairlead.testing.memory:InMemoryDriver"

    def __init__(
        self,
        name: str,
        *,
        fails: str | None = None,
        exit_code: int | None = None,
        held: bool = False,
        healthy: bool | None = None,
    ) -> None:
        super().__init__(name)
        self.fails = fails
        self.exit_code = exit_code
        self.held = held
        self.healthy = healthy
        #: What happened to it, in order: ``start``, ``stop``.
        self.events: list[str] = []
        #: The environment of its last start.
        self.seen: dict[str, str] = {}
        #: The arguments of its last start.
        self.seen_arguments: list[str] = []
        self.drivers: list[InMemoryDriver] = []

    def exit(self, code: int = 0) -> None:
        """End all its replicas by themselves with a code."""
        for driver in self.drivers:
            driver.end(code)

    def let_go(self) -> None:
        """Let a held start go on."""
        self.held = False
        for driver in self.drivers:
            driver.gate.set()


class InMemoryDriver(Driver):
    """Does what its :class:`InMemory` resource says."""

    end_state = State.FINISHED

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._resource: InMemory | None = None

    def end(self, code: int) -> None:
        """End by itself."""
        if not self._ended.done():
            self._ended.set_result(code)

    async def start(self, context: DriverContext) -> None:
        """Note what it was started with; fail or wait when the resource says so.

        Raises:
            StartError: The resource says that it can't be started.
        """
        resource = context.resource
        assert isinstance(resource, InMemory)
        resource.drivers = [*resource.drivers, self] if context.replica else [self]
        resource.events.append("start")
        resource.seen = await context.environment()
        resource.seen_arguments = await context.arguments()
        if resource.held:
            await self.gate.wait()
        if resource.fails is not None:
            raise StartError(resource.fails)
        self._resource = resource
        if resource.exit_code is not None:
            self.end(resource.exit_code)

    async def wait(self) -> int:
        """Wait until the test ends it."""
        return await asyncio.shield(self._ended)

    async def stop(self, reason: StopReason) -> int | None:
        """Note that it was stopped."""
        assert self._resource is not None
        self._resource.events.append("stop")
        if not self._ended.done():
            self._ended.set_result(0)
        return self._ended.result()

    async def health(self) -> Health | None:
        """What the resource says."""
        if self._resource is None or self._resource.healthy is None:
            return None
        return Health.healthy() if self._resource.healthy else Health.unhealthy("the test says so")
