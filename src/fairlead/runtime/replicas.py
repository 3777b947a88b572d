"""The replicas of one resource as one thing: brought up together, balanced, ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import cast

from fairlead.errors import FairleadError, StartError
from fairlead.model.driver import FOREVER, Driver, Forever
from fairlead.model.endpoint import EndpointSpec
from fairlead.model.resource import Resource
from fairlead.model.state import State
from fairlead.runtime.balancer import Balancer
from fairlead.runtime.context import ReplicaContext
from fairlead.runtime.environment import Settings
from fairlead.runtime.run import Run
from fairlead.runtime.snapshot import ReplicaView, Variable

LOOPBACK = "127.0.0.1"
ANY_ADDRESS = "0.0.0.0"


def load_driver(resource: Resource) -> type[Driver]:
    """The class that brings a kind of resource up.

    Raises:
        StartError: The kind names none, or one that can't be loaded.
    """
    path = resource.driver or ""
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise StartError(
            f"the driver {path!r} of a {resource.kind} can't be loaded ({error})",
            resource=resource.name,
            remedy="Install or update the package that this kind of resource comes from.",
        ) from error
    return cast(type[Driver], found)


class ReplicaSet:
    """All replicas of one start of one resource.

    Args:
        run: The run.
        resource: The resource.
        settings: What it is started with.
        count: How many replicas there are.
        on_change: Is called when something that is shown has changed.
    """

    def __init__(
        self, run: Run, resource: Resource, settings: Settings, count: int, on_change: Callable[[], None]
    ) -> None:
        self._run = run
        self._resource = resource
        self._on_change = on_change
        self.kind = load_driver(resource)
        self.replicas = [_Replica(run, resource, settings, number, self.kind(), on_change) for number in range(count)]
        self._balancers: list[Balancer] = []
        self.state: State | None = None

    @property
    def views(self) -> tuple[ReplicaView, ...]:
        """The replicas as they are shown."""
        return tuple(replica.view for replica in self.replicas)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The environment of the first replica; the others differ in ports only."""
        return self.replicas[0].context.variables

    @property
    def reported_state(self) -> State | None:
        """A state that a driver has reported for itself, such as Building."""
        return next((replica.reported for replica in self.replicas if replica.reported is not None), None)

    @property
    def running(self) -> int:
        """How many replicas run."""
        return sum(view.state is State.RUNNING for view in self.views)

    async def start(self) -> None:
        """Bring all up; when one can't be, none is left.

        Raises:
            FairleadError: Why the first that failed did.
        """
        try:
            if len(self.replicas) > 1:
                for spec in self._resource.endpoints.values():
                    await self._balance(spec)
            async with asyncio.TaskGroup() as group:
                for replica in self.replicas:
                    group.create_task(replica.start())
        except BaseException as error:
            await self.stop()
            if isinstance(error, BaseExceptionGroup):
                raise _first(error) from None
            raise

    async def wait(self) -> int | None:
        """Wait until every replica has ended by itself, and tell the exit code of the first that failed, else 0."""
        try:
            async with asyncio.TaskGroup() as group:
                waits = [group.create_task(replica.wait()) for replica in self.replicas]
        except BaseExceptionGroup as error:
            raise _first(error) from None
        codes = [wait.result() for wait in waits]
        return next((code for code in codes if code not in (0, None)), codes[0])

    async def stop(self) -> None:
        """Bring all down that are up."""
        for balancer in self._balancers:
            await balancer.close()
        self._balancers.clear()
        async with asyncio.TaskGroup() as group:
            for replica in self.replicas:
                group.create_task(replica.stop())

    async def _balance(self, spec: EndpointSpec) -> None:
        addresses = self._run.addresses
        ports: Sequence[int] = [addresses.target_port(self._resource, spec, r.number) for r in self.replicas]
        balancer = Balancer([(LOOPBACK, port) for port in ports])
        port = addresses.host_port(self._resource, spec)
        try:
            await balancer.start(ANY_ADDRESS if spec.external else LOOPBACK, port)
        except OSError as error:
            raise StartError(
                f"port {port} of endpoint {spec.name!r} can't be listened on ({error.strerror or error})",
                remedy="End what has it, or choose another port.",
            ) from error
        self._balancers.append(balancer)


class _Replica:
    """One replica: its driver, and what is shown of it."""

    def __init__(
        self,
        run: Run,
        resource: Resource,
        settings: Settings,
        number: int,
        driver: Driver,
        on_change: Callable[[], None],
    ) -> None:
        self.number = number
        self.driver = driver
        self.view = ReplicaView(number, State.STARTING)
        self.reported: State | None = None
        self.context = ReplicaContext(run, resource, settings, number, self._reported)
        self._on_change = on_change
        self._up = False
        self._stopping: asyncio.Future[int | None] | None = None

    async def start(self) -> None:
        await self.driver.start(self.context)
        self._up = True
        self.reported = None
        self._show(replace(self.view, state=State.RUNNING))

    async def wait(self) -> int | None:
        code = await self.driver.wait()
        if isinstance(code, Forever):
            assert code is FOREVER
            await asyncio.get_running_loop().create_future()
            return None
        self._show(replace(self.view, state=self.driver.end_state, exit_code=code))
        return code

    async def stop(self) -> None:
        if self._up and self._stopping is None:
            self._stopping = asyncio.ensure_future(self.driver.stop())
        if self._stopping is not None:  # whoever asks again meanwhile, or after being interrupted, waits for the same
            code = await asyncio.shield(self._stopping)
            known = self.view.exit_code
            self._show(replace(self.view, state=self.driver.end_state, exit_code=code if known is None else known))

    def _reported(self, state: State | None, properties: dict[str, str | int | None]) -> None:
        if state is not None:
            self.reported = None if state is State.RUNNING else state
        known = dict(self.view.properties)
        known |= {name: str(value) for name, value in properties.items() if value is not None}
        for name in (name for name, value in properties.items() if value is None):
            known.pop(name, None)
        self._show(replace(self.view, properties=tuple(known.items())))

    def _show(self, view: ReplicaView) -> None:
        self.view = view
        self._on_change()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to show of several: ours before others', the first before later ones."""
    errors = list(_flat(group))
    return next((error for error in errors if isinstance(error, FairleadError)), errors[0])


def _flat(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    flat: list[BaseException] = []
    for error in group.exceptions:
        flat.extend(_flat(error) if isinstance(error, BaseExceptionGroup) else [error])
    return flat
