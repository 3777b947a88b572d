"""A time limit for code that may ignore its cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def with_time_limit(seconds: float, work: Coroutine[Any, Any, T], what: str) -> T:
    """Await something that has to come to an end.

    Unlike ``asyncio.timeout`` this returns in time even if the work ignores its cancellation; the work then keeps
    running and its result is dropped. When the caller is cancelled, the work is too.

    Args:
        seconds: How long it may take.
        work: What is awaited; what it raises is raised here.
        what: Names it, for the message.

    Raises:
        TimeoutError: It has not come to an end.
        RuntimeError: It was cancelled, and not by the caller.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_look_at)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        raise TimeoutError(f"{what} has not come to an end within {seconds:g} s")
    if task.cancelled():
        raise RuntimeError(f"{what} was cancelled from within")
    return task.result()


def _look_at(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()  # an error that comes too late to be raised is not worth a warning of asyncio's
