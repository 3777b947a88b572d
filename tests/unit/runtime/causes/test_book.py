"""The causes of a run are kept up to date for those who follow them, at a bounded cost."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
from tests.support.stage import stage

from fairlead import AppBuilder
from fairlead.runtime.causes import book, finding
from fairlead.testing import InMemory


def define(app: AppBuilder) -> None:
    app.add(InMemory("sick"))
    app.add(InMemory("well"))


async def test_time_alone_brings_a_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that stays unhealthy must become a cause once it has settled, though nothing changes any more."""
    monkeypatch.setattr("fairlead.runtime.causes.troubles.SETTLING_SECONDS", 0.4)
    async with stage(define) as shown:
        shown.memory("sick").healthy = False
        async with aclosing(shown.host.causes.follow()) as lists:
            async with asyncio.timeout(40):
                async for _, causes in lists:
                    if causes:
                        break
        assert [(cause.name, cause.severity) for cause in causes] == [("sick", "warning")]


async def test_a_burst_of_changes_is_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of changes must not be searched thousands of times, and the last must count."""
    searches = 0
    find = finding.find_causes

    def counted(*args: object, **kwargs: object) -> object:
        nonlocal searches
        searches += 1
        return find(*args, **kwargs)  # type: ignore[arg-type]

    async with stage(define) as shown:
        await shown.wait_healthy("well")
        async with aclosing(shown.host.causes.follow()) as lists:
            await anext(lists)
            monkeypatch.setattr(book, "find_causes", counted)
            bus, snapshot = shown.host.run.bus, shown.snapshot("well")
            for number in range(2000):
                bus.publish(replace(snapshot, starts=number))
                if number % 100 == 0:
                    await asyncio.sleep(0)
            shown.memory("sick").exit(3)
            async with asyncio.timeout(40):
                async for _, causes in lists:
                    if causes:
                        break
        assert [cause.name for cause in causes] == ["sick"]
        assert searches < 100
