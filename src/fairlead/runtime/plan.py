"""What a run is going to do, worked out from the model alone.

The plan says which resources start, what each of them waits for, which ports are needed, and in which order all of it
ends. It prints as text, so a test can state a whole plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairlead.model.app import App
from fairlead.model.composition.dependencies import value_uses
from fairlead.model.endpoints.consumer import Network
from fairlead.model.endpoints.placement import NeededPort, Placement
from fairlead.model.lifetime import Lifetime
from fairlead.model.programs.program import COMPLETION_RESTARTS, RestartPolicy
from fairlead.model.programs.workload import Workload
from fairlead.model.replicas import local_replicas
from fairlead.model.resource import Resource, driver_at, ports_on_containers
from fairlead.model.values.value import Output, Value
from fairlead.model.wait import WaitKind
from fairlead.resources.container import Container
from fairlead.runtime import exclusion
from fairlead.runtime.selection import belongs_to, inactive_notes, referred, select
from fairlead.runtime.store.ports import PortRequest


@dataclass(frozen=True, slots=True)
class PlannedWait:
    """A condition on another resource.

    Args:
        target: The other resource.
        kind: What it has to be.
        exit_code: How it has to end; counts for completion only.
        finished_counts: Whether it does its work once: it is ready when it has ended well, and not before.
    """

    target: str
    kind: WaitKind
    exit_code: int = 0
    finished_counts: bool = False

    def __str__(self) -> str:
        code = f" with {self.exit_code}" if self.kind is WaitKind.COMPLETED and self.exit_code else ""
        return f"{self.target} {self.kind}{code}"


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """A value that another resource has to make known first.

    Args:
        target: The other resource.
        output: The output of it.
        description: How the definition spells the value.
        network: From where the value is looked at.
    """

    target: str
    output: str
    description: str
    network: Network = Network.HOST

    @property
    def output_names(self) -> tuple[str, str]:
        """What the output is called in snapshots when it is known on all networks, and on this one alone."""
        return self.output, f"{self.output}@{self.network}"

    def __str__(self) -> str:
        return f"{self.description} is known"


@dataclass(frozen=True, slots=True)
class PlannedRestarts:
    """When a resource that has ended by itself is started again.

    Args:
        policy: After which ends.
        limit: How often in a row at most; None for no limit.
    """

    policy: RestartPolicy = "no"
    limit: int | None = None

    def __str__(self) -> str:
        return self.policy if self.limit is None else f"{self.policy} up to {self.limit} times"


@dataclass(frozen=True, slots=True)
class PlannedStart:
    """One resource of a run.

    Args:
        name: The resource.
        waits: What has to be true before it starts.
        values: What other resources have to make known first.
        automatic: Whether it starts by itself; otherwise a command starts it.
        replicas: How many of it run here.
        notes: What it goes on without, in lines for its log.
        placement: Where it runs.
        driver: What brings it up there, ``"package.module:Class"``.
        follows: Its parent, if it ends and starts again with that.
        restarts: When it is started again after it has ended by itself.
    """

    name: str
    waits: tuple[PlannedWait, ...] = ()
    values: tuple[PlannedValue, ...] = ()
    automatic: bool = True
    replicas: int = 1
    notes: tuple[str, ...] = ()
    placement: Placement = Placement.PROCESS
    driver: str | None = None
    follows: str | None = None
    restarts: PlannedRestarts = PlannedRestarts()

    def __str__(self) -> str:
        conditions = [str(condition) for condition in (*self.waits, *self.values)]
        text = f"{'start' if self.automatic else 'offer'} {self.name}"
        if self.replicas > 1:
            text += f" x{self.replicas}"
        if self.follows is not None:
            text += f" with {self.follows}"
        if self.restarts.policy != "no":
            text += f", restart {self.restarts},"
        return f"{text} after {', '.join(conditions)}" if conditions else text.removesuffix(",")


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run.

    Args:
        starts: All resources that can run, in the order of their declaration.
        ports: The ports of this machine that are needed.
        dependents: For each resource those that are stopped before it.
        excluded: Names of the resources that are no part of the run; see ``exclusion``.
        inactive: Names of the members of groups that nobody asked for; see ``selection``.
    """

    starts: tuple[PlannedStart, ...]
    ports: tuple[PortRequest, ...]
    dependents: dict[str, tuple[str, ...]]
    excluded: frozenset[str] = frozenset()
    inactive: frozenset[str] = frozenset()

    def __str__(self) -> str:
        lines = [str(start) for start in self.starts]
        lines += [f"port {request.key}" + (f" = {request.fixed}" if request.fixed else "") for request in self.ports]
        lines += [f"without {name}" for name in sorted(self.excluded)]
        lines += [f"stop {name} after {', '.join(first)}" for name, first in self.dependents.items() if first]
        return "\n".join(lines)


