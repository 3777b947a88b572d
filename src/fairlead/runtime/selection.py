"""Which resources a run starts by itself, from what the user asked for. Pure.

Named resources start with all that they need, whatever groups those are in. Otherwise everything starts but the members
of groups that nobody asked for; the user can start them by hand. What needs one of those all the same is a mistake in
the definition, unless it says that it can do without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from fairlead.errors import DefinitionError, UsageError
from fairlead.model.app import App
from fairlead.model.composition.dependencies import value_uses, values_of
from fairlead.model.composition.inactive import (
    all_groups,
    groups_of,
    inactive_members,
    inactive_uses,
    members_of,
    requested_groups,
)
from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.endpoint import EndpointValue
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource, ports_on_containers
from fairlead.runtime import exclusion


class Selection(NamedTuple):
    """The resources of a run, by name.

    Args:
        automatic: Those that start by themselves. The others are offered, unless they are excluded.
        excluded: Those that are no part of the run; see ``exclusion``.
        inactive: The members of groups that nobody asked for; what can do without them does.
    """

    automatic: frozenset[str]
    excluded: frozenset[str]
    inactive: frozenset[str]


def select(
    app: App, selected: Collection[str], excluded: Collection[str], valueless: Collection[str], groups: Collection[str]
) -> Selection:
    """Decide what a run starts by itself.

    Args:
        app: The app, built for running.
        selected: Names of the resources to start; all when empty.
        excluded: Names of the resources, or of groups of them, that the run does without.
        valueless: Names of the parameters that nothing gives a value; counts for parts of what is excluded.
        groups: The groups that are asked for; ``*`` for all.

    Raises:
        UsageError: There is no such resource or group, or a resource is both selected and excluded.
        DefinitionError: What starts by itself can't do without a member of a group that nobody asked for.
    """
    chosen = _find(app, selected)
    without = exclusion.with_children(_find_excluded(app, excluded), valueless)
    for resource in chosen:
        if resource.name in without:
            raise UsageError("it is both selected and excluded", resource=resource.name, remedy="Choose one of them.")
    members = inactive_members(app, requested_groups(app, groups))
    inactive = members - without
    if selected:
        automatic = _with_needs(app, chosen, without, inactive)
        inactive -= automatic
    else:
        _refuse_inactive_uses(app, inactive, without)
        automatic = _without_members(app, members, without)
    automatic -= {resource.name for resource in app if resource.explicit_start and resource not in chosen}
    return Selection(frozenset(automatic), without, inactive)


def inactive_notes(resource: Resource, inactive: Collection[str]) -> Iterator[str]:
    """What a resource does without because nobody asked for its group, in lines for its log."""
    for wait in resource.waits:
        if wait.optional and wait.target.name in inactive:
            yield f"Not waiting for {wait.target.name}: {_reason(wait.target)}"
    for reference in resource.references if isinstance(resource, Workload) else ():
        if reference.optional and reference.target.name in inactive:
            yield f"Without the variables of {reference.target.name}: {_reason(reference.target)}"


def _reason(member: Resource) -> str:
    return f"its group, {' or '.join(groups_of(member))}, is not part of this run"


def _find(app: App, names: Iterable[str]) -> list[Resource]:
    try:
        return [app[name] for name in names]
    except LookupError as error:
        raise UsageError(str(error.args[0])) from None


def _find_excluded(app: App, names: Iterable[str]) -> list[Resource]:
    """The resources of these names, and the members of the groups of these names; a resource's name wins."""
    groups = set(all_groups(app))
    found: list[Resource] = []
    for name in names:
        if name in groups and name not in app:
            found += members_of(app, name)
        else:
            found += _find(app, [name])
    return found


def _refuse_inactive_uses(app: App, inactive: frozenset[str], excluded: frozenset[str]) -> None:
    """See to it that whatever starts by itself can do without the members of groups that nobody asked for."""
    starting = [each for each in app if each.driver is not None and each.name not in inactive | excluded]
    uses = inactive_uses(starting, inactive)
    if uses:
        raise DefinitionError([use.as_error() for use in uses], app)


def _without_members(app: App, members: frozenset[str], excluded: frozenset[str]) -> set[str]:
    """The names of all resources but some members of groups, and the values that only those need."""
    if not members:
        return set(app.names)
    values = {resource.name for resource in app if resource.passive}
    left_out = [resource for resource in app if resource.name in members]
    others = [resource for resource in app if resource.name not in members | values]
    only_theirs = values & _with_needs(app, left_out, ()) - _with_needs(app, others, excluded, members)
    return set(app.names) - members - only_theirs


def _with_needs(
    app: App, chosen: Iterable[Resource], excluded: Collection[str], inactive: Collection[str] = ()
) -> set[str]:
    """The names of resources and of all that they need; not of what they can do without and nobody asked for."""
    wanted: set[str] = set()
    pending = list(chosen)
    while pending:
        resource = pending.pop()
        if resource.name in excluded:
            continue
        if resource.name not in wanted:
            wanted.add(resource.name)
            pending.extend(_needs(resource, app, inactive))
            pending.extend(wait.target for wait in exclusion.waits_of(resource, excluded, inactive))
            pending.extend(child for child in resource.children if child.starts_with_parent)
    return wanted


def _needs(resource: Resource, app: App, inactive: Collection[str]) -> Iterator[Resource]:
    """What a resource refers to, takes values from, and belongs to."""
    yield from (use.provider for use in value_uses(resource))
    yield from referred(resource, inactive)
    yield from (app[name] for name in belongs_to(resource))


def referred(resource: Resource, inactive: Collection[str] = ()) -> Iterator[Resource]:
    """What a resource refers to, and whose endpoints it uses; not what it can do without and nobody asked for."""
    for reference in resource.references if isinstance(resource, Workload) else ():
        if not (reference.optional and reference.target.name in inactive):
            yield reference.target
    for value, _ in values_of(resource):
        for leaf in value.leaves():
            if isinstance(leaf, EndpointValue) and provider_of(leaf) is not resource:
                yield provider_of(leaf)


def belongs_to(resource: Resource) -> list[str]:
    """The names of its parent, and of what it runs in or is reached through."""
    names = [port.container_of for port in ports_on_containers(resource)]
    names += [name for name in (resource.placement.of,) if name is not None]
    names += [] if resource.parent is None else [resource.parent.name]
    return [name for name in dict.fromkeys(names) if name != resource.name]
