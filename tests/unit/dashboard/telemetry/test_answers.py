"""Telemetry over the control API: what is found, in which order, and what followers get."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.control import Control, control
from tests.support.records import TRACE, hex_id, log, point, span
from tests.support.stage import stage

from fairlead import AppBuilder, State
from fairlead.dashboard.telemetry import pace
from fairlead.dashboard.telemetry.store.telemetry_store import TelemetryStore
from fairlead.runtime.host import Host
from fairlead.runtime.usage.book import Usage, UsageSample
from fairlead.testing import InMemory

SECRET = "s3cret-value"


def define(app: AppBuilder) -> None:
    """Two resources that send, one that does not, and a secret."""
    key = app.add_parameter("key", SECRET, secret=True)
    app.add(InMemory("web").with_environment("KEY", key))
    app.add(InMemory("api").with_http_endpoint(port=18090))
    app.add(InMemory("cache").with_endpoint(name="tcp", port=18091))
    app.add_external_service("pay", "https://pay.example")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Control]:
    async with stage(define) as shown:
        await shown.reach("web", State.RUNNING)
        await shown.reach("pay", State.ACTIVE)
        async with control(shown.host, tmp_path) as api:
            yield api


@pytest.fixture
def store(api: Control) -> TelemetryStore:
    return api.server.telemetry.store


def host_of(api: Control) -> Host:
    """The host that is served."""
    return api.server._served.host


# Logs


def numbers(answer: Any) -> list[int]:
    """The numbers of the entries of an answer."""
    return [each["id"] for each in answer["logs"]]


async def test_the_newest_entries_are_given(api: Control, store: TelemetryStore) -> None:
    """Without a place the last entries must be given, before a number those before it, behind one the first behind."""
    store.add_logs([log(str(n), by="web" if n % 2 else "api") for n in range(1, 1001)])
    path = "/api/telemetry/logs?limit=3"
    assert numbers(await api.get(path)) == [998, 999, 1000]
    assert numbers(await api.get(f"{path}&before=10")) == [7, 8, 9]
    behind = await api.get(f"{path}&after=10&r=WEB")
    assert (numbers(behind), behind["cursor"]) == ([11, 13, 15], 15)
    assert numbers(await api.get(f"{path}&after=999")) == [1000]
    assert (await api.get(f"{path}&after=1000"))["cursor"] == 1000
    assert len((await api.get("/api/telemetry/logs"))["logs"]) == 200


async def test_entries_are_counted(api: Control, store: TelemetryStore) -> None:
    """Counts must be of all that match: by resource whatever is ticked, by level whatever the lowest is."""
    store.add_logs([log(f"order {n}", by="web" if n % 2 else "api", severity=9 + n % 10) for n in range(100)])
    for more in ("", "&q=ORDER", "&f=message~order"):
        counts = (await api.get(f"/api/telemetry/logs?r=api&level=warn{more}"))["counts"]
        assert counts["resources"] == {"api": 30, "web": 30}
        assert counts["total"] == 30
        assert counts["levels"] == {"trace": 0, "debug": 0, "info": 20, "warn": 20, "error": 10, "fatal": 0}
    assert (await api.get("/api/telemetry/logs?q=nothing"))["counts"]["total"] == 0


async def test_the_entries_of_a_trace(api: Control, store: TelemetryStore) -> None:
    """Entries must be found by trace and span, and the trace tell how many each span has."""
    store.add_spans([span(1), span(2, 1)])
    store.add_logs([log(str(n), trace_id=TRACE, span_id=hex_id(n)) for n in (1, 2, 2, 9)])
    assert len((await api.get(f"/api/telemetry/logs?trace={TRACE}"))["logs"]) == 4
    assert numbers(await api.get(f"/api/telemetry/logs?trace={TRACE}&span={hex_id(2)}")) == [2, 3]
    spans = (await api.get(f"/api/telemetry/traces/{TRACE}"))["spans"]
    assert [each["logs"] for each in spans] == [1, 2]
    assert len((await api.get(f"/api/telemetry/traces/{TRACE}/spans/{hex_id(2)}"))["logs"]) == 2


async def test_followers_get_what_comes_once(api: Control, store: TelemetryStore) -> None:
    """A follower must get what is there and then what comes; one that comes back go on where it was."""
    store.add_logs([log(str(n)) for n in range(5)])
    async with api.follow("/api/telemetry/logs?follow=1&limit=2") as entries:
        assert [(await anext(entries))["message"] for _ in range(2)] == ["3", "4"]
        store.add_logs([log("5"), log("6", by="web")])
        last = [await anext(entries) for _ in range(2)]
    assert [each["message"] for each in last] == ["5", "6"]
    store.add_logs([log("7"), log("8", severity=17)])
    async with api.follow(f"/api/telemetry/logs?follow=1&after={last[0]['id']}") as entries:
        assert [(await anext(entries))["message"] for _ in range(3)] == ["6", "7", "8"]
    async with api.follow(f"/api/telemetry/logs?follow=1&after={last[0]['id']}&level=error") as entries:
        assert (await anext(entries))["message"] == "8"


async def test_what_was_lost_is_said(api: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that were dropped before they were read must make a gap with their number."""
    store = api.server.telemetry.store
    monkeypatch.setattr(store.logs, "_limit", 10)
    store.add_logs([log(str(n)) for n in range(25)])
    async with api.follow("/api/telemetry/logs?follow=1&after=3") as entries:
        assert await anext(entries) == {"kind": "gap", "lost": 12}
        assert (await anext(entries))["id"] == 16
    assert (await api.get("/api/telemetry/logs"))["kept"] == {"dropped": 15, "limit": 10}


