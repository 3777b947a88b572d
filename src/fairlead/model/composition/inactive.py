"""Members of groups that nobody asked for: which those are, and who can't do without them. Pure.

A run and a chart ask the same: a run for the groups of ``--group``, a chart for those of its environment. What is
always part of the app must not need what is only sometimes there, unless it says that it can do without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from fairlead.errors import ModelError, UsageError
from fairlead.model.app import App
from fairlead.model.composition.dependencies import given_values_of
from fairlead.model.composition.providers import provider_of
from fairlead.model.groups import ALL_GROUPS
from fairlead.model.locations import Location
from fairlead.model.names import listing, nearest
from fairlead.model.parameter import Parameter
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource


class InactiveUse(NamedTuple):
    """A resource can't do without a member of an inactive group.

    Args:
        resource: Who can't.
        target: The member.
        relation: What it does with it, such as ``waits for``.
        way_out: How the definition says that it can do without; empty where it can't say that.
        where: The line that says so.
    """

    resource: Resource
    target: Resource
    relation: str
    way_out: str
    where: Location

    @property
    def message(self) -> str:
        """What is wrong, with the names of both."""
        names = groups_of(self.target)
        groups = f"the group {names[0]!r}" if len(names) == 1 else f"the groups {listing(names)}"
        return f"{self.relation} {self.target.name!r}, which is in {groups} only, and nothing asks for that here"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        names = groups_of(self.target)
        inside = f"Put {self.resource.name!r} into it too: with_group({names[0]!r})"
        return f"{inside}; or let it do without: {self.way_out}." if self.way_out else f"{inside}."

    def as_error(self) -> ModelError:
        """The mistake in the definition."""
        place = self.where
        return ModelError(
            self.message, resource=self.resource.name, file=place.file, line=place.line, remedy=self.remedy
        )


def groups_of(resource: Resource) -> list[str]:
    """The groups of a resource: its own, or those of what it belongs to."""
    member: Resource | None = resource
    while member is not None and not member.groups:
        member = member.parent
    return [] if member is None else member.groups


def all_groups(app: App) -> list[str]:
    """The groups that an app has, in the order of their declaration."""
    return list(dict.fromkeys(name for resource in app for name in resource.groups))


def requested_groups(app: App, names: Iterable[str]) -> frozenset[str]:
    """The groups that are asked for; ``*`` asks for all.

    Raises:
        UsageError: The app has no such group.
    """
    known, names = all_groups(app), list(names)
    for name in names:
        if name not in known and name != ALL_GROUPS:
            guess = nearest(name, known)
            raise UsageError(
                f"the app has no group {name!r}.",
                remedy=f"Did you mean {guess!r}?" if guess else f"It has {listing(known)}.",
            )
    return frozenset(known if ALL_GROUPS in names else names)


def members_of(app: App, group: str) -> list[Resource]:
    """The members of a group; without what belongs to them."""
    return [resource for resource in app if group in resource.groups and not _is_value(resource)]


def inactive_members(app: App, groups: Collection[str]) -> frozenset[str]:
    """The names of the resources that are in groups, and in none of those that are asked for.

    What is a value only, such as a parameter, stays known everywhere: nothing of it runs.

    Args:
        app: The app.
        groups: The groups that are asked for.
    """
    return frozenset(resource.name for resource in app if _is_inactive(resource, groups))


def _is_inactive(resource: Resource, groups: Collection[str]) -> bool:
    member = None if _is_value(resource) else resource
    while member is not None:
        if member.groups and not any(name in groups for name in member.groups):
            return True
        member = member.parent
    return False


def _is_value(resource: Resource) -> bool:
    """Whether it is nothing but a value: such as a parameter, also one of a member, or an external service."""
    return isinstance(resource, Parameter) or (resource.passive and resource.parent is None)


def inactive_uses(resources: Iterable[Resource], inactive: Collection[str]) -> list[InactiveUse]:
    """Where resources can't do without members of inactive groups, each member once for each resource.

    Args:
        resources: The resources that are there.
        inactive: The names of the members.
    """
    uses: dict[tuple[str, str], InactiveUse] = {}
    for resource in resources if inactive else ():
        for use in _uses(resource):
            if use.target.name in inactive:
                uses.setdefault((resource.name, use.target.name), use)
    return list(uses.values())


def _uses(resource: Resource) -> Iterator[InactiveUse]:
    """What a resource waits for, refers to and takes values from, unless it can do without."""
    for wait in resource.waits:
        if not wait.optional:
            yield InactiveUse(resource, wait.target, "waits for", "wait with optional=True", wait.where)
    for reference in resource.references if isinstance(resource, Workload) else ():
        if not reference.optional:
            way_out = "with_reference(…, optional=True)"
            yield InactiveUse(resource, reference.target, "refers to", way_out, reference.where)
    for value, where in given_values_of(resource):
        for leaf in value.leaves():
            owner = provider_of(leaf)
            if owner is not None and owner is not resource:
                yield InactiveUse(resource, owner, f"uses {leaf.describe()} of", "", where)
