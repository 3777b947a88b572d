"""Many tasks that are woken at once must not hold up the rest of the loop."""

from __future__ import annotations

import asyncio

from fairlead.engines.turns import Turns


async def test_a_few_go_on_at_once_in_their_order() -> None:
    """In one turn of the loop no more tasks than agreed may go on, in their order, and none may be forgotten."""
    turns = Turns(3)
    gone_on: list[int] = []
    turn_of_loop = 0

    async def work(number: int) -> None:
        await turns.take()
        gone_on.append(number)
        in_turn.append(turn_of_loop)

    in_turn: list[int] = []
    tasks = [asyncio.ensure_future(work(number)) for number in range(20)]
    await asyncio.sleep(0)
    tasks[5].cancel()
    while not all(task.done() for task in tasks):
        turn_of_loop += 1
        await asyncio.sleep(0)
    assert gone_on == [number for number in range(20) if number != 5]
    assert max(in_turn.count(turn) for turn in in_turn) <= 4  # our look at the loop is not quite in step with it
    assert len(set(in_turn)) >= 5


async def test_who_is_alone_waits_for_nobody() -> None:
    """A task that is the only one must go on at once, again and again."""
    turns = Turns(1)
    for _ in range(3):
        taking = turns.take()
        try:
            taking.send(None)
        except StopIteration:
            pass
        else:
            raise AssertionError("it had to wait")
        for _ in range(3):
            await asyncio.sleep(0)
    assert not turns._is_counting
