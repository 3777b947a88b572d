"""Logs that cost something must be followed only while somebody reads them."""

from __future__ import annotations

import asyncio

from fairlead.runtime.logs.book import LogBook

POD = "cluster/pod/default/web"


async def test_the_first_reader_and_the_last_are_told() -> None:
    """Who offers a log must be told of its first reader and of the end of its last one, and of no other."""
    book = LogBook()
    told: list[bool] = []
    book.demand.offer(POD, told.append)
    readings = []
    for ids in ([POD], [POD, "a"], None):
        readings.append(asyncio.ensure_future(anext(book.follow(ids))))
        await asyncio.sleep(0)
        assert told == [True]
    for reading, expected in zip(readings, ([True], [True, False], [True, False]), strict=True):
        reading.cancel()
        await asyncio.wait([reading])
        assert told == expected


def test_an_offer_that_comes_late() -> None:
    """A log that is read already must be followed as soon as it is offered, and no more once the offer is withdrawn."""
    demand = LogBook().demand
    told: list[bool] = []
    with demand.reading([POD]):
        demand.offer(POD, told.append)
        assert told == [True]
        demand.withdraw(POD)
    assert told == [True]


async def test_what_was_there_before_is_waited_for() -> None:
    """Who reads without following must get what the log has, once it has caught up; and nobody must wait for ever."""
    demand = LogBook().demand

    def read_soon(is_read: bool) -> None:
        asyncio.get_running_loop().call_soon(demand.caught_up, POD)

    demand.offer(POD, read_soon)
    for _ in range(2):
        with demand.reading([POD, "a"]):
            assert not demand._caught_up[POD].is_set()
            await demand.wait_until_caught_up([POD, "a"], 40)
            assert demand._caught_up[POD].is_set()
        demand._caught_up[POD].clear()
    demand.offer(POD, lambda is_read: None)
    await demand.wait_until_caught_up([POD], 0)
