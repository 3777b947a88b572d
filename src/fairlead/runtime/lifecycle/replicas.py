"""The replicas of one resource as one thing: brought up together, balanced, ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar, cast

from fairlead.errors import FairleadError, StartError
from fairlead.model.driver import FOREVER, Driver, Forever
from fairlead.model.endpoint import EndpointSpec
from fairlead.model.resource import Resource
from fairlead.model.snapshot import ReplicaView, Variable
from fairlead.model.state import State
from fairlead.runtime.lifecycle.balancer import Balancer
from fairlead.runtime.lifecycle.context import ReplicaContext
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.time_limit import with_time_limit
from fairlead.runtime.store.ports import require_free
from fairlead.runtime.values.program_inputs import ProgramInputs

T = TypeVar("T")

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
        self, run: Run, resource: Resource, settings: ProgramInputs, count: int, on_change: Callable[[], None]
    ) -> None:
        self._run = run
        self._resource = resource
        self._on_change = on_change
        self.kind = load_driver(resource)
        self._replicas = [
            _Replica(run, resource, settings, number, self.kind(), on_change, str(number) if count > 1 else None)
            for number in range(count)
        ]
        self._balancers: list[Balancer] = []

    @property
    def drivers(self) -> list[Driver]:
        """The drivers of the replicas."""
        return [replica.driver for replica in self._replicas]

    @property
    def views(self) -> tuple[ReplicaView, ...]:
        """The replicas as they are shown."""
        return tuple(replica.view for replica in self._replicas)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The environment of the first replica; the others differ in ports only."""
        return self._replicas[0].context.variables

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the values that the drivers have made known."""
        return self._run.outputs.names(self._resource.name)

    @property
    def reported_state(self) -> State | None:
        """A state that a driver has reported for itself, such as Building."""
        return next((replica.reported for replica in self._replicas if replica.reported is not None), None)

    @property
    def end_reason(self) -> str:
        """Why it ended by itself, where the drivers know more than an exit code."""
        return "; ".join(dict.fromkeys(driver.end_reason for driver in self.drivers if driver.end_reason))

    @property
    def ended_reason(self) -> str:
        """Which replicas have ended while others run, in words; empty when none has."""
        gone = [view for view in self.views if view.state is self.kind.end_state]
        if len(gone) in (0, len(self._replicas)):
            return ""
        return ", ".join(f"replica {view.number} {end_text(view.exit_code)}" for view in gone)

    async def start(self) -> None:
        """Bring all up. What is up when this fails or is cancelled is brought down by :meth:`stop`.

        Raises:
            Exception: Why the first that failed did.
        """
        if len(self._replicas) > 1:
            for spec in self._resource.endpoints.values():
                await self._balance(spec)
        await _all(replica.start() for replica in self._replicas)
        for replica in self._replicas:
            replica.reported = None  # a state of the way up

    async def wait(self) -> int | None:
        """Wait until every replica has ended by itself, and tell the exit code of the first that failed, else 0."""
        codes = await _all(self._wait_for(replica) for replica in self._replicas)
        return next((code for code in codes if code not in (0, None)), codes[0])

    async def stop(self) -> str:
        """Bring all down that are up; returns what went wrong with it, in words. Does not raise."""
        for balancer in self._balancers:
            await balancer.close()
        self._balancers.clear()
        troubles = await _all(replica.stop() for replica in self._replicas)
        return "; ".join(trouble for trouble in troubles if trouble)

    async def _wait_for(self, replica: _Replica) -> int | None:
        code = await replica.wait()
        if len(self._replicas) > 1:
            replica.context.log(f"Replica {replica.number} {end_text(code)}")
        return code

    async def _balance(self, spec: EndpointSpec) -> None:
        addresses = self._run.addresses
        ports: Sequence[int] = [addresses.target_port(self._resource, spec, r.number) for r in self._replicas]
        balancer = Balancer([(LOOPBACK, port) for port in ports])
        port, host = addresses.host_port(self._resource, spec), ANY_ADDRESS if spec.external else LOOPBACK
        require_free(port, spec.name, host)
        await balancer.start(host, port)
        self._balancers.append(balancer)


class _Replica:
    """One replica: its driver, and what is shown of it."""

    def __init__(
        self,
        run: Run,
        resource: Resource,
        settings: ProgramInputs,
        number: int,
        driver: Driver,
        on_change: Callable[[], None],
        source: str | None,
    ) -> None:
        self.number = number
        self.driver = driver
        self.view = ReplicaView(number, State.STARTING)
        self.reported: State | None = None
        self.context = ReplicaContext(run, resource, settings, number, self._reported, source)
        self._on_change = on_change
        self._up = False

    async def start(self) -> None:
        try:
            await self.driver.start(self.context)
        except SystemExit as error:  # it would end the host
            raise StartError(f"its driver called sys.exit({error.code})") from error
        self._up = True
        self._show(replace(self.view, state=State.RUNNING))

    async def wait(self) -> int | None:
        code = await self.driver.wait()
        if isinstance(code, Forever):
            assert code is FOREVER
            await asyncio.get_running_loop().create_future()
            return None
        self._show(replace(self.view, state=self.driver.end_state, exit_code=code))
        return code

    async def stop(self) -> str:
        if not self._up:
            return ""
        self._up = False
        code, trouble = self.view.exit_code, ""
        try:
            stopped = await with_time_limit(self.driver.stop_timeout, self.driver.stop(), "stopping it")
            code = stopped if code is None else code
        except Exception as error:
            text = (
                str(error) if isinstance(error, (FairleadError, TimeoutError)) else f"{type(error).__name__}: {error}"
            )
            trouble = f"It could not be stopped: {text}"
        self._show(replace(self.view, state=self.driver.end_state, exit_code=code))
        return trouble

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


async def _all(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do things at the same time. When one raises, the others are cancelled, and what it raised is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as errors:
        raise _first(errors) from None
    return [task.result() for task in tasks]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to show of several: ours before others', the first before later ones."""
    errors = list(_flat(group))
    return next((error for error in errors if isinstance(error, FairleadError)), errors[0])


def _flat(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    flat: list[BaseException] = []
    for error in group.exceptions:
        flat.extend(_flat(error) if isinstance(error, BaseExceptionGroup) else [error])
    return flat
