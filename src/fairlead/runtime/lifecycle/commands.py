"""The own commands of a resource: those that its driver offers, and how one is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from fairlead.errors import FairleadError, StartError, UsageError
from fairlead.model.command import LIFECYCLE_COMMANDS, Command, CommandResult
from fairlead.model.driving.driver import Driver
from fairlead.model.names import listing, name_problem
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.run import Run


class CommandError(FairleadError):
    """A command of a resource failed."""


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


def require_command(resource: Resource, commands: Mapping[str, Command], name: str) -> Command:
    """Return a command of a resource that is not start, stop or restart.

    Args:
        resource: The resource.
        commands: Its commands by name.
        name: The command.

    Raises:
        UsageError: There is no such command.
    """
    if name not in commands:
        names = listing([*LIFECYCLE_COMMANDS, *commands])
        raise UsageError(f"it has no command {name!r}", resource=resource.name, remedy=f"It has {names}.")
    return commands[name]


async def run_command(run: Run, resource: Resource, command: Command, inputs: Mapping[str, object]) -> CommandResult:
    """Run a command of a resource that is not start, stop or restart.

    Args:
        run: The run.
        resource: The resource.
        command: The command.
        inputs: Values for its inputs.

    Returns:
        What it answered, with the secrets masked.

    Raises:
        UsageError: It can't do with these inputs.
        CommandError: The command raised, or its answer can't be passed on.
    """
    name = command.name
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
