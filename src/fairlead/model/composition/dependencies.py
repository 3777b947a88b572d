"""What has to be there before a resource can start, read off the model.

Waits are said; a value that another resource makes known when it starts is a dependency too, and both take part in the
search for cycles. Endpoints are not: their addresses are known before anything starts, so two resources may refer to
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.model.composition.contributions import ReferenceContribution, contributions_to
from fairlead.model.composition.providers import awaited_leaves, provider_of
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.locations import Location
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource, Wait, given_values
from fairlead.model.values.value import Value
from fairlead.model.wait import WaitKind
from fairlead.records import record


@record
class ValueUse:
    """A resource needs a value that another resource provides."""

    provider: Resource
    value: Value
    where: Location


def given_values_of(resource: Resource) -> Iterator[tuple[Value, Location]]:
    """The deferred values that a resource was given itself, with the lines that gave them."""
    for value, where in given_values(resource):
        if isinstance(value, Value):
            yield value, where


def values_of(resource: Resource, mode: Mode = Mode.RUN) -> Iterator[tuple[Value, Location]]:
    """The deferred values that the definition gives to a resource, with the lines that do.

    What callbacks will return is not among them; they are only called when the resource starts.

    Args:
        resource: The resource.
        mode: Whether the app runs or is published.
    """
    yield from given_values_of(resource)
    contributions = contributions_to(resource, mode) if isinstance(resource, Workload) else ()
    yield from reference_values(contributions)


def reference_values(contributions: Iterable[ReferenceContribution]) -> Iterator[tuple[Value, Location]]:
    """The deferred values that references bring and that their consumer can't do without, with their lines."""
    for given in contributions:
        if given.reference.endpoint is not None:
            continue  # an endpoint's address never has to be waited for
        if given.reference.optional:
            continue  # what is not there when the consumer starts is left out
        for value in given.values():
            if isinstance(value, Value):
                yield value, given.reference.where


def value_uses(resource: Resource, mode: Mode = Mode.RUN) -> list[ValueUse]:
    """The values that keep a resource from starting until they are there: parameters, and outputs of drivers."""
    uses: dict[int, ValueUse] = {}
    for value, where in values_of(resource, mode):
        for leaf in awaited_leaves(value):
            provider = provider_of(leaf)
            if provider is not resource:
                uses.setdefault(id(leaf), ValueUse(provider, leaf, where))
    return list(uses.values())


def all_waits(resource: Resource) -> list[Wait]:
    """The waits of a resource, and those that follow: whoever waits for a child waits for its parent too."""
    waits = list(resource.waits)
    known = {id(resource), *(id(wait.target) for wait in resource.waits)}
    for wait in resource.waits:
        parent = wait.target.parent
        while parent is not None:
            if id(parent) not in known and parent.driver is not None:
                known.add(id(parent))
                waits.append(Wait(parent, WaitKind.READY, wait.where, optional=wait.optional))
            parent = parent.parent
    return waits


@record
class Dependency:
    """One resource has to come before another; ``reason`` is for messages."""

    target: Resource
    reason: str
    where: Location


def dependencies(resource: Resource, mode: Mode = Mode.RUN) -> list[Dependency]:
    """All that a resource's start depends on, each other resource once."""
    found = [Dependency(wait.target, "waits for", wait.where) for wait in all_waits(resource)]
    found += [
        Dependency(use.provider, f"needs {use.value.describe()} of", use.where) for use in value_uses(resource, mode)
    ]
    return list({id(dependency.target): dependency for dependency in reversed(found)}.values())[::-1]


def find_cycles(resources: Iterable[Resource], mode: Mode = Mode.RUN) -> list[list[tuple[Resource, Dependency]]]:
    """The circles in which resources depend on each other, each once, as (resource, what it depends on) in order."""
    graph = {id(resource): (resource, dependencies(resource, mode)) for resource in resources}
    done: set[int] = set()
    return [cycle for key in graph for cycle in _search(key, graph, done)]


def _search(
    start: int, graph: Mapping[int, tuple[Resource, Sequence[Dependency]]], done: set[int]
) -> Iterator[list[tuple[Resource, Dependency]]]:
    """Depth-first search without recursion, so that a chain of a thousand resources is no problem."""
    if start in done:
        return
    steps: list[tuple[Resource, Dependency]] = []
    trail = [(start, iter(graph[start][1]))]
    depth = {start: 0}
    while trail:
        key, rest = trail[-1]
        step = next(rest, None)
        if step is None:
            trail.pop()
            del depth[key]
            done.add(key)
            del steps[-1:]
            continue
        target = id(step.target)
        if target in depth:
            yield [*steps[depth[target] :], (graph[key][0], step)]
        elif target not in done and target in graph:
            steps.append((graph[key][0], step))
            depth[target] = len(trail)
            trail.append((target, iter(graph[target][1])))
