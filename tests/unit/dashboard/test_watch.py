"""The watch stream: complete after each connect, without loss or doubling, and not delayed by slow readers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.control import Control, control
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import AppBuilder
from fairlead.runtime.usage.book import Usage, UsageSample
from fairlead.testing import InMemory

NAMES = ["a", "b", "c"]


def define(app: AppBuilder) -> None:
    for name in NAMES:
        app.add(InMemory(name))


@pytest.fixture
async def shown() -> AsyncIterator[Stage]:
    async with stage(define) as shown:
        for name in NAMES:
            await shown.wait_healthy(name)
        yield shown


@pytest.fixture
async def api(shown: Stage, tmp_path: Path) -> AsyncIterator[Control]:
    async with control(shown.host, tmp_path) as api:
        yield api


async def next_of(lines: AsyncIterator[Any], kind: str) -> Any:
    """The next line of a kind."""
    async for line in lines:
        if line["kind"] == kind:
            return line
    raise AssertionError(f"the stream has ended without {kind}")


async def until_present(lines: AsyncIterator[Any]) -> list[Any]:
    """The lines before the one that says that all were sent."""
    before: list[Any] = []
    async for line in lines:
        if line["kind"] == "present":
            return before
        before.append(line)
    raise AssertionError("the stream has ended")


async def test_first_comes_everything_there_is(shown: Stage, api: Control) -> None:
    """Each present resource must come once before the line that says so, then causes and usage."""
    shown.host.run.usage.add(UsageSample(10.0, {"a": Usage(1.5, 2048)}))
    shown.host.run.usage.add(UsageSample(11.0, {"a": Usage(2.5, 4096)}))
    async with api.follow("/api/watch") as lines:
        before = await until_present(lines)
        assert [line["kind"] for line in before] == ["snapshot"] * 3
        assert sorted(line["snapshot"]["id"] for line in before) == NAMES
        rest = [await anext(lines) for _ in range(3)]
    assert {"kind": "causes", "causes": []} in rest
    usage = [line for line in rest if line["kind"] == "usage"]
    assert usage == [
        {"kind": "usage", "time": 10.0, "values": {"a": [1.5, 2048]}},
        {"kind": "usage", "time": 11.0, "values": {"a": [2.5, 4096]}},
    ]


async def test_an_empty_app_is_present_at_once(tmp_path: Path) -> None:
    """Without any resource the stream must say that all were sent."""
    async with (
        stage(lambda app: None) as shown,
        control(shown.host, tmp_path) as api,
        api.follow("/api/watch") as lines,
    ):
        assert await anext(lines) == {"kind": "present", "version": 0, "order": []}


async def test_the_order_is_that_of_the_definition(shown: Stage, api: Control) -> None:
    """However the snapshots come, the line behind them must tell in which order the definition has them."""
    async with api.follow("/api/watch") as lines:
        assert (await next_of(lines, "present"))["order"] == NAMES


async def test_changes_come_with_their_events_and_causes(shown: Stage, api: Control) -> None:
    """A failure must come as a snapshot, as an event with the number of its start, and in the list of causes."""
    async with api.follow("/api/watch") as lines:
        await until_present(lines)
        assert await next_of(lines, "causes") == {"kind": "causes", "causes": []}
        shown.memory("b").exit(3)
        kinds: Counter[str] = Counter()
        causes: list[Any] = []
        async for line in lines:
            kinds[line["kind"]] += 1
            if line["kind"] == "causes":
                causes = line["causes"]
            if causes and kinds["snapshot"] and kinds["event"]:
                break
    assert [cause["resource"] for cause in causes] == ["b"]


async def test_reconnecting_loses_and_doubles_nothing(shown: Stage, api: Control) -> None:
    """However often a client connects again, versions and events must rise, and the last state be the present one."""
    versions: list[int] = []
    seen: dict[str, Any] = {}
    for number in range(4):
        async with api.follow("/api/watch") as lines:
            present = await until_present(lines)
            assert sorted(line["snapshot"]["id"] for line in present) == NAMES
            for line in present:
                seen[line["snapshot"]["id"]] = line["snapshot"]
            restart = asyncio.ensure_future(shown.command("a", "restart"))
            versions, numbers = [], []
            async for line in lines:
                if line["kind"] == "snapshot":
                    versions.append(line["snapshot"]["version"])
                    seen[line["snapshot"]["id"]] = line["snapshot"]
                if line["kind"] == "event":
                    numbers.append(line["event"]["number"])
                if seen["a"]["starts"] == number + 2 and seen["a"]["ready"] and numbers:
                    break
            await restart
            assert versions == sorted(set(versions))
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert {id: snapshot["version"] for id, snapshot in seen.items()} == {
        snapshot.id: snapshot.version for snapshot in shown.host.run.bus.all()
    }


async def test_a_slow_reader_holds_nobody_up(shown: Stage, api: Control) -> None:
    """A client that does not read must not delay others, and gets the newest state when it reads again."""
    reader, writer = await asyncio.open_unix_connection(str(api.socket), limit=2**24)
    writer.write(b"GET /api/watch HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    for number in range(300):
        shown.host.run.usage.add(UsageSample(float(number), {f"r{each}": Usage(1.0, each) for each in range(200)}))
        async with api.follow("/api/watch") as lines:
            await until_present(lines)
        if number == 150:
            await shown.command("c", "restart")
    await shown.command("c", "stop")
    reader._transport.resume_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(40):
        while True:
            line = await reader.readline()
            if line.startswith(b'{"kind":"snapshot"'):
                snapshot = json.loads(line)["snapshot"]
                if snapshot["id"] == "c" and snapshot["stop_requested"]:
                    break
    writer.close()


async def test_the_stream_says_that_it_is_alive(api: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line must come again and again though nothing happens."""
    monkeypatch.setattr("fairlead.dashboard.routes.watch.ALIVE_SECONDS", 0.02)
    async with api.follow("/api/watch") as lines:
        await next_of(lines, "alive")
        await next_of(lines, "alive")


async def test_the_stream_ends_with_the_run(tmp_path: Path) -> None:
    """When the run ends, its last states must come, and then the end."""
    async with stage(define) as shown, control(shown.host, tmp_path) as api:
        async with api.follow("/api/watch") as lines:
            await until_present(lines)
            await shown.host.stop()
            states = {
                line["snapshot"]["id"]: line["snapshot"]["state"] async for line in lines if line["kind"] == "snapshot"
            }
        await until(lambda: set(states) == set(NAMES), "the end of all")
        assert set(states.values()) == {"Finished"}