async def test_streams_end_with_the_run(api: Control, store: TelemetryStore) -> None:
    """Followers must get what there is and then the end, when the run ends."""
    store.add_logs([log("last")])
    store.add_spans([span(1)])
    async with (
        api.follow("/api/telemetry/logs?follow=1") as entries,
        api.follow("/api/telemetry/traces?follow=1") as traces,
    ):
        await anext(entries)
        await anext(traces)
        await host_of(api).stop()
        assert [each async for each in entries] == []
        assert [each async for each in traces] == []


async def test_wrong_questions_are_refused(api: Control) -> None:
    """What is not there, and what can't be understood, must be refused as a wrong request, with what to do."""
    for path, message in (
        ("logs/7", "there is no structured log entry 7 The last 100,000 entries of this run are kept."),
        ("logs/x", "there is no structured log entry x The last 100,000 entries of this run are kept."),
        ("logs?level=loud", "level=loud is not a level The levels are trace, debug, info, warn, error, fatal."),
        (f"traces/{TRACE}", f"there is no trace {TRACE} The last 10,000 traces of this run are kept."),
        ("edges?from=web", "an edge has two ends Give both from= and to=."),
    ):
        assert await api.refused("GET", f"/api/telemetry/{path}") == (400, message)
    assert (await api.refused("GET", "/api/telemetry/logs?f=total"))[0] == 400
    assert (await api.refused("GET", "/api/telemetry/plots?f=total"))[0] == 400
    assert (await api.refused("GET", "/api/telemetry/edges?from=web&to=nowhere"))[0] == 400
    assert (await api.refused("POST", "/api/telemetry/import", {"resourceSpans": 1}))[0] == 400


# Traces


def ids(answer: Any) -> list[int]:
    """The numbers of the traces of an answer."""
    return [int(each["trace_id"], 16) for each in answer["traces"]]


async def test_traces_are_found(api: Control, store: TelemetryStore) -> None:
    """Traces must come newest first, by resource, duration, errors and text, with their counts."""
    for n in range(1, 21):
        failed = "error" if n % 4 == 0 else "unset"
        by = "api" if n % 2 else "web"
        store.add_spans([span(1, None, n, n + n / 10, by, trace_id=hex_id(n, 32), status=failed, attributes={"n": n})])
    path = "/api/telemetry/traces"
    everything = await api.get(f"{path}?limit=3")
    assert ids(everything) == [20, 19, 18]
    assert everything["counts"] == {"total": 20, "errors": 5, "slow": 16, "resources": {"api": 10, "web": 10}}
    assert ids(await api.get(f"{path}?limit=2&before=18")) == [17, 16]
    assert ids(await api.get(f"{path}?errors=1&min=1.5&r=web")) == [20, 16]
    found = await api.get(f"{path}?q=n<%3D2&r=web")
    assert (ids(found), found["counts"]["resources"]) == ([2], {"api": 1, "web": 1})
    assert ids(await api.get(f"{path}?q={hex_id(9, 32)}")) == [9]


