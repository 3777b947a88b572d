"""What happened to a resource, in words and in order; from its snapshots, and from those who gave it commands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.support.control import control
from tests.support.stage import stage

from fairlead import AppBuilder, HealthReport, State, WaitView
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Removal, Snapshot
from fairlead.runtime.events.book import KEPT_OF_EACH, EventBook
from fairlead.runtime.events.changes import happenings
from fairlead.testing import InMemory

UNHEALTHY, HEALTHY = HealthStatus.UNHEALTHY, HealthStatus.HEALTHY


def a(state: State, **fields: Any) -> Snapshot:
    return Snapshot(name="a", kind="In memory", state=state, **fields)


def report(status: HealthStatus, words: str, at: float = 0.0) -> HealthReport:
    return HealthReport("GET /", status, words, at)


def wait(name: str, satisfied: bool = False) -> WaitView:
    return WaitView(name, "healthy", satisfied, 1.0, "" if satisfied else "starting")


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        (None, a(State.NOT_STARTED), []),
        (a(State.NOT_STARTED), a(State.STARTING), [("state", "busy", "Starting")]),
        (a(State.STARTING), a(State.RUNNING, properties=(("pid", "7"),)), [("state", "ok", "Started, pid 7")]),
        (a(State.STARTING), a(State.FAILED_TO_START, reason="no"), [("state", "bad", "Failed to start: no")]),
        (a(State.STARTING), a(State.VALUE_MISSING, reason="no"), [("state", "warn", "No value: no")]),
        (a(State.RUNNING), a(State.RUNTIME_UNHEALTHY, reason="gone"), [("state", "bad", "Lost: gone")]),
        (a(State.RUNNING), a(State.EXITED, exit_code=3), [("state", "bad", "Ended with exit code 3")]),
        (a(State.RUNNING), a(State.FINISHED, exit_code=0), [("state", "ok", "Finished")]),
        (a(State.RUNNING), a(State.FINISHED, exit_code=9, stop_requested=True), [("state", "idle", "Stopped")]),
        (a(State.STARTING), a(State.STARTING, word="ErrImagePull", reason="x"), [("state", "bad", "ErrImagePull: x")]),
        (a(State.STARTING), a(State.WAITING, waits=(wait("b"), wait("c"))), [("wait", "wait", "Waits for b, c")]),
        (
            a(State.WAITING, waits=(wait("b"), wait("c"))),
            a(State.WAITING, waits=(wait("b", True), wait("c"))),
            [("wait", "wait", "b is ready; still waits for c")],
        ),
        (
            a(State.WAITING, waits=(wait("b", True), wait("c"))),
            a(State.STARTING, waits=(wait("b", True), wait("c", True))),
            [("wait", "wait", "Waits over: b, c"), ("state", "busy", "Starting")],
        ),
        (
            a(State.RUNNING, health=UNHEALTHY, started_at=10.0),
            a(State.RUNNING, health=HEALTHY, started_at=10.0, reports=(report(HEALTHY, "answered 200", 11.8),)),
            [("health", "ok", "Became healthy, 1.8 s after its start")],
        ),
        (
            a(State.RUNNING, health=HEALTHY, ready=True),
            a(State.RUNNING, health=UNHEALTHY, ready=True, reports=(report(UNHEALTHY, "answered 503"),)),
            [("health", "warn", "Became unhealthy: GET /: answered 503")],
        ),
        (a(State.STARTING, health=None), a(State.STARTING, health=UNHEALTHY), []),
        (a(State.STARTING), a(State.STARTING, outputs=("value",)), [("value", "idle", "Made known: value")]),
    ],
)
def test_what_a_change_means(before: Snapshot | None, after: Snapshot, news: list[Any]) -> None:
    """Each change that matters must be one event, in words, with how good the news is."""
    assert [tuple(happening) for happening in happenings(before, after)] == news


@pytest.fixture
def book() -> EventBook:
    return EventBook(clock=clock(count(100.0)))


def clock(times: Iterator[float]) -> Any:
    return lambda: next(times)


def test_numbers_rise_and_the_oldest_go(book: EventBook) -> None:
    """The events of each resource must be bounded, numbered in one row, and carry the number of its start."""
    for number in range(KEPT_OF_EACH + 1):
        book.record_one(a(State.RUNNING, starts=number), "command", "ok", str(number))
        book.record_one(Snapshot(name="b", kind="x"), "command", "ok", "b")
    kept = book.of("a")
    assert (len(kept), kept[0].text, kept[0].number, kept[0].generation) == (KEPT_OF_EACH, "1", 3, 1)
    assert kept[0].time == 102.0
    assert [event.number for event in book.feed.after(400)] == [401, 402]


def test_those_of_what_is_gone_are_dropped(book: EventBook) -> None:
    """Pods come and go without end, so their events must go with them."""
    book.note_change(None, a(State.RUNNING))
    assert [event.text for event in book.of("a")] == ["Started"]
    book.note_change(a(State.RUNNING), Removal("a", 2))
    assert book.of("a") == ()


def define(app: AppBuilder) -> None:
    app.add_parameter("key", "k")
    app.add(InMemory("a")).with_command("seed", lambda: "seeded 3 rows", display="Seed it").with_command("fail", fail)


def fail() -> None:
    raise ValueError("no disk")


async def test_commands_and_values(tmp_path: Path) -> None:
    """A command must leave who asked for it and how it went, and a parameter that it was given a value."""
    async with stage(define) as shown, control(shown.host, tmp_path) as api:
        await shown.wait_healthy("a")
        await api.ask("POST", "/api/resources/a/commands/seed", {})
        await api.ask("POST", "/api/resources/a/commands/fail", {})
        await api.ask("POST", "/api/resources/a/commands/restart", {})
        await api.ask("POST", "/api/parameters/key", {"value": "s3cret"})
        await shown.wait_healthy("a")
        events = (await api.get("/api/resources/a/events"))["events"]
        texts = [event["text"] for event in events if event["kind"] == "command"]
        assert texts == [
            "Seed it was asked for by the command line",
            "Seed it: seeded 3 rows",
            "fail was asked for by the command line",
            "fail failed: fail raised ValueError: no disk",
            "Restart was asked for by the command line",
        ]
        assert [event["generation"] for event in events if event["text"] == "Started"] == [1, 2]
        values = [event.text for event in shown.host.run.events.of("key") if event.kind == "value"]
        assert values == ["Made known: value", "Was given a value", "Made known: value"]
