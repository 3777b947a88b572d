"""What a new definition changes in a run, resource by resource. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from fairlead.model.app import App
from fairlead.model.composition.dependencies import values_of
from fairlead.model.composition.providers import awaited_leaves, provider_of
from fairlead.model.lifetime import Lifetime
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.programs.volume_mounts import VolumeUser
from fairlead.model.resource import Resource
from fairlead.records import record
from fairlead.runtime.plan import Plan
from fairlead.runtime.reload.description import Description, Parts, describe
from fairlead.runtime.reload.result import Action, Difference


@record
class Side:
    """One of the two definitions.

    Args:
        app: The app.
        plan: Its plan.
        own: The parts that kinds of other packages keep, by resource, as they were when the app was built.
    """

    app: App
    plan: Plan
    own: Mapping[str, Parts]

    def automatic(self) -> frozenset[str]:
        """The names of what starts by itself."""
        return frozenset(start.name for start in self.plan.starts if start.automatic)

    def planned(self) -> dict[str, Resource]:
        """The resources that can run, by name."""
        return {start.name: self.app[start.name] for start in self.plan.starts}

    def describe(self, name: str) -> Description:
        """What is said of a resource."""
        return describe(self.app[name], self.plan, self.own.get(name))


@record
class Facts:
    """What is known of the run.

    Args:
        snapshots: The present snapshots by id.
        changed_values: Names of the parameters that have another value now.
        changed_variables: For each resource those of its environment files that have another value now.
    """

    snapshots: Mapping[str, Snapshot]
    changed_values: Collection[str] = ()
    changed_variables: Mapping[str, Collection[str]] = MappingProxyType({})


def find_differences(before: Side, after: Side, facts: Facts) -> list[Difference]:
    """What differs, in the order of the new definition; what is no longer there comes last."""
    old, new = before.planned(), after.planned()
    found = [_difference(name, before, after, facts) for name in new]
    found += [
        Difference(name, resource.kind, Action.REMOVE, ("no longer there",), _removal_note(resource, new))
        for name, resource in old.items()
        if name not in new
    ]
    return [difference for difference in found if difference is not None]


def _difference(name: str, before: Side, after: Side, facts: Facts) -> Difference | None:
    resource = after.app[name]
    is_automatic = name in after.automatic()
    if name not in before.planned():
        action = Action.START if is_automatic else Action.OFFER
        return Difference(name, resource.kind, action, ("new",))
    old, new = before.describe(name), after.describe(name)
    snapshot = facts.snapshots[name]
    if old.identity != new.identity:
        was = before.app[name].kind
        part = f"was a {was}" if was != resource.kind else "kind"
        return Difference(name, resource.kind, Action.REPLACE, (part,), _kept_note(before.app[name]))
    parts = tuple(dict.fromkeys((*_changed(old.start, new.start), *_changed_values(resource, name, facts))))
    live = _changed(old.live, new.live)
    published = _changed(old.published, new.published)
    is_new_in_run = is_automatic and name not in before.automatic() and snapshot.state is State.NOT_STARTED
    if is_new_in_run and not snapshot.stop_requested:
        return Difference(name, resource.kind, Action.START, (*parts, *live) or ("needed now",))
    if parts or (live and snapshot.state is State.WAITING):
        is_started = _is_restarted(resource, snapshot)
        note = _recreation_note(resource) if is_started and parts else ""
        return Difference(name, resource.kind, Action.RESTART if is_started else Action.LATER, (*parts, *live), note)
    if live:
        return Difference(name, resource.kind, Action.UPDATE, live)
    return Difference(name, resource.kind, Action.NOTHING, published) if published else None


def _is_restarted(resource: Resource, snapshot: Snapshot) -> bool:
    """Whether a resource that differs is started again.

    Not if it never was started, the user has stopped it, or it was asked for and has done its work: a job runs once.
    """
    is_done = resource.explicit_start and snapshot.state in (State.EXITED, State.FINISHED)
    return snapshot.state is not State.NOT_STARTED and not snapshot.stop_requested and not is_done


def _changed(old: Parts, new: Parts) -> tuple[str, ...]:
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return tuple(name.replace("_", " ") if " " not in name else name for name in names)


def _changed_values(resource: Resource, name: str, facts: Facts) -> Iterator[str]:
    """The values that come from elsewhere, and are others now."""
    if name in facts.changed_values:
        yield "value"
    for value, _ in values_of(resource) if facts.changed_values else ():
        for leaf in awaited_leaves(value):
            provider = provider_of(leaf)
            if provider is not resource and provider.name in facts.changed_values:
                yield f"value of {provider.name}"
    for variable in facts.changed_variables.get(name, ()):
        yield f"variable {variable}"


def _recreation_note(resource: Resource) -> str:
    """What becomes of a container and its data."""
    if not resource.placement.is_container:
        return ""
    has_volume = isinstance(resource, VolumeUser) and any(volume.name is not None for volume in resource.volumes)
    return "its container is made anew" + ("; its volumes stay" if has_volume else "")


def _removal_note(resource: Resource, remaining: Collection[str]) -> str:
    """What stays of a resource that is no longer there, in its parent where that goes on."""
    if resource.parent is not None and resource.parent.name in remaining:
        return resource.left_behind
    return _kept_note(resource)


def _kept_note(resource: Resource) -> str:
    """What stays of a resource that is no longer there."""
    if getattr(resource, "lifetime", None) is Lifetime.PERSISTENT:
        return "its container is stopped and kept, with its data; `fairlead down` removes it"
    has_volume = isinstance(resource, VolumeUser) and any(volume.name is not None for volume in resource.volumes)
    return "its volumes stay" if has_volume else ""
