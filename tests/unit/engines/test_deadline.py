"""A time limit for code that cleans up."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.engines.deadline import deadline


async def test_it_expires_in_a_cancelled_task_too() -> None:
    """What a cancelled task does at its end must get a TimeoutError when it takes too long, as anybody does."""
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            try:
                async with deadline(asyncio.timeout(0)):
                    await asyncio.Event().wait()
            except TimeoutError:
                seen.append("expired")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["expired"]


async def test_a_cancellation_is_none_of_its_business() -> None:
    """Who is cancelled within a limit must end as cancelled; and a limit that does not expire changes nothing."""

    async def work() -> None:
        async with deadline(asyncio.timeout(1000)):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    limit = asyncio.timeout(None)
    async with deadline(limit):
        assert limit.when() is None