async def test_the_order_of_spans_is_that_of_the_waterfall(api: Control, store: TelemetryStore) -> None:
    """A trace must be given depth first, with what calls a resource that sends nothing drawn under that."""
    client = {"server.address": "127.0.0.1", "server.port": host_of(api).run.bus.current("cache").urls[0].url[-5:]}
    store.add_spans(
        [
            span(3, 2, 2.0, 3.0, kind="client", attributes=client),
            span(4, 2, 3.5, 4.0, kind="client", attributes={"url.full": "https://pay.example/x"}),
            span(1, None, 0.0, 5.0, "web"),
            span(2, 1, 1.0, 4.5),
        ]
    )
    document = await api.get(f"/api/telemetry/traces/{TRACE.upper()}")
    shown = [(each["resource"], each["sender"], each["depth"], each["offset"]) for each in document["spans"]]
    assert shown == [("web", "web", 0, 0), ("api", "api", 1, 1), ("cache", "api", 2, 2), ("pay", "api", 2, 3.5)]
    assert [share["resource"] for share in document["trace"]["shares"]] == ["api", "web", "cache", "pay"]
    assert [each["longest_path"] for each in document["spans"]] == [True] * 4
    edge = await api.get("/api/telemetry/edges?from=cache&to=api")
    assert (edge["rate"], edge["kind"]) == (0, "requests")  # it was long ago


async def test_a_span_is_compared_with_others(api: Control, store: TelemetryStore) -> None:
    """A span must be compared with the same operation of other traces."""
    for n in range(1, 10):
        store.add_spans([span(1, None, n, n + n, trace_id=hex_id(n, 32), name="GET /")])
    details = await api.get(f"/api/telemetry/traces/{hex_id(9, 32)}/spans/{hex_id(1)}")
    assert (details["comparison"]["count"], details["comparison"]["faster"]) == (8, 1.0)
    assert details["resource_attributes"] == [{"name": "service.name", "value": "api"}]
    assert (await api.refused("GET", f"/api/telemetry/traces/{hex_id(9, 32)}/spans/{hex_id(2)}"))[0] == 400


async def test_followers_of_traces_get_each_change(api: Control, store: TelemetryStore) -> None:
    """A follower must get what is kept, each trace again when it grows, and only what is asked for."""
    store.add_spans([span(2, 1, trace_id=hex_id(1, 32)), span(1, trace_id=hex_id(2, 32), by="web")])
    async with api.follow("/api/telemetry/traces?follow=1&r=api") as traces:
        first = await anext(traces)
        assert (int(first["trace_id"], 16), first["running"]) == (1, True)
        store.add_spans([span(1, trace_id=hex_id(3, 32), by="web"), span(1, trace_id=hex_id(1, 32))])
        grown = await anext(traces)
        assert (int(grown["trace_id"], 16), grown["running"], grown["spans"]) == (1, False, 2)
    cursor = (await api.get("/api/telemetry/traces"))["cursor"]
    store.add_spans([span(1, trace_id=hex_id(4, 32), by="web")])
    async with api.follow(f"/api/telemetry/traces?follow=1&after={cursor}") as traces:
        assert int((await anext(traces))["trace_id"], 16) == 4


