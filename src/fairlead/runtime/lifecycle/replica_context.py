"""What the runtime offers to a driver, for one start of one replica: the ``DriverContext`` of the public contract."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from fairlead.engines.tasks import TaskScope
from fairlead.engines.watchdog.guard import Guard
from fairlead.errors import StartError
from fairlead.model.composition.contributions import consumer_of
from fairlead.model.driving.driver_context import DriverContext, FollowLog
from fairlead.model.driving.ports import Address, ContainerPort
from fairlead.model.driving.run_guard import RunGuard
from fairlead.model.endpoints.consumer import Contribution, Mode, Network
from fairlead.model.endpoints.placement import NeededPort
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.snapshot import MASKED, Snapshot, VariableView
from fairlead.model.observation.state import State
from fairlead.model.programs.workload import Workload
from fairlead.model.replicas import local_replicas, replica_id
from fairlead.model.resource import Consumer, Endpoint, Resource, ports_on_containers
from fairlead.model.values.value import ValueLike
from fairlead.model.wait import WaitKind
from fairlead.runtime.lifecycle.early_checks import EarlyChecks
from fairlead.runtime.lifecycle.observed_children import ObservedChildren
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.plan import PlannedValue, PlannedWait, needed_ports
from fairlead.runtime.telemetry.exporting import ORIGIN as TELEMETRY
from fairlead.runtime.telemetry.variables import HEADERS, token_in
from fairlead.runtime.values.program_inputs import (
    ProgramInputs,
    is_secret,
    resolve_arguments,
    resolve_environment,
)

S = TypeVar("S")

#: Called when a driver reports: a state (or None), and properties.
Report = Callable[[State | None, dict[str, str | int | None]], None]


@dataclass(frozen=True, slots=True)
class StartServices:
    """What one start of a resource offers to its replicas.

    Args:
        refresh: Shows what has changed.
        tasks: Owns the tasks of the start.
        children: Its observed children.
        wait: Waits for a condition on another resource, shown and judged as the waits of the definition are.
        early_checks: What has the health checks asked before their time.
        addresses_changed: Shows its links anew.
        restart: Has it stopped and started again; returns at once.
        is_restart: Whether the user asked for it by ``restart``.
    """

    refresh: Callable[[], None]
    tasks: TaskScope
    children: ObservedChildren
    wait: Callable[[PlannedWait | PlannedValue], Awaitable[None]]
    early_checks: EarlyChecks
    addresses_changed: Callable[[], None]
    restart: Callable[[], None]
    is_restart: bool = False


class ReplicaContext(DriverContext):
    """What a driver gets for one start of one replica.

    Args:
        run: The run.
        resource: The resource.
        inputs: Its variables and arguments, callbacks called.
        replica: The replica's number, from 0.
        services: What the start offers.
        report: Called when the driver reports.
        source: Whose lines it hands over, where the resource has several replicas.
    """

    def __init__(
        self,
        run: Run,
        resource: Resource,
        inputs: ProgramInputs,
        replica: int,
        services: StartServices,
        report: Report,
        source: str | None = None,
    ) -> None:
        self._run = run
        self._inputs = inputs
        self._services = services
        self._report = report
        self._source = source
        self._consumer = consumer_of(resource, Mode.RUN)
        self.resource = resource
        self.app = run.app
        self.app_id = run.app_id
        self.run_id = run.run_id
        self.directory: Path = run.app.directory
        self.placement = resource.placement
        self.replica = replica
        self.isolated = run.isolated
        self.color = run.color
        self.is_restart = services.is_restart
        self.variables: tuple[VariableView, ...] = ()

    def adopt(self, resource: Resource) -> None:
        """Go by another evaluation of the definition, in which the resource is the same.

        Where its class was loaded anew, its driver goes on with the resource that it knows, until the next start.
        """
        self.app = self._run.app
        if type(resource) is type(self.resource):
            self.resource = resource
            self._consumer = consumer_of(resource, Mode.RUN)

    # The resource in the app and the run

    @property
    def ending(self) -> bool:
        """Whether the run as a whole is ending, and not just this resource."""
        return self._run.ending.is_set()

    @property
    def children(self) -> tuple[Resource, ...]:
        """Its declared children that are part of the run."""
        return tuple(child for child in self.resource.children if child.name in self._run.bus.snapshots)

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """The resources that refer to it, with where each of them runs."""
        return tuple(
            replace(
                consumer_of(other, Mode.RUN),
                connection_name=reference.connection_name,
                service_account=reference.service_account,
            )
            for other in self.app
            if isinstance(other, Workload) and other.name in self._run.bus.snapshots
            for reference in other.references
            if reference.target is self.resource
        )

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What the resources it refers to give it, beyond the variables."""
        return self._inputs.contributions(self._run.resolver, self._consumer)

    @property
    def state_folder(self) -> Path:
        """A private folder for small files of the app."""
        return self._run.state_folder.path()

    def snapshot(self, id: str) -> Snapshot | None:
        """The present snapshot of a resource or an observed child."""
        return self._run.bus.snapshots.get(id)

    async def wait_until(self, condition: Callable[[], bool], ids: Collection[str]) -> None:
        """Return when a condition on the snapshots with these ids holds."""
        await self._run.bus.wait_until(condition, ids)

    async def wait_for(self, resource: Resource, kind: WaitKind = WaitKind.READY) -> None:
        """Return when another resource is ready, started or completed."""
        await self._services.wait(PlannedWait(resource.name, kind, finished_counts=resource.ready_when_finished))

    # Values

    async def environment(self) -> dict[str, str]:
        """The variables the resource is to see; the secret ones are masked in its log from now on."""
        self._ensure_volume_folders()
        texts = await resolve_environment(
            self._inputs, self._run.resolver, self._consumer, self.replica, self._services.wait
        )
        secret = {name for name, value in self._inputs.environment.items() if is_secret(value)}
        exporter = self._exporter_variables(texts)
        origins = {**dict.fromkeys(exporter, (TELEMETRY, None)), **self._inputs.origins}
        secret |= {HEADERS} & exporter.keys()
        texts |= exporter
        for name in secret & set(texts):
            self._run.logs.mask(texts[name])
        self.variables = tuple(
            VariableView(
                name,
                MASKED if name in secret else self._run.logs.masked(text),
                name in secret,
                *origins.get(name, ("", None)),
            )
            for name, text in texts.items()
        )
        if self.replica == 0:
            self._run.environments[self.resource.name] = texts
        self._report(None, {})
        return texts

    def _ensure_volume_folders(self) -> None:
        """Create the folders of the volumes of a process; those of containers are the engine's."""
        if isinstance(self.resource, Workload) and self.placement.is_process:
            for volume in self.resource.volumes:
                if volume.name is not None:
                    self._run.volume_folders.ensure(volume.name)

    def _exporter_variables(self, given: Mapping[str, str]) -> dict[str, str]:
        """The variables that tell the resource where to send telemetry, where it is told at all."""
        exporting = self._run.telemetry
        if exporting is None or not isinstance(self.resource, Workload):
            return {}
        inherited = os.environ if self.placement.is_process else {}
        name = self.resource.name
        instance = replica_id(self.app, name, self.replica) if local_replicas(self.resource) > 1 else name
        variables = exporting.variables(self.resource, instance, given, inherited)
        if HEADERS in variables:
            self._run.logs.mask(token_in(variables[HEADERS]))
        return variables

    async def arguments(self) -> list[str]:
        """The arguments of ``with_args``, resolved.

        Raises:
            StartError: One of them is secret and would be seen by everyone, which is only known now as it comes from
                a callback.
        """
        for value in self._inputs.arguments:
            if is_secret(value):
                raise StartError(
                    f"a callback gave a secret as an argument, and those of a {self.placement.kind} can be seen by "
                    "everyone",
                    remedy="Give it with with_environment(), or in a file.",
                )
        return await resolve_arguments(
            self._inputs, self._run.resolver, self._consumer, self.replica, self._services.wait
        )

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this resource sees it; waits until it is available."""
        return await self._run.resolver.text(value, self._consumer, self.replica, self._services.wait)

    def known(self, value: ValueLike) -> str | None:
        """The text of a value as this resource sees it, if it is available now."""
        return self._run.resolver.known_text(value, self._consumer, self.replica)

    def address(self, endpoint: Endpoint, network: Network) -> Address:
        """Where an endpoint of any resource is reached from a network."""
        return Address(*self._run.addresses.address(endpoint.resource, endpoint.spec, network))

    def host_port(self, endpoint: str) -> int:
        """The port of this machine that callers of the endpoint use."""
        return self._run.addresses.host_port(self.resource, self.resource.endpoint(endpoint).spec)

    def port(self, endpoint: str) -> int:
        """The port this replica has to listen on."""
        return self._run.addresses.target_port(self.resource, self.resource.endpoint(endpoint).spec, self.replica)

    @property
    def container_ports(self) -> tuple[ContainerPort, ...]:
        """The ports that its container has to publish."""
        own = self.resource
        needed = needed_ports(self.app, own.name)
        names = {port.name for resource, port in needed if resource is own}
        ports = [
            ContainerPort(own.name, name, self.port(name), self.host_port(name), spec.protocol, spec.external)
            for name, spec in own.endpoints.items()
            if name not in names
        ]
        return (*ports, *(self._allocated(resource, port) for resource, port in needed))

    @property
    def needed_ports(self) -> tuple[ContainerPort, ...]:
        """The ports that it asked for on containers, as they were allocated."""
        return tuple(self._allocated(self.resource, port) for port in ports_on_containers(self.resource))

    def take_spare_port(self, name: str, unusable: Collection[int] = ()) -> ContainerPort:
        """Exchange a port that it needs on a container for a spare one of that container."""
        own = next((port for port in ports_on_containers(self.resource) if port.name == name), None)
        if own is None or own.container_port is not None:
            raise LookupError(f"{self.resource.name} has no port {name!r} on a container that could be another")
        for resource, port in needed_ports(self.app, own.container_of):
            published_alike = (port.protocol, port.external) == (own.protocol, own.external)
            if port.spare and published_alike and self._allocated(resource, port).container_port not in unusable:
                self._run.addresses.exchange((self.resource, own), (resource, port))
                self._services.addresses_changed()
                return self._allocated(self.resource, own)
        raise LookupError(f"no spare port is left on {own.container_of}")

    def _allocated(self, resource: Resource, port: NeededPort) -> ContainerPort:
        inside = self._run.addresses.needed_container_port(resource, port)
        outside = self._run.addresses.needed_host_port(resource, port)
        return ContainerPort(resource.name, port.name, inside, outside, port.protocol, port.external)

    def set_output(self, name: str, value: str, *, network: Network | None = None) -> None:
        """Make the output of that name known."""
        self._run.outputs.set(self.resource.name, name, value, network)
        self._report(None, {})  # which outputs are known is shown, and so wakes the resources that wait for them

    def field_hashes(self, fields: Mapping[str, Any]) -> dict[str, str]:
        """A short keyed hash of each named part of a spec."""
        return self._run.spec_key.field_hashes(fields)

    # What is shown and logged

    def log(self, text: str) -> None:
        """Write a line of Fairlead's own into the resource's log."""
        self._run.logs.log(self.resource.name).write(text)

    def write_lines(self, stream: Literal["stdout", "stderr"], lines: list[bytes], source: str | None = None) -> None:
        """Hand over lines that the resource itself wrote."""
        self._run.logs.log(self.resource.name).feed(stream, lines, source or self._source)
        self._services.early_checks.wrote()

    def write_open_line(self, stream: Literal["stdout", "stderr"], text: bytes, source: str | None = None) -> None:
        """Show what there is of a line that has no end yet."""
        self._run.logs.log(self.resource.name).feed_open(stream, text, source or self._source)
        self._services.early_checks.wrote()

    def health_changed(self) -> None:
        """Have the health of the resource asked again now."""
        self._services.early_checks.changed()

    def masked(self, text: str) -> str:
        """A text without what is kept out of the logs."""
        return self._run.logs.masked(text)

    def mask(self, secret: str) -> None:
        """Keep a text out of all logs from now on."""
        self._run.logs.mask(secret)

    def report(self, state: State | None = None, **properties: str | int | None) -> None:
        """Change what is shown."""
        self._report(state, properties)

    def observe(self, child: ObservedChild, follow: FollowLog | None = None) -> str:
        """Show an observed child below the resource, or what has changed of it."""
        return self._services.children.observe(child, follow)

    def forget(self, id: str) -> None:
        """Show an observed child no longer."""
        self._services.children.forget(id)

    def write_child(self, id: str, lines: list[bytes], *, source: str | None = None) -> None:
        """Add lines to the log of an observed child."""
        self._services.children.write(id, lines, source)

    def log_child(self, id: str, text: str) -> None:
        """Write a line of Fairlead's own into the log of an observed child."""
        self._services.children.log(id, text)

    # What belongs to the start, and to the run

    def spawn(self, work: Coroutine[Any, Any, object], what: str = "") -> None:
        """Run work beside the driver until the resource has been stopped."""
        self._services.tasks.spawn(work, what)

    def restart(self) -> None:
        """Have the resource stopped and started again."""
        self._services.restart()

    async def shared(self, key: type[S], make: Callable[[], Awaitable[S]]) -> S:
        """One object for the whole run."""
        return await self._run.shared.get(key, make)

    async def guard(self) -> RunGuard:
        """The watchdog of the run."""
        guard = await self._run.shared.get(Guard, lambda: Guard.start(self.app_id, self.run_id))
        return cast(RunGuard, guard)
