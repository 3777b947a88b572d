"""What a loop that carries on after errors must not lose."""

from __future__ import annotations

import asyncio

from fairlead.engines.tasks import stop_if_cancelled


async def fails_when_cancelled() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ValueError("the connection broke") from None


async def carries_on(begun: asyncio.Event, rounds: list[int]) -> None:
    """A loop that takes an error for no reason to end."""
    while True:
        rounds.append(len(rounds))
        begun.set()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails_when_cancelled())
        except* ValueError:
            stop_if_cancelled()


async def test_a_cancellation_is_not_lost_in_an_error() -> None:
    """A task that is cancelled while something in it fails must end, and not go on after the error."""
    begun, rounds = asyncio.Event(), list[int]()
    async with asyncio.timeout(40), asyncio.TaskGroup() as group:
        task = group.create_task(carries_on(begun, rounds))
        await begun.wait()
        await asyncio.sleep(0)  # what fails has begun as well
        task.cancel()
    assert task.cancelled()
    assert rounds == [0]


async def test_a_task_that_is_not_cancelled_goes_on() -> None:
    """Nothing must be raised in a task that nobody cancels."""
    stop_if_cancelled()
