"""What the functions of a definition are called with, and how they are called."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from fairlead.model.consumer import Mode
from fairlead.model.value import ValueLike

if TYPE_CHECKING:
    from fairlead.model.resource import Resource

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CallbackContext:
    """What an environment or argument callback is told.

    Args:
        resource: The resource whose environment or arguments are made.
        mode: Whether the app runs or is published.
    """

    resource: Resource
    mode: Mode

    @property
    def is_run_mode(self) -> bool:
        """Whether the app runs on this machine."""
        return self.mode is Mode.RUN

    @property
    def is_publish_mode(self) -> bool:
        """Whether the app is published."""
        return self.mode is Mode.PUBLISH


class ActionContext(Protocol):
    """What hooks, commands and health checks are called with while the app runs."""

    @property
    def resource(self) -> Resource:
        """The resource it is about."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What a command was given, by the names of its inputs; empty for anything but a command."""

    def log(self, text: str) -> None:
        """Write a line into the resource's log."""

    async def resolve(self, value: ValueLike) -> str:
        """The text of a value as this host sees it; waits until it is available."""


EnvironmentCallback: TypeAlias = Callable[..., ValueLike | Awaitable[ValueLike]]
ArgumentsCallback: TypeAlias = Callable[..., Any]
Hook: TypeAlias = Callable[..., Any]


def call(function: Callable[..., T], context: object) -> T:
    """Call a function of the definition with the context, or without when it needs no argument.

    A parameter with a default is the function's own business: ``lambda name=name: …`` keeps the value of a loop.
    """
    parameters = _parameters(function)
    return function(context) if any(map(_takes_context, parameters)) else function()


def needs_more(function: Callable[..., Any]) -> bool:
    """Whether a function needs other arguments than a context, so that it can't be called."""
    needed = [parameter for parameter in _parameters(function) if parameter.default is parameter.empty]
    positional = [parameter for parameter in needed if parameter.kind in _POSITIONAL]
    return len(positional) > 1 or any(parameter.kind is parameter.KEYWORD_ONLY for parameter in needed)


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:  # some built-in callables have no signature
        return []


def _takes_context(parameter: inspect.Parameter) -> bool:
    is_needed = parameter.kind in _POSITIONAL and parameter.default is parameter.empty
    return is_needed or parameter.kind is parameter.VAR_POSITIONAL
