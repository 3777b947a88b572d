"""Calling the functions of a definition, ``def`` or ``async def``, from code that has no event loop."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Coroutine
from importlib import import_module
from inspect import isawaitable
from typing import Any

from fairlead.model.endpoints.consumer import Mode
from fairlead.model.programs.inputs import CallbackContext
from fairlead.model.resource import Resource
from fairlead.model.user_functions import call


class Callbacks:
    """Calls each function of a definition once per publish, whichever environments ask for its result."""

    def __init__(self) -> None:
        self._results: dict[tuple[int, int], Any] = {}

    def result(self, function: Callable[..., Any], resource: Resource) -> Any:
        """What a function gives for a resource in a published app.

        Args:
            function: Of no argument or of a ``CallbackContext``.
            resource: Whose environment or arguments are made.
        """
        key = id(function), id(resource)
        if key not in self._results:
            self._results[key] = call_and_wait(function, CallbackContext(resource, Mode.PUBLISH))
        return self._results[key]


def call_and_wait(function: Callable[..., Any], context: CallbackContext) -> Any:
    """Call a function and, where it returns something to wait for, wait for that.

    A coroutine that waits for nothing is driven by hand, which saves the import of asyncio; any other gets an event
    loop in a thread, because the caller may be in one already.
    """
    result = call(function, context)
    if not isawaitable(result):
        return result
    if "asyncio" not in sys.modules:
        try:
            return _drive(_coroutine(result))
        except RuntimeError as error:
            # Only a coroutine that imports asyncio itself gets here; it asked for a loop before it did anything else.
            if "event loop" not in str(error):
                raise
        result = call(function, context)
    return _in_thread(_coroutine(result))


async def _coroutine(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


def _in_thread(coroutine: Coroutine[Any, Any, Any]) -> Any:
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(import_module("asyncio").run(coroutine))
        except BaseException as error:
            errors.append(error)

    thread = import_module("threading").Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
