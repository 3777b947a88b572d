"""Waiting for a state instead of sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def until(state: Callable[[], T], what: str, within: float = 10.0) -> T:
    """Wait until a state is there, looking every few milliseconds.

    Args:
        state: Looks at the world; what it returns is true once the state is there.
        what: Names the state, for the failure's message.
        within: Seconds after which the test fails.

    Returns:
        What ``state`` returned.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not (seen := state()):
        if loop.time() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (seen last: {seen!r})")
        await asyncio.sleep(0.005)
    return seen
