"""The commands of a resource: which it offers in which state, and how one of its own is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from fairlead.errors import FairleadError, StartError, UsageError
from fairlead.model.command import LIFECYCLE_COMMANDS, Command, CommandResult
from fairlead.model.driver import Driver
from fairlead.model.names import listing, name_problem
from fairlead.model.resource import Resource
from fairlead.model.snapshot import CommandView
from fairlead.model.state import State
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.run import Run

_STARTABLE = (State.NOT_STARTED, State.WAITING, State.VALUE_MISSING)
_STOPPABLE = (
    State.WAITING,
    State.STARTING,
    State.BUILDING,
    State.RUNNING,
    State.ACTIVE,
    State.RUNTIME_UNHEALTHY,
)


class CommandError(FairleadError):
    """A command of a resource failed."""


def available(resource: Resource, state: State, own: Iterable[Command] = ()) -> tuple[CommandView, ...]:
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
    views += [
        CommandView(command.name, command.display, command.confirm, command.inputs)
        for command in commands_of(resource, own).values()
    ]
    return tuple(views)


def commands_of(resource: Resource, own: Iterable[Command]) -> Mapping[str, Command]:
    """The commands of a resource beyond start, stop and restart, by name.

    Args:
        resource: The resource.
        own: What its driver offers while it is up; the commands of the definition win over those of the same name.
    """
    return {command.name: command for command in own} | resource.commands


def offered_commands(driver: Driver) -> tuple[Command, ...]:
    """The commands that a driver offers, complete and checked as those of the definition are.

    Raises:
        StartError: One of them has a name or an input that is not valid.
    """
    commands: dict[str, Command] = {}
    for command in driver.commands():
        problem = name_problem(command.name) or _problem_with_inputs(command)
        if command.name in (*LIFECYCLE_COMMANDS, *commands):
            problem = f"there is a command {command.name!r} already"
        if problem:
            raise StartError(
                f"its driver offers the command {command.name!r}: {problem}",
                remedy="Update the package that this kind of resource comes from.",
            )
        inputs = tuple(replace(each, label=each.label or each.name) for each in command.inputs)
        commands[command.name] = replace(command, display=command.display or command.name, inputs=inputs)
    return tuple(commands.values())


def _problem_with_inputs(command: Command) -> str | None:
    names = [each.name for each in command.inputs]
    repeated = [f"there are two inputs {name!r}" for name in names if names.count(name) > 1]
    return next((problem for each in command.inputs if (problem := each.problem())), None) or next(iter(repeated), None)


async def run_command(
    run: Run, resource: Resource, commands: Mapping[str, Command], name: str, inputs: Mapping[str, object]
) -> CommandResult:
    """Run a command of a resource that is not start, stop or restart.

    Args:
        run: The run.
        resource: The resource.
        commands: Its commands by name, see :func:`commands_of`.
        name: The command.
        inputs: Values for its inputs.

    Returns:
        What it answered, with the secrets masked.

    Raises:
        UsageError: There is no such command, or it can't do with these inputs.
        CommandError: The command raised, or its answer can't be passed on.
    """
    command = commands.get(name)
    if command is None:
        names = listing([*LIFECYCLE_COMMANDS, *commands])
        raise UsageError(f"it has no command {name!r}", resource=resource.name, remedy=f"It has {names}.")
    try:
        values = command.read_inputs(inputs)
    except UsageError as error:
        error.resource = resource.name
        raise
    for declared in command.inputs:
        if declared.kind == "secret" and values[declared.name]:
            run.logs.mask(str(values[declared.name]))
    try:
        answer = await HookContext(run, resource, inputs=MappingProxyType(values)).call(command.function)
    except FairleadError as error:
        remedy = run.logs.masked(error.remedy) if error.remedy else None
        raise CommandError(
            run.logs.masked(f"{name}: {error.message}"), resource=resource.name, remedy=remedy
        ) from error
    except Exception as error:
        text = run.logs.masked(f"{name} raised {type(error).__name__}: {error}")
        raise CommandError(text, resource=resource.name) from error
    return _result(answer, name, resource, run.logs.masked)


def _result(answer: object, name: str, resource: Resource, masked: Callable[[str], str]) -> CommandResult:
    if not isinstance(answer, CommandResult):
        return CommandResult(None if answer is None else masked(str(answer)))
    try:
        data = json.loads(json.dumps(answer.data, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise CommandError(
            f"{name} answered with data that JSON does not know: {masked(str(error))}",
            resource=resource.name,
            remedy="Return a CommandResult whose data are made of dicts, lists, texts, numbers, True, False and None.",
        ) from error
    message = None if answer.message is None else masked(str(answer.message))
    return CommandResult(message, _masked(data, masked))


def _masked(data: Any, masked: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return masked(data)
    if isinstance(data, list):
        return [_masked(entry, masked) for entry in data]
    if isinstance(data, dict):
        return {masked(key): _masked(value, masked) for key, value in data.items()}
    return data
