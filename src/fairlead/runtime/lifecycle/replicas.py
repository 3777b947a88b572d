"""The replicas of one resource as one thing: brought up together, balanced, ended together."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar, cast

from fairlead.engines.balancer import Balancer
from fairlead.engines.sockets import LOCAL_HOST
from fairlead.engines.tasks import with_time_limit
from fairlead.errors import FairleadError, StartError
from fairlead.model.command import Command
from fairlead.model.driving.driver import FOREVER, Driver, Forever, HostCommand, Kept, StopReason
from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.observation.snapshot import ReplicaView, VariableView
from fairlead.model.observation.state import State
from fairlead.model.replicas import replica_id
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.commands import offered_commands
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.lifecycle.replica_context import ReplicaContext, StartServices
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.urls import replica_urls
from fairlead.runtime.plan import PlannedStart
from fairlead.runtime.store.ports import require_free
from fairlead.runtime.usage.sampler import SampledReplica
from fairlead.runtime.values.program_inputs import ProgramInputs

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
ANY_ADDRESS = "0.0.0.0"


def load_driver(resource: Resource, path: str | None) -> type[Driver]:
    """The class that brings a resource up.

    Args:
        resource: The resource.
        path: Where the class is, ``"package.module:Class"``.

    Raises:
        StartError: There is none, or it can't be loaded.
    """
    module, _, name = (path or "").partition(":")
    try:
        driver = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise StartError(
            f"the driver {path!r} of a {resource.kind} can't be loaded ({error})",
            resource=resource.name,
            remedy="Install or update the package that this kind of resource comes from.",
        ) from error
    return cast(type[Driver], driver)


class ReplicaSet:
    """All replicas of one start of one resource.

    Args:
        run: The run.
        resource: The resource.
        plan: What the plan says about its start.
        inputs: Its variables and arguments.
        services: What the start offers.
    """

    def __init__(
        self, run: Run, resource: Resource, plan: PlannedStart, inputs: ProgramInputs, services: StartServices
    ) -> None:
        self._run = run
        self._resource = resource
        self.kind = load_driver(resource, plan.driver)
        self._replicas = [
            _Replica(self.kind(), run, resource, inputs, number, services, is_one_of_several=plan.replicas > 1)
            for number in range(plan.replicas)
        ]
        self._balancers: list[Balancer] = []
        self.commands: tuple[Command, ...] = ()
        """The commands that the driver of the first replica offers, once all are up."""

    def adopt(self, resource: Resource) -> None:
        """Go by another evaluation of the definition, in which the resource is the same."""
        self._resource = resource
        for replica in self._replicas:
            replica.context.adopt(resource)

    @property
    def drivers(self) -> list[Driver]:
        """The drivers of the replicas."""
        return [replica.driver for replica in self._replicas]

    @property
    def views(self) -> tuple[ReplicaView, ...]:
        """The replicas as they are shown."""
        return tuple(replica.view for replica in self._replicas)

    @property
    def variables(self) -> tuple[VariableView, ...]:
        """The environment of the first replica; the others differ in ports only."""
        return self._replicas[0].context.variables

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the values that the drivers have made known."""
        return self._run.outputs.names(self._resource.name)

    @property
    def kept(self) -> bool:
        """Whether its drivers have left it running when they were told to stop."""
        return any(replica.kept for replica in self._replicas)

    @property
    def reported_state(self) -> State | None:
        """A state that a driver has reported for itself, such as Building."""
        return next((replica.reported for replica in self._replicas if replica.reported is not None), None)

    @property
    def end_reason(self) -> str:
        """Why it ended by itself, where the drivers know more than an exit code."""
        return "; ".join(dict.fromkeys(driver.end_reason for driver in self.drivers if driver.end_reason))

    @property
    def end_remedy(self) -> str:
        """What to do about that end, where the drivers know it."""
        return next((driver.end_remedy for driver in self.drivers if driver.end_remedy), "")

    @property
    def ended_reason(self) -> str:
        """Which replicas have ended while others run, in words; empty when none has."""
        gone = [view for view in self.views if view.state is self.kind.end_state]
        if len(gone) in (0, len(self._replicas)):
            return ""
        return ", ".join(f"{view.id} {end_text(view.exit_code)}" for view in gone)

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
        self.commands = offered_commands(self._replicas[0].driver)
        self._sample_usage()

    async def wait(self) -> int | None:
        """Wait until every replica has ended by itself, and tell the exit code of the first that failed, else 0."""
        codes = await _all(self._wait_for(replica) for replica in self._replicas)
        return next((code for code in codes if code not in (0, None)), codes[0])

    async def stop(self, reason: StopReason) -> str:
        """Bring all down that are up; returns what went wrong with it, in words. Does not raise."""
        for replica in self._replicas:
            self._run.sampler.remove(self._sampled(replica))
        for balancer in self._balancers:
            await balancer.close()
        self._balancers.clear()
        troubles = await _all(replica.stop(reason) for replica in self._replicas)
        return "; ".join(trouble for trouble in troubles if trouble)

    @property
    def can_be_undone(self) -> bool:
        """Whether the kind's driver takes back what a start has left behind that has ended."""
        return self.kind.undo is not Driver.undo

    async def undo(self) -> str:
        """Have the drivers take back what they have left behind; returns what went wrong, in words. Does not raise."""
        troubles = await _all(replica.undo() for replica in self._replicas)
        return "; ".join(trouble for trouble in troubles if trouble)

    def abandon(self) -> None:
        """Have a start that comes up after all, though it was cancelled long ago, brought down at once."""
        for replica in self._replicas:
            replica.abandoned = True

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None) -> HostCommand | None:
        """What to run on this machine so that a command runs where the first replica does; None where that can't be."""
        driver = self._replicas[0].driver
        if child is None:
            return driver.exec_command(argv, terminal=terminal)
        if "child" not in inspect.signature(driver.exec_command).parameters:
            return None  # it has no place for commands but its own
        return driver.exec_command(argv, terminal=terminal, child=child)

    def _sample_usage(self) -> None:
        if self.kind.usage is Driver.usage:
            return
        for replica in self._replicas:
            self._run.sampler.add(self._sampled(replica), replica.driver.usage, is_cheap=self.kind.is_usage_cheap)

    def _sampled(self, replica: _Replica) -> SampledReplica:
        return SampledReplica(self._resource.name, replica.view.id if len(self._replicas) > 1 else None)

    async def _wait_for(self, replica: _Replica) -> int | None:
        code = await replica.wait()
        if len(self._replicas) > 1:
            replica.context.log(f"{replica.view.id} {end_text(code)}")
        return code

    async def _balance(self, spec: EndpointSpec) -> None:
        addresses = self._run.addresses
        ports: Sequence[int] = [addresses.target_port(self._resource, spec, r.number) for r in self._replicas]
        balancer = Balancer([(LOCAL_HOST, port) for port in ports])
        port, host = addresses.host_port(self._resource, spec), ANY_ADDRESS if spec.external else LOOPBACK
        require_free(port, spec.name, host)
        await balancer.start(host, port)
        self._balancers.append(balancer)


