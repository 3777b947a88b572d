"""What a program is started with: its variables and arguments, first as values, then as text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fairlead.errors import StartError
from fairlead.model.composition.composition import ComposedVariable, Composition, Entry, FileVariables, compose
from fairlead.model.composition.contributions import Mistake, ReferenceContribution
from fairlead.model.composition.origin import VariableOrigin
from fairlead.model.composition.providers import awaited_leaves, awaits_any_of, provider_of
from fairlead.model.endpoints.consumer import Contribution, Mode
from fairlead.model.programs.inputs import CallbackContext
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Consumer
from fairlead.model.values.value import Value, ValueLike
from fairlead.runtime.plan import PlannedValue, planned_value
from fairlead.runtime.values.resolver import Resolver, WaitForOutput
from fairlead.runtime.values.user_functions import call_user_function


@dataclass(frozen=True, slots=True)
class ProgramInputs:
    """What one start of a resource is given, the callbacks called, the values not yet resolved.

    Args:
        environment: Variables by name.
        optional: Names of the variables that are left out where their value is not known.
        arguments: In order.
        references: What the resources it refers to give it, beyond the variables too.
        origins: Where each variable comes from.
    """

    environment: dict[str, ValueLike]
    optional: frozenset[str]
    arguments: tuple[ValueLike, ...]
    references: tuple[ReferenceContribution, ...] = ()
    origins: Mapping[str, VariableOrigin] = field(default_factory=dict)

    def needed_values(self, consumer: Consumer) -> list[PlannedValue]:
        """The values in it that other resources make known, and that it can't do without."""
        variables = [value for name, value in self.environment.items() if name not in self.optional]
        needed = [given for given in self.references if not given.reference.optional]
        contents = [file.contents for given in needed for file in given.contribution.files]
        conditions = [
            planned_value(leaf, provider_of(leaf), consumer.network)
            for value in (*variables, *self.arguments, *contents)
            for leaf in awaited_leaves(value)
            if provider_of(leaf) is not consumer.resource
        ]
        return list(dict.fromkeys(conditions))

    def contributions(self, resolver: Resolver, consumer: Consumer) -> tuple[Contribution, ...]:
        """What references give; an optional one without the files whose contents are not known."""
        return tuple(_known_part(given, resolver, consumer) for given in self.references)


def _known_part(given: ReferenceContribution, resolver: Resolver, consumer: Consumer) -> Contribution:
    contribution = given.contribution
    if not given.reference.optional:
        return contribution
    files = tuple(
        file
        for file in contribution.files
        if not isinstance(file.contents, Value) or resolver.is_known(file.contents, consumer)
    )
    return replace(contribution, files=files)


async def collect_inputs(
    resource: Workload,
    files: Iterable[FileVariables] = (),
    excluded: Collection[str] = (),
    inactive: Collection[str] = (),
) -> ProgramInputs:
    """Compose variables and arguments, and call the callbacks among them, once for a start.

    Args:
        resource: What is started.
        files: What its environment files say.
        excluded: Names of the resources that the run does without; see ``exclusion``.
        inactive: Names of the members of groups that nobody asked for.

    Raises:
        StartError: A callback raised, or something can't be the value of a variable or argument.
    """
    composition = compose(resource, Mode.RUN, files=files, excluded=excluded, inactive=inactive)
    for mistake in composition.mistakes:
        raise _as_start_error(mistake, resource)
    environment: dict[str, ValueLike] = {}
    optional: set[str] = set()
    origins: dict[str, VariableOrigin] = {}
    for name, composed in composition.variables.items():
        variable, value = await _winner(composed, resource, excluded)
        if variable is not None:
            environment[name], origins[name] = value, variable.origin
        if variable is not None and variable.optional:
            optional.add(name)
    arguments = await _arguments(composition, resource)
    if any(awaits_any_of(value, excluded) for value in arguments):
        raise StartError("an argument is made of what is excluded from this run", remedy="Exclude this resource too.")
    return ProgramInputs(environment, frozenset(optional), arguments, composition.contributions, origins)


async def _winner(
    variable: ComposedVariable | None, resource: Workload, excluded: Collection[str]
) -> tuple[ComposedVariable | None, Any]:
    """The variable that counts and its value: not one whose callback gives what is excluded, but what it overrides."""
    while variable is not None:
        (value,) = await _values(variable, resource)
        if not awaits_any_of(value, excluded):
            return variable, value
        variable = variable.overridden
    return None, None


async def _arguments(composition: Composition, resource: Workload) -> tuple[ValueLike, ...]:
    arguments: list[ValueLike] = []
    for argument in composition.arguments:
        arguments += await _values(argument, resource)
    return tuple(arguments)


async def _values(entry: Entry, resource: Workload) -> tuple[Any, ...]:
    """The values of an entry: its own, or what its callback returns."""
    if not entry.is_callback:
        return (entry.value,)
    try:
        returned = await call_user_function(entry.value, CallbackContext(resource, Mode.RUN))
    except Exception as error:
        raise _as_start_error(entry.raised(error, Mode.RUN), resource) from error
    values = entry.results(returned)
    for value in values:
        if (mistake := entry.mistake_in(value)) is not None:
            raise _as_start_error(mistake, resource)
    return values


def _as_start_error(mistake: Mistake, resource: Workload) -> StartError:
    return StartError(mistake.message, resource=resource.name, remedy=mistake.remedy)


async def resolve_environment(
    settings: ProgramInputs,
    resolver: Resolver,
    consumer: Consumer,
    replica: int = 0,
    wait: WaitForOutput | None = None,
) -> dict[str, str]:
    """The variables of one replica as text.

    Raises:
        StartError: A value can't be resolved; the message names the variable.
    """
    resolved: dict[str, str] = {}
    for name, value in settings.environment.items():
        if name in settings.optional and not resolver.is_known(value, consumer):
            continue
        resolved[name] = await _text(f"the variable {name}", value, resolver, consumer, replica, wait)
    return resolved


async def resolve_arguments(
    settings: ProgramInputs,
    resolver: Resolver,
    consumer: Consumer,
    replica: int = 0,
    wait: WaitForOutput | None = None,
) -> list[str]:
    """The arguments of one replica as text.

    Raises:
        StartError: A value can't be resolved; the message tells which argument.
    """
    return [
        await _text(f"argument {number}", value, resolver, consumer, replica, wait)
        for number, value in enumerate(settings.arguments, 1)
    ]


async def _text(
    what: str, value: ValueLike, resolver: Resolver, consumer: Consumer, replica: int, wait: WaitForOutput | None
) -> str:
    try:
        text = await resolver.text(value, consumer, replica, wait)
    except (LookupError, TypeError) as error:
        raise StartError(f"{what} has no value: {error}", resource=consumer.resource.name) from error
    if "\0" in text:
        raise StartError(f"{what} holds a zero byte, which no program can be given", resource=consumer.resource.name)
    return text


def is_secret(value: ValueLike) -> bool:
    """Whether the text of a value must never be shown."""
    return isinstance(value, Value) and value.secret
