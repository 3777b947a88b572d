"""The commands of a resource as they are shown: whether each can be given now, why not, and what it will do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fairlead.model.command import Command
from fairlead.model.lifetime import Lifetime
from fairlead.model.observation.snapshot import CommandView, Snapshot
from fairlead.model.observation.state import State
from fairlead.model.resource import Resource
from fairlead.resources.container import Container
from fairlead.runtime.plan import Plan

_STARTABLE = (State.NOT_STARTED, State.WAITING, State.VALUE_MISSING)
_UP = (State.RUNNING, State.ACTIVE, State.RUNTIME_UNHEALTHY)
_STOPPABLE = (State.WAITING, State.STARTING, State.BUILDING, *_UP)
_WORDS = {
    State.NOT_STARTED: "is not started",
    State.WAITING: "is waiting",
    State.STARTING: "is starting",
    State.BUILDING: "is being built",
    State.RUNNING: "is running",
    State.RUNTIME_UNHEALTHY: "is running",
    State.STOPPING: "is stopping",
    State.EXITED: "has ended",
    State.FINISHED: "has ended",
    State.FAILED_TO_START: "could not be started",
    State.VALUE_MISSING: "has no value",
    State.ACTIVE: "is there",
}
_NAMED = 4
"""Names that a sentence has at most; the others are counted."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The resources of a run that feel what happens to one.

    Args:
        followers: Its children that end and start with it.
        users: Those that wait for it, refer to it or take values from it.
    """

    followers: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    @classmethod
    def of(cls, resource: Resource, plan: Plan) -> Neighbours:
        """The neighbours of a resource, by the plan of the run."""
        followers = tuple(start.name for start in plan.starts if start.follows == resource.name)
        below = {child.name for child in resource.children}
        users = plan.dependents.get(resource.name, ())
        return cls(followers, tuple(name for name in users if name not in below))


@dataclass(frozen=True, slots=True)
class Offered:
    """What a resource offers beyond what the definition says, at one moment.

    Args:
        commands: What its driver offers.
        can_be_undone: Whether a stop takes back what its last start has left behind.
        running: Since when those of its own commands run that do, by name, in seconds since the epoch.
    """

    commands: tuple[Command, ...] = ()
    can_be_undone: bool = False
    running: Mapping[str, float] = field(default_factory=dict)


def command_views(
    resource: Resource, snapshot: Snapshot, neighbours: Neighbours, offered: Offered
) -> tuple[CommandView, ...]:
    """Return start, stop and restart, and then the resource's own commands; also those that can't be given now.

    Args:
        resource: The resource.
        snapshot: What it does now.
        neighbours: Whom that concerns.
        offered: What it offers now.
    """
    own = commands_of(resource, offered.commands).values()
    return (
        _start(snapshot),
        _stop(resource, snapshot, neighbours, offered),
        _restart(resource, snapshot, neighbours),
        *(_own(command, resource, snapshot, offered.running.get(command.name)) for command in own),
    )


def commands_of(resource: Resource, own: Iterable[Command]) -> Mapping[str, Command]:
    """The commands of a resource beyond start, stop and restart, by name.

    Args:
        resource: The resource.
        own: What its driver offers while it is up; the commands of the definition win over those of the same name.
    """
    return {command.name: command for command in own} | resource.commands


def names_text(names: Sequence[str]) -> str:
    """Names in a sentence: ``a, b and c``; of many the first, and how many others there are."""
    if len(names) > _NAMED + 1:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} others"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _start(snapshot: Snapshot) -> CommandView:
    if snapshot.state is not State.WAITING:
        return _view("start", "Start", snapshot, snapshot.state in _STARTABLE or snapshot.state.is_terminal)
    display = "Start without waiting"
    pending = [wait for wait in snapshot.waits if not wait.satisfied]
    values = list(dict.fromkeys(wait.resource for wait in pending if wait.condition == "value"))
    skipped = list(dict.fromkeys(wait.resource for wait in pending if wait.condition != "value"))
    if values and not skipped:
        why = f"{snapshot.name} needs a value of {names_text(values)}, and can't start without it"
        return CommandView("start", display, enabled=False, why_not=why)
    effects = [f"{snapshot.name} starts though {names_text(skipped)} {_is_are(skipped)} not ready."] if skipped else []
    effects += [f"It still waits for a value of {names_text(values)}."] if values else []
    return CommandView("start", display, effects=tuple(effects))


def _stop(resource: Resource, snapshot: Snapshot, neighbours: Neighbours, offered: Offered) -> CommandView:
    is_left = snapshot.state.is_terminal and offered.can_be_undone and not snapshot.stop_requested
    effects = [
        *_followers(neighbours, "first"),
        *_container(resource, snapshot),
        *_users(neighbours, "goes without it until it runs again", "go without it until it runs again"),
    ]
    return _view("stop", "Stop", snapshot, snapshot.state in _STOPPABLE or is_left, effects)


def _restart(resource: Resource, snapshot: Snapshot, neighbours: Neighbours) -> CommandView:
    effects = [
        *_followers(neighbours, "first and start again with it"),
        *_container(resource, snapshot),
        *_users(neighbours, "goes without it for that time", "go without it for that time"),
    ]
    return _view("restart", "Restart", snapshot, snapshot.state in _STOPPABLE or snapshot.state.is_terminal, effects)


def _own(command: Command, resource: Resource, snapshot: Snapshot, running_since: float | None) -> CommandView:
    is_done = snapshot.state.is_terminal and resource.ready_when_finished
    is_on = snapshot.state in _UP or is_done
    return CommandView(
        command.name,
        command.display,
        command.confirm,
        command.inputs,
        enabled=is_on,
        why_not="" if is_on else _why_not(snapshot),
        effects=command.effects,
        loses_data=command.loses_data,
        running_since=running_since,
    )


def _view(name: str, display: str, snapshot: Snapshot, enabled: bool, effects: Iterable[str] = ()) -> CommandView:
    why_not = "" if enabled else _why_not(snapshot)
    return CommandView(name, display, enabled=enabled, why_not=why_not, effects=tuple(effects) if enabled else ())


def _why_not(snapshot: Snapshot) -> str:
    return f"{snapshot.name} {_WORDS[snapshot.state]}, so this is off"


def _followers(neighbours: Neighbours, what: str) -> Iterable[str]:
    names = neighbours.followers
    if names:
        verb, rest = ("stops", what.replace("start ", "starts ")) if len(names) == 1 else ("stop", what)
        yield f"{names_text(names)} {verb} {rest}."


def _users(neighbours: Neighbours, one: str, several: str) -> Iterable[str]:
    names = neighbours.users
    if names:
        yield f"{names_text(names)} {f'uses it, and {one}' if len(names) == 1 else f'use it, and {several}'}."


def _container(resource: Resource, snapshot: Snapshot) -> Iterable[str]:
    if not isinstance(resource, Container) or resource.lifetime is not Lifetime.SESSION or snapshot.state not in _UP:
        return
    if any(volume.name is not None for volume in resource.volumes):
        yield "Its container is removed; what is in its volumes stays."
    else:
        yield "Its container is removed, and with it all that it has written there."


def _is_are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
