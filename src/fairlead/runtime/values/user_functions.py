"""Calling the functions of a definition, without letting any of them hold up the run.

``async def`` runs on the event loop. What is not may block, and so runs in a thread of its own: not in the loop's
executor, whose threads would be waited for when the loop is closed. A thread can't be ended from outside: one whose
answer nobody wants any longer is left alone, and ends with the process.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fairlead.model.user_functions import call

Outcome = Callable[[], Any]
"""What came of a call: returns what it returned, or raises what it raised."""


async def call_user_function(function: Callable[..., Any], context: object) -> Any:
    """What a function of the definition returns, called with the context or without.

    An awaitable that it returns is awaited on the event loop, wherever it was made.

    Raises:
        RuntimeError: It wants to end the program, which is not for it to decide.
        Exception: What the function raised.
    """
    return await UserFunction(function, context).call()


class UserFunction:
    """A function of the definition that is called repeatedly.

    While a call is still running in its thread, the next call waits for that one's result, so a function that never
    returns blocks one thread, not one per call.

    Args:
        function: ``def`` or ``async def``.
        context: What it is called with, if it takes an argument.
    """

    def __init__(self, function: Callable[..., Any], context: object) -> None:
        self._function = function
        self._context = context
        self._is_async = _is_async(function)
        self._running_call: asyncio.Future[Outcome] | None = None

    async def call(self) -> Any:
        """What it returns; see :func:`call_user_function`.

        Raises:
            Exception: What it raised.
        """
        try:
            result = call(self._function, self._context) if self._is_async else (await self._called())()
            return await result if inspect.isawaitable(result) else result
        except SystemExit as error:
            raise RuntimeError(f"it called sys.exit({error.code})") from error

    async def _called(self) -> Outcome:
        if self._running_call is None:
            self._running_call = _in_thread(self._function, self._context)
        outcome = await asyncio.shield(self._running_call)
        self._running_call = None
        return outcome


def _is_async(function: Callable[..., Any]) -> bool:
    """Whether calling a function only makes a coroutine, which can't block."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - not whether it can be called


def _in_thread(function: Callable[..., Any], context: object) -> asyncio.Future[Outcome]:
    loop = asyncio.get_running_loop()
    out: asyncio.Future[Outcome] = loop.create_future()
    variables = contextvars.copy_context()

    def work() -> None:
        outcome = variables.run(_outcome, function, context)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any longer
            loop.call_soon_threadsafe(out.set_result, outcome)

    threading.Thread(target=work, name=f"callback {getattr(function, '__name__', '')}".rstrip(), daemon=True).start()
    return out


def _outcome(function: Callable[..., Any], context: object) -> Outcome:
    """Call a function now; what it returned or raised comes when the outcome is called."""
    try:
        result = call(function, context)
    except BaseException as error:  # the awaiting task handles it; the thread can't
        return _raiser(error)
    return lambda: result


def _raiser(error: BaseException) -> Outcome:
    def raise_it() -> None:
        raise error

    return raise_it