def plan_run(
    app: App,
    selected: Collection[str] = (),
    excluded: Collection[str] = (),
    valueless: Collection[str] = (),
    groups: Collection[str] = (),
) -> Plan:
    """Plan a run.

    Args:
        app: The app, built for running.
        selected: Names of the resources to start, with all that they need; all when empty. The others are offered, and
            so is what has an explicit start and is not selected by its own name.
        excluded: Names of the resources, or of groups of them, that the run does without; see ``exclusion``.
        valueless: Names of the parameters that nothing gives a value; counts for parts of what is excluded.
        groups: The groups whose members start as well, ``*`` for all; see ``selection``.

    Raises:
        UsageError: There is no such resource or group, or a resource is both selected and excluded, or is excluded but
            can't be done without.
        DefinitionError: What is to start can't do without a member of a group that nobody asked for.
    """
    automatic, without, inactive = select(app, selected, excluded, valueless, groups)
    known = [resource for resource in app if resource.driver is not None]
    running = [resource for resource in known if resource.name not in without]
    awaited = {
        wait.target.name
        for resource in running
        for wait in exclusion.waits_of(resource, without)
        if wait.kind is WaitKind.COMPLETED
    }
    starts = tuple(
        _start(resource, without, inactive, automatic=resource.name in automatic, is_awaited=resource.name in awaited)
        for resource in running
    )
    containers = any(resource.placement.is_container for resource in running)
    ports = tuple(request for resource in known for request in _ports(resource, app, containers))
    return Plan(starts, ports, _dependents(running, without), without, inactive)


def _start(
    resource: Resource, excluded: frozenset[str], inactive: frozenset[str], *, automatic: bool, is_awaited: bool
) -> PlannedStart:
    exclusion.check(resource, excluded)
    waits = tuple(
        PlannedWait(wait.target.name, wait.kind, wait.exit_code, wait.target.ready_when_finished)
        for wait in exclusion.waits_of(resource, excluded, inactive)
    )
    placement = resource.placement
    values = tuple(
        planned_value(use.value, use.provider, placement.network)
        for use in value_uses(resource)
        if use.provider.name not in excluded
    )
    return PlannedStart(
        resource.name,
        waits,
        values,
        automatic,
        local_replicas(resource),
        (*exclusion.notes(resource, excluded), *inactive_notes(resource, inactive)),
        placement,
        driver_at(resource, placement),
        _followed(resource, excluded),
        _restarts(resource, is_awaited),
    )


def _followed(resource: Resource, excluded: Collection[str]) -> str | None:
    parent = resource.parent
    if parent is None or parent.name in excluded or parent.driver is None:
        return None
    return parent.name if resource.follows_parent and not resource.passive else None


def _restarts(resource: Resource, is_awaited: bool) -> PlannedRestarts:
    """What is waited for to complete must not be started again for ever."""
    if not isinstance(resource, Workload) or resource.restart == "no":
        return PlannedRestarts()
    limit = resource.max_restarts
    return PlannedRestarts(resource.restart, COMPLETION_RESTARTS if limit is None and is_awaited else limit)


def planned_value(leaf: Value, provider: Resource, network: Network) -> PlannedValue:
    """The condition that a value is known on a network."""
    return PlannedValue(provider.name, output_name(leaf), leaf.describe(), network)


def output_name(leaf: Value) -> str:
    """The output that makes a value known; a parameter has one, called ``value``."""
    return leaf.name if isinstance(leaf, Output) else "value"


def port_key(resource: str, endpoint: str, replica: int | None = None) -> str:
    """What the port of an endpoint, or of one replica behind it, is remembered by."""
    return f"{resource}/{endpoint}" if replica is None else f"{resource}/{endpoint}/{replica}"


def gateway_key(resource: str, endpoint: str) -> str:
    """What the port is remembered by at which containers reach an endpoint of a process."""
    return f"{port_key(resource, endpoint)}/gateway"


def inside_key(resource: str, port: NeededPort) -> str:
    """The key that a chosen port inside a container is remembered by, such as ``ui/http@k8s``.

    How it is published is part of it (``dns/udp@k8s:udp``, ``ui/http@k8s:external``), because ports that are published
    alike may take each other's place.
    """
    tags = (":udp" if port.protocol == "udp" else "") + (":external" if port.external else "")
    return f"{port_key(resource, port.name)}@{port.container_of}{tags}"


