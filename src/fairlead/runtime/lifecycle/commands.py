"""Which commands a resource offers in which state."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.model.command import Command
from fairlead.model.resource import Resource
from fairlead.model.snapshot import CommandView
from fairlead.model.state import State

_STARTABLE = (State.NOT_STARTED, State.WAITING, State.VALUE_MISSING)
_STOPPABLE = (
    State.WAITING,
    State.STARTING,
    State.BUILDING,
    State.RUNNING,
    State.ACTIVE,
    State.RUNTIME_UNHEALTHY,
)


def available(resource: Resource, state: State, own: Sequence[Command] = ()) -> tuple[CommandView, ...]:
    """The commands that make sense now: start, stop and restart by the state, then the resource's own.

    Args:
        resource: The resource.
        state: Its state.
        own: What its driver offers beside the commands of the definition, which win over those of the same name.
    """
    views: list[CommandView] = []
    if state in _STARTABLE or state.is_terminal:
        views.append(CommandView("start", "Start"))
    if state in _STOPPABLE:
        views.append(CommandView("stop", "Stop"))
    if state in _STOPPABLE or state.is_terminal:
        views.append(CommandView("restart", "Restart"))
    by_name = {command.name: command for command in own} | resource.commands
    views += [CommandView(command.name, command.display, command.confirm) for command in by_name.values()]
    return tuple(views)
