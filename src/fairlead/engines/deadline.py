"""``asyncio.timeout`` for code that cleans up, which may run in a task that is being cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def deadline(limit: asyncio.Timeout) -> AsyncIterator[None]:
    """Cancel the block when a limit of ``asyncio.timeout`` expires, and raise ``TimeoutError``."""
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    try:
        async with limit:
            yield
    except asyncio.CancelledError:
        # Before Python 3.11.4 (Debian 12 has 3.11.2) asyncio raises this for a limit that expired where the task had
        # been cancelled earlier (python/cpython#102780).
        if limit.expired() and task.cancelling() <= before:
            raise TimeoutError from None
        raise
