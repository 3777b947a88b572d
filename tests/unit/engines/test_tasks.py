"""Things that run at the same time, and belong to the one that started them."""

from __future__ import annotations

import asyncio

import pytest

from fairlead.engines.tasks import run_all


async def returns(number: int) -> int:
    await asyncio.sleep(0)
    return number


async def fails(begun: asyncio.Event) -> int:
    """Fail when it is cancelled, as a client does whose connection breaks in the same moment."""
    begun.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ValueError("the connection broke") from None
    return 0


async def carries_on(begun: asyncio.Event, rounds: list[int]) -> None:
    """A loop that takes an error for no reason to end."""
    while True:
        rounds.append(len(rounds))
        try:
            await run_all("test", fails(begun), returns(1))
        except ValueError:
            continue


async def test_results_come_in_order() -> None:
    """Each thing must give its result in its place, and nothing must give none."""
    assert await run_all("test", returns(1), returns(2), returns(3)) == [1, 2, 3]
    assert await run_all("test") == []


async def test_an_error_ends_the_others() -> None:
    """The first error must be raised as it is, once the others have ended."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def lasts() -> int:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()
        return 0

    async def refuses() -> int:
        await begun.wait()
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await run_all("test", lasts(), refuses())
    assert ended.is_set()


async def test_a_cancellation_is_not_lost_in_an_error() -> None:
    """A task that is cancelled while something in it fails must end, and not carry on after the error."""
    begun, rounds = asyncio.Event(), list[int]()
    async with asyncio.timeout(40), asyncio.TaskGroup() as group:
        task = group.create_task(carries_on(begun, rounds))
        await begun.wait()
        task.cancel()
    assert task.cancelled()
    assert rounds == [0]
