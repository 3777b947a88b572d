"""Tasks with an owner: the one module that creates asyncio tasks outside a ``TaskGroup``.

A ``TaskGroup`` belongs to a block of code, cancels all of its tasks when one of them fails, and waits for them without
limit. Where tasks belong to a block, the package uses it. Some tasks belong to an object instead (the start of a
resource, a run, a connection), must not take each other down, and may run code of others that ignores its cancellation.
A :class:`TaskScope` owns those: it tells its owner of an error, and waits for the end of all tasks for a limited time.
No task of Fairlead is without an owner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

S = TypeVar("S")
T = TypeVar("T")

OnError = Callable[[Exception], None]


async def run_together(first: Coroutine[Any, Any, T], second: Coroutine[Any, Any, S]) -> tuple[T, S]:
    """Run two things at the same time and return both results, which may be of different types, as :func:`run_all`.

    Raises:
        BaseException: The error of the one that failed first, as it is.
    """
    works: tuple[Coroutine[Any, Any, Any], ...] = (first, second)
    one, other = await run_all("two together", *works)
    return one, other


class TaskScope:
    """The tasks of one object; its owner closes it.

    Args:
        name: Names the owner, for the names of tasks.
        on_error: Called with what a task of :meth:`spawn` raised; without it the event loop's handler reports that.
    """

    def __init__(self, name: str, on_error: OnError | None = None) -> None:
        self._name = name
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing is started in it any more."""
        return self._closed

    @property
    def tasks(self) -> frozenset[asyncio.Task[Any]]:
        """The tasks that have not ended yet."""
        return frozenset(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, object], what: str = "") -> asyncio.Task[object]:
        """Run work in a task that is not awaited; an error goes to ``on_error``.

        Args:
            work: What is run.
            what: What it does, for the task's name.

        Raises:
            RuntimeError: The scope is closed.
        """
        task = self.start(work, what)
        task.add_done_callback(self._report)
        return task

    def start(self, work: Coroutine[Any, Any, T], what: str = "") -> asyncio.Task[T]:
        """Run work in a task that the caller awaits; an error goes to the caller.

        ``sys.exit()`` in the work raises a ``RuntimeError``: it would end the event loop.

        Raises:
            RuntimeError: The scope is closed.
        """
        if self._closed:
            work.close()
            raise RuntimeError(f"{self._name} has ended, so nothing is started in it")
        task = asyncio.create_task(_without_exit(work), name=f"{self._name}: {what}" if what else self._name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # it has never begun if the task was cancelled before
        return task

    def cancel(self) -> frozenset[asyncio.Task[Any]]:
        """Cancel the tasks without waiting for them; nothing is started in the scope afterwards.

        Returns:
            The tasks, without the one that calls it.
        """
        self._closed = True
        tasks = frozenset(self._tasks - {asyncio.current_task()})
        for task in tasks:
            task.cancel()
        return tasks

    async def close(self, seconds: float | None = None) -> frozenset[asyncio.Task[Any]]:
        """Cancel the tasks and wait until they have ended; nothing is started in the scope afterwards.

        The task that calls it is left out, if it is one of them. May be called again.

        Args:
            seconds: How long to wait; without a limit by default.

        Returns:
            The tasks that still run, as they ignore their cancellation. What they raise later is dropped.
        """
        tasks = self.cancel()
        if not tasks:
            return frozenset()
        _, stubborn = await asyncio.wait(tasks, timeout=seconds)
        for task in stubborn:
            task.remove_done_callback(self._report)
            task.add_done_callback(_drop_result)
        return frozenset(stubborn)

    def _report(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, Exception):
            if self._on_error is not None:
                self._on_error(error)
            else:
                context = {"message": f"{task.get_name()} failed", "exception": error, "task": task}
                task.get_loop().call_exception_handler(context)


class Interrupted(Exception):
    """An event was set before the work had ended."""


async def unless_set(event: asyncio.Event, work: Coroutine[Any, Any, T], what: str) -> T:
    """Await work, and cancel it when an event is set first.

    Args:
        event: The event.
        work: What is awaited; what it raises is raised here.
        what: Names it, for the task's name.

    Raises:
        Interrupted: The event was set first.
    """
    scope = TaskScope(what)
    task, waiting = scope.start(work), scope.start(event.wait())
    try:
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Interrupted
        return task.result()
    finally:
        scope.cancel()


async def run_all(what: str, *works: Coroutine[Any, Any, T]) -> list[T]:
    """Run things at the same time and return their results in order; if one fails, the others are cancelled.

    For a loop that carries on after errors: where an error and a cancellation of the caller come together, the caller
    is cancelled. With a ``TaskGroup`` it would get the error alone (python/cpython#116720, until Python 3.13).

    Args:
        what: Names it, for the names of tasks.
        works: What is run.

    Raises:
        BaseException: The error of the one that failed first, as it is.
    """
    scope = TaskScope(what)
    tasks = [scope.start(work) for work in works]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done():
                task.result()  # raises its error
        return [task.result() for task in tasks]
    finally:
        await scope.close()


async def with_time_limit(seconds: float, work: Coroutine[Any, Any, T], what: str) -> T:
    """Await work of others for a limited time.

    Unlike ``asyncio.timeout`` this returns in time even if the work ignores its cancellation; the work then keeps
    running and its result is dropped. When the caller is cancelled, the work is too.

    Args:
        seconds: How long it may take.
        work: What is awaited; what it raises is raised here.
        what: Names it, for the message.

    Raises:
        TimeoutError: It has not ended in time.
        RuntimeError: It was cancelled, and not by the caller.
    """
    scope = TaskScope(what)
    task = scope.start(work)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        await scope.close(0)
    if not task.done() or (task.cancelled() and task.cancelling()):
        raise TimeoutError(f"{what} has not ended within {seconds:g} s")
    if task.cancelled():
        raise RuntimeError(f"{what} was cancelled from within")
    return task.result()


async def _without_exit(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except SystemExit as error:
        raise RuntimeError(f"it called sys.exit({error.code})") from error


def _drop_result(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()  # asyncio warns of an error that was never retrieved
