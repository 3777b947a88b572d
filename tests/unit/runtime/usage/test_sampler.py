"""Samples must tell what each resource uses, and the dear ones be taken only for somebody."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from fairlead.model.observation.usage import ResourceUse
from fairlead.runtime.usage.book import Usage, UsageBook
from fairlead.runtime.usage.sampler import SampledReplica, Sampler, by_id, usage_between


class Machine:
    """Something that takes half of a core and some memory; its clock is moved by the test."""

    def __init__(self, memory: float = 100.0) -> None:
        self.now = 0.0
        self.memory = memory
        self.asked = 0

    async def use(self) -> ResourceUse:
        self.asked += 1
        return ResourceUse(self.now / 2, self.memory, measured_at=self.now)


async def sample(sampler: Sampler, *machines: Machine, monkeypatch: pytest.MonkeyPatch, seconds: float = 1.0) -> None:
    for machine in machines:
        machine.now += seconds
    monkeypatch.setattr("time.time", lambda: machines[0].now)
    await sampler.sample()


async def test_usage_is_the_difference_of_two_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reading tells nothing yet; from the second on the share of a core must be known."""
    book = UsageBook()
    sampler, machine = Sampler(book), Machine()
    sampler.add(SampledReplica("api"), machine.use, is_cheap=True)
    await sample(sampler, machine, monkeypatch=monkeypatch)
    assert not book.things
    await sample(sampler, machine, monkeypatch=monkeypatch)
    assert [(each.time, each.values) for each in book.things] == [(2.0, {"api": Usage(50.0, 100.0)})]
    sampler.remove(SampledReplica("api"))
    await sample(sampler, machine, monkeypatch=monkeypatch)
    assert (machine.asked, book.count) == (2, 1)


async def test_what_is_dear_is_asked_only_for_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container must not be asked about while nobody watches, and for a minute after the last watcher has gone."""
    book = UsageBook()
    sampler, process, container = Sampler(book), Machine(), Machine(7.0)
    sampler.add(SampledReplica("api"), process.use, is_cheap=True)
    sampler.add(SampledReplica("pg"), container.use, is_cheap=False)
    for _ in range(2):
        await sample(sampler, process, container, monkeypatch=monkeypatch)
    assert (process.asked, container.asked) == (2, 0)
    async with aclosing(book.follow()) as samples:
        assert [set(each.values) for each in await anext(samples)] == [{"api"}]
        for _ in range(2):
            await sample(sampler, process, container, monkeypatch=monkeypatch)
        assert [each.values["pg"] for each in book.things if "pg" in each.values] == [Usage(50.0, 7.0)]
    assert book.is_watched
    monkeypatch.setattr("fairlead.runtime.usage.book.WATCHED_SECONDS", 0.0)
    await sample(sampler, process, container, monkeypatch=monkeypatch)
    assert (process.asked, container.asked) == (5, 2)


async def test_an_engine_that_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has not answered must hold nothing up and not be asked again; one that fails must be left out."""
    monkeypatch.setattr("fairlead.runtime.usage.sampler._ANSWER_SECONDS", 0.0)
    book = UsageBook()
    sampler, process, asked = Sampler(book), Machine(), []

    async def hangs() -> ResourceUse | None:
        asked.append(1)
        await asyncio.get_running_loop().create_future()
        return None

    async def fails() -> ResourceUse | None:
        raise RuntimeError("the engine is away")

    sampler.add(SampledReplica("slow"), hangs, is_cheap=True)
    sampler.add(SampledReplica("broken"), fails, is_cheap=True)
    sampler.add(SampledReplica("api"), process.use, is_cheap=True)
    for _ in range(4):
        await sample(sampler, process, monkeypatch=monkeypatch)
        await asyncio.sleep(0)
    assert {id for each in book.things for id in each.values} == {"api"}
    assert len(asked) == 1
    sampler.remove(SampledReplica("slow"))


def test_readings_that_are_too_far_apart() -> None:
    """A pause must not be shown as an average, and a process that has gone not as a negative number."""
    now = ResourceUse(5.0, 10.0)
    assert usage_between(None, now, 1.0) is None
    assert usage_between(ResourceUse(4.0, 1.0), now, 60.0) is None
    assert usage_between(ResourceUse(9.0, 1.0), now, 1.0) == Usage(0.0, 10.0)


def test_replicas_are_told_one_by_one_and_together() -> None:
    """A resource must have the sum of its replicas."""
    usages = {SampledReplica("api", "api-1"): Usage(10.0, 1.0), SampledReplica("api", "api-2"): Usage(20.0, 2.0)}
    assert by_id({**usages, SampledReplica("web"): Usage(1.0, 4.0)}) == {
        "api-1": Usage(10.0, 1.0),
        "api-2": Usage(20.0, 2.0),
        "api": Usage(30.0, 3.0),
        "web": Usage(1.0, 4.0),
    }