class _Replica:
    """One replica: its driver, and what is shown of it."""

    def __init__(
        self,
        driver: Driver,
        run: Run,
        resource: Resource,
        inputs: ProgramInputs,
        number: int,
        services: StartServices,
        *,
        is_one_of_several: bool,
    ) -> None:
        id = replica_id(run.app, resource.name, number)
        urls = replica_urls(run, resource, number) if is_one_of_several else ()
        self.number = number
        self.driver = driver
        self.view = ReplicaView(number, State.STARTING, id=id, urls=urls)
        self.reported: State | None = None
        self.kept = False
        self.abandoned = False
        self.context = ReplicaContext(
            run, resource, inputs, number, services, self._reported, id if is_one_of_several else None
        )
        self._on_change = services.refresh
        self._up = False

    async def start(self) -> None:
        try:
            await self.driver.start(self.context)
        except SystemExit as error:  # it would end the host
            raise StartError(f"its driver called sys.exit({error.code})") from error
        self._up = True
        if self.abandoned:
            await self.stop(StopReason.ASKED)
            return
        self._show(replace(self.view, state=State.RUNNING, started_at=time.time()))

    async def wait(self) -> int | None:
        try:
            code = await self.driver.wait()
        except SystemExit as error:
            raise StartError(f"its driver called sys.exit({error.code})") from error
        if isinstance(code, Forever):
            assert code is FOREVER
            await asyncio.get_running_loop().create_future()
            return None
        self._show(replace(self.view, state=self.driver.end_state, exit_code=code, stopped_at=time.time()))
        return code

    async def stop(self, reason: StopReason) -> str:
        if not self._up:
            return ""
        self._up = False
        code, trouble = self.view.exit_code, ""
        try:
            result = await with_time_limit(self.driver.stop_timeout, _stop(self.driver, reason), "stopping it")
            self.kept = isinstance(result, Kept)
            code = code if code is not None or isinstance(result, Kept) else result
        except Exception as error:
            trouble = _stop_trouble(error)
        if not self.kept:
            ended = self.view.stopped_at or time.time()
            self._show(replace(self.view, state=self.driver.end_state, exit_code=code, stopped_at=ended))
        return trouble

    async def undo(self) -> str:
        try:
            await with_time_limit(self.driver.stop_timeout, self.driver.undo(), "stopping it")
        except Exception as error:
            return _stop_trouble(error)
        return ""

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


def _stop_trouble(error: Exception) -> str:
    text = str(error) if isinstance(error, (FairleadError, TimeoutError)) else f"{type(error).__name__}: {error}"
    return f"It could not be stopped: {text}"


async def _stop(driver: Driver, reason: StopReason) -> int | Kept | None:
    """Call ``stop``, with the reason unless the driver leaves that argument out."""
    if inspect.signature(driver.stop).parameters:
        return await driver.stop(reason)
    stop = cast(Callable[[], Awaitable[int | Kept | None]], driver.stop)
    return await stop()


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
