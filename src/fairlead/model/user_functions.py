"""The functions that a definition is given: what they may look like, and how they are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Hook: TypeAlias = Callable[..., Any]
"""A function as it is kept: of no argument or of one, the context; what it was given as, its method has checked."""


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
