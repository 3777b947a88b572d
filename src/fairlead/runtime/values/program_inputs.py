"""What a program is started with: its variables and arguments, first as values, then as text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fairlead.errors import StartError
from fairlead.model.callback import CallbackContext
from fairlead.model.consumer import Consumer, Contribution
from fairlead.model.parameter import Parameter
from fairlead.model.reference import endpoint_variables
from fairlead.model.value import Output, Value, ValueLike, is_value_like
from fairlead.model.workload import Reference, Workload
from fairlead.runtime.exclusion import needs_excluded_resource
from fairlead.runtime.plan import PlannedValue, planned_value
from fairlead.runtime.values.resolver import Resolver, WaitForOutput, provider_of
from fairlead.runtime.values.user_functions import call_user_function


@dataclass(frozen=True, slots=True)
class ProgramInputs:
    """What one start of a resource is given, the callbacks called, the values not yet resolved.

    Args:
        environment: Variables by name.
        optional: Names of the variables that are left out where their value is not known.
        arguments: In order.
        contributions: What the resources it refers to give it, beyond the variables.
    """

    environment: dict[str, ValueLike]
    optional: frozenset[str]
    arguments: tuple[ValueLike, ...]
    contributions: tuple[Contribution, ...] = ()

    def above(self, variables: Mapping[str, ValueLike]) -> ProgramInputs:
        """The same, with more variables where it has none of their names."""
        return replace(self, environment={**variables, **self.environment})

    def needed_values(self, consumer: Consumer) -> list[PlannedValue]:
        """The values in it that other resources make known, and that it can't do without."""
        given = [value for name, value in self.environment.items() if name not in self.optional]
        leaves = [leaf for value in (*given, *self.arguments) if isinstance(value, Value) for leaf in value.leaves()]
        needed = [
            planned_value(leaf, provider_of(leaf), consumer.network)
            for leaf in leaves
            if isinstance(leaf, (Parameter, Output)) and provider_of(leaf) is not consumer.resource
        ]
        return list(dict.fromkeys(needed))


async def collect_inputs(resource: Workload, consumer: Consumer, excluded: Collection[str] = ()) -> ProgramInputs:
    """Gather variables and arguments, and call the callbacks among them, once for a start.

    References come first, then the ports of its own endpoints, then what the definition says; later wins.

    Args:
        resource: What is started.
        consumer: The same, as it asks for values.
        excluded: Names of the resources that the run does without; see ``exclusion``.

    Raises:
        StartError: A callback raised, or returned something that can't be a value.
    """
    environment: dict[str, ValueLike] = {}
    optional: set[str] = set()
    contributions: list[Contribution] = []
    for reference in resource.references:
        contribution = contribution_of(reference, consumer)
        variables = contribution.env
        if any(needs_excluded_resource(value, excluded) for value in variables.values()):
            continue
        contributions.append(contribution)
        environment |= variables
        optional = optional | set(variables) if reference.optional else optional - set(variables)
    for spec in resource.endpoints.values():
        if spec.env:
            environment[spec.env] = resource.endpoint(spec.name).target_port
    for variable in resource.environment:
        value: Any = variable.value
        if callable(value):
            value = await _called(value, resource, consumer, f"the callback of {variable.name}")
            _check(resource, value, f"the callback of {variable.name}")
        if needs_excluded_resource(value, excluded):
            continue
        environment[variable.name] = value
        optional.discard(variable.name)
    arguments = tuple(await _arguments(resource, consumer))
    if any(needs_excluded_resource(value, excluded) for value in arguments):
        raise StartError("an argument is made of what is excluded from this run", remedy="Exclude this resource too.")
    return ProgramInputs(environment, frozenset(optional), arguments, tuple(contributions))


def contribution_of(reference: Reference, consumer: Consumer) -> Contribution:
    """What one ``with_reference`` gives."""
    if reference.endpoint is not None:
        name = reference.connection_name or reference.target.name
        return Contribution(env=endpoint_variables(name, [reference.endpoint]))
    return reference.target.contribute(replace(consumer, connection_name=reference.connection_name))


async def _arguments(resource: Workload, consumer: Consumer) -> list[ValueLike]:
    arguments: list[ValueLike] = []
    for entry in resource.arguments:
        value: Any = entry.value
        if not callable(value):
            arguments.append(value)
            continue
        result = await _called(value, resource, consumer, "an argument callback")
        for one in result if isinstance(result, (list, tuple)) else [result]:
            _check(resource, one, "an argument callback")
            arguments.append(one)
    return arguments


async def _called(function: Callable[..., Any], resource: Workload, consumer: Consumer, what: str) -> Any:
    try:
        return await call_user_function(function, CallbackContext(resource, consumer.mode))
    except Exception as error:
        raise StartError(f"{what} raised {type(error).__name__}: {error}", resource=resource.name) from error


def _check(resource: Workload, value: object, what: str) -> None:
    if not is_value_like(value):
        raise StartError(
            f"{what} returned {'None' if value is None else type(value).__name__}",
            resource=resource.name,
            remedy="Return text, a number or a deferred value.",
        )


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