async def test_a_trace_goes_to_another_run(api: Control, store: TelemetryStore) -> None:
    """An exported trace must be shown where it is imported, once however often that is done, with its logs."""
    store.add_spans([span(1, None, 1.0, 3.0, "web"), span(2, 1, 1.0, 2.0)])
    store.add_logs([log("here", trace_id=TRACE, span_id=hex_id(2), time=1.5)])
    document = await api.get(f"/api/telemetry/traces/{TRACE}/export")
    mine = await api.get(f"/api/telemetry/traces/{TRACE}")
    assert await api.ask("POST", "/api/telemetry/import", document) == (200, {"traces": [TRACE]})
    assert await api.get(f"/api/telemetry/traces/{TRACE}") == mine  # what is known here already stays
    other = api.server.telemetry.store = api.server.telemetry.store.__class__()
    for _ in range(2):
        await api.ask("POST", "/api/telemetry/import", document)
    theirs = await api.get(f"/api/telemetry/traces/{TRACE}")
    assert [each["resource"] for each in theirs["spans"]] == ["web", "api"]
    assert (theirs["trace"]["imported"], mine["trace"]["imported"]) == (True, False)
    assert len(other.logs.of_trace(TRACE)) == 1
    assert {"name": "fairlead.imported", "value": "true"} in (await api.get("/api/telemetry/logs"))["logs"][0]["sender"]


async def test_secrets_are_masked(api: Control, store: TelemetryStore) -> None:
    """A secret of the app must be in no answer, wherever a program has put it."""
    inside = {"token": SECRET, "list": [SECRET], "exception.type": "E", "exception.message": SECRET}
    store.add_spans([span(1, name=SECRET, attributes=inside, status_message=SECRET)])
    store.add_logs([log(f"it is {SECRET}", attributes=inside, trace_id=TRACE)])
    store.add_points([point("a", time.time(), 1, attributes=inside), point("a", time.time(), 2)])
    for path in (
        *("logs", "logs/1", "traces", f"traces/{TRACE}", f"traces/{TRACE}/spans/{hex_id(1)}"),
        *(f"traces/{TRACE}/export", "instruments", "plots"),
    ):
        answer = str(await api.get(f"/api/telemetry/{path}"))
        assert SECRET not in answer and "***" in answer, path


# Metrics


async def test_plots_have_points_marks_and_the_use_of_the_machine(api: Control, store: TelemetryStore) -> None:
    """Plots must have what was sent and what the host has measured, and what happened to resources meanwhile."""
    host, now = host_of(api), time.time()
    store.add_points([point("orders", now - 60 + n, n, "counter", attributes={"kind": n % 2}) for n in range(0, 60, 2)])
    store.add_points([point("depth", now, 5, by="web")])
    for second in range(3):
        host.run.usage.add(UsageSample(now - 3 + second, {"api": Usage(10.0, 1e6), "web": Usage(1.0, 1.0)}))
    await host.supervisor.runner("api").restart()
    listed = await api.get("/api/telemetry/instruments?r=api")
    assert [each["title"] for each in listed["instruments"]] == ["CPU", "Memory", "Orders"]
    assert listed["without_data"] == 1
    answer = await api.get("/api/telemetry/plots?r=api&window=60")
    cpu, memory, orders = answer["plots"]
    assert (cpu["unit"], cpu["summary"], memory["unit"], memory["summary"]) == ("%", 10.0, "By", 1e6)
    assert orders["unit"] == "/s" and orders["series"][0]["latest"] == pytest.approx(1.0)
    assert [mark["text"] for mark in answer["marks"]] == ["api restarted"]
    await host.values.set_parameter("key", "another-value")
    marks = (await api.get("/api/telemetry/plots?r=web&window=60"))["marks"]
    assert "key has a new value" in [mark["text"] for mark in marks]
    one = await api.get("/api/telemetry/plots?instrument=depth&instrument=orders&f=kind=1")
    assert [plot["instrument"] for plot in one["plots"]] == []
    assert len((await api.get("/api/telemetry/plots?instrument=orders&f=kind=0"))["plots"]) == 1


# The loop


async def test_long_answers_leave_the_loop_to_others(
    api: Control, store: TelemetryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While much is looked through, others must have their turn between any few slices of the work."""
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)  # so that each slice counts as long enough
    store.add_logs([log(f"order {n}", attributes={"n": n}) for n in range(2000)])
    store.add_spans([span(1, trace_id=hex_id(n, 32), attributes={"n": n}) for n in range(400)])
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count())
    try:
        for question, total in (("logs?f=n>=1990", 10), ("traces?q=n>=399", 1)):
            turns = 0
            assert (await api.get(f"/api/telemetry/{question}"))["counts"]["total"] == total
            assert turns >= 2000 // 20 // 4
    finally:
        counting.cancel()
