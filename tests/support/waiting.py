"""Waiting for a state instead of sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 40.0
"""Seconds after which a test fails that waits for what takes one or two on a quiet machine."""
_PAUSE = 0.1


async def until(state: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """Wait until a state is there, looking every few milliseconds.

    Args:
        state: Looks at the world; what it returns is true once the state is there. It must be quick: see
            ``until_seen``.
        what: Names the state, for the failure's message.
        within: Seconds after which the test fails.

    Returns:
        What ``state`` returned.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    began = loop.time()
    while not (seen := state()):
        if loop.time() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (seen last: {seen!r})")
        # A look that takes its time takes it from what is waited for: most of it is left to that.
        await asyncio.sleep(max(0.005, 5 * (loop.time() - began)))
        began = loop.time()
    return seen


async def until_seen(look: Callable[[], T], what: str, within: float = PATIENCE) -> T:
    """Wait until a state is there that takes a while to look at, such as one that a command tells.

    Each look has a thread, and there is a pause between them: what the test itself serves meanwhile, such as a
    connection to the engine, is not held up. The pause is as long as the look, so that half of the machine is left to
    what is waited for.

    Args:
        look: As ``state`` of ``until``.
        what: Names the state.
        within: Seconds after which the test fails.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    began = loop.time()
    while not (seen := await asyncio.to_thread(look)):
        if loop.time() > deadline:
            raise AssertionError(f"not within {within:g} s: {what} (seen last: {seen!r})")
        await asyncio.sleep(max(_PAUSE, loop.time() - began))
        began = loop.time()
    return seen
