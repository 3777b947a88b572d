"""A kind of resource that runs nowhere, for testing what is around it: it does what the test tells it to."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from fairlead.errors import StartError
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.health import Health
from fairlead.model.observation.state import State
from fairlead.model.programs.workload import Workload
from fairlead.testing.older_names import warn_of_older_name


class InMemory(Workload):
    """A resource without a process, container or anything else.

    Args:
        name: The resource's name.
        fails: The reason why it can't be started; None when it can.
        exit_code: The code it ends with at once; None when it runs until it is stopped or told to :meth:`exit`.
        blocks_start: Whether it stays Starting until :meth:`unblock_start`.
        healthy: What it says of its health while it runs; the test may change it at any time.
        held: The older name of ``blocks_start``.
    """

    kind: ClassVar[str] = "In memory"
    driver: ClassVar[str | None] = "fairlead.testing.memory:InMemoryDriver"

    def __init__(
        self,
        name: str,
        *,
        fails: str | None = None,
        exit_code: int | None = None,
        blocks_start: bool = False,
        healthy: bool | None = None,
        held: bool | None = None,
    ) -> None:
        super().__init__(name)
        if held is not None:
            warn_of_older_name("InMemory(held=)", "InMemory(blocks_start=)")
        self.fails = fails
        self.exit_code = exit_code
        #: Whether a start of it stays Starting.
        self.blocks_start = blocks_start or bool(held)
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

    def unblock_start(self) -> None:
        """Let its start go on, and later ones too."""
        self.blocks_start = False
        for driver in self.drivers:
            driver.gate.set()

    @property
    def held(self) -> bool:
        """The older name of ``blocks_start``."""
        warn_of_older_name("InMemory.held", "InMemory.blocks_start")
        return self.blocks_start

    def let_go(self) -> None:
        """The older name of :meth:`unblock_start`."""
        warn_of_older_name("InMemory.let_go()", "InMemory.unblock_start()")
        self.unblock_start()


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
        if resource.blocks_start:
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