def needed_ports(app: App, container_of: str) -> list[tuple[Resource, NeededPort]]:
    """The ports that resources need on one resource's container, beside its own endpoints."""
    return [
        (resource, port)
        for resource in app
        for port in ports_on_containers(resource)
        if port.container_of == container_of
    ]


def _ports(resource: Resource, app: App, containers: bool) -> Iterator[PortRequest]:
    needed = list(ports_on_containers(resource))
    for port in needed:
        host = "0.0.0.0" if port.external else "127.0.0.1"
        fixed = resource.endpoints[port.name].port if port.name in resource.endpoints else None
        lasting = _is_lasting(app[port.container_of])
        yield PortRequest(port_key(resource.name, port.name), fixed, host, lasting)
        if port.container_port is None:
            first, last = port.within
            key, within = inside_key(resource.name, port), range(first, last + 1)
            yield PortRequest(key, within=within, lasting=True, spare=port.spare)
    names = {port.name for port in needed}
    yield from _endpoint_ports(resource, containers, names)


def _endpoint_ports(resource: Resource, containers: bool, others: Collection[str]) -> Iterator[PortRequest]:
    replicas = local_replicas(resource)
    is_process = resource.placement.is_process
    for spec in resource.endpoints.values():
        if spec.name in others:
            continue
        host = "0.0.0.0" if spec.external else "127.0.0.1"
        fixed = spec.port or (spec.target_port if is_process and replicas == 1 else None)
        yield PortRequest(port_key(resource.name, spec.name), fixed, host, _is_lasting(resource))
        if containers and is_process and spec.protocol == "tcp":
            yield PortRequest(gateway_key(resource.name, spec.name), None, "0.0.0.0")
        if replicas > 1:
            for number in range(replicas):
                yield PortRequest(port_key(resource.name, spec.name, number), None)


def _is_lasting(resource: Resource) -> bool:
    return isinstance(resource, Container) and resource.lifetime is Lifetime.PERSISTENT


def _dependents(resources: Sequence[Resource], excluded: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For each resource those that end before it: what depends on it, its children, and what merely refers to it.

    References may form circles, also with dependencies, and a child may be needed by its parent. An edge that is in a
    circle of edges as strong as itself or stronger is left out, which leaves no circle and every dependency.
    """
    found: dict[str, dict[str, None]] = {resource.name: {} for resource in resources}
    known: dict[str, list[str]] = {name: [] for name in found}
    for targets_of in (lambda resource: _depends_on(resource, excluded), belongs_to, _refers_to):
        added = {resource.name: [name for name in targets_of(resource) if name in found] for resource in resources}
        known = {name: known[name] + targets for name, targets in added.items()}
        circle = _circles(known)
        for name, targets in added.items():
            for target in targets:
                if circle[name] != circle[target]:
                    found[target][name] = None
    place = {name: number for number, name in enumerate(found)}
    return {name: tuple(sorted(first, key=place.__getitem__)) for name, first in found.items()}


def _depends_on(resource: Resource, excluded: Collection[str]) -> list[str]:
    waits = [wait.target.name for wait in exclusion.waits_of(resource, excluded)]
    return waits + [use.provider.name for use in value_uses(resource)]


def _refers_to(resource: Resource) -> list[str]:
    return [target.name for target in referred(resource)]


def _circles(edges: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each node one that stands for its circle: two are in one circle if each can be reached from the other."""
    backwards: dict[str, list[str]] = {name: [] for name in edges}
    for name, targets in edges.items():
        for target in targets:
            backwards[target].append(name)
    circle: dict[str, str] = {}
    for root in reversed(_targets_first(edges)):
        pending = [root]
        while pending:
            name = pending.pop()
            if name not in circle:
                circle[name] = root
                pending.extend(backwards[name])
    return circle


def _targets_first(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """The nodes in the order in which a depth-first search is done with them; without recursion, for long chains."""
    order: list[str] = []
    seen: set[str] = set()
    for root in edges:
        trail: list[tuple[str, Iterator[str]]] = []
        if root not in seen:
            seen.add(root)
            trail.append((root, iter(edges[root])))
        while trail:
            name, rest = trail[-1]
            step = next((target for target in rest if target not in seen), None)
            if step is None:
                order.append(name)
                trail.pop()
            else:
                seen.add(step)
                trail.append((step, iter(edges[step])))
    return order
