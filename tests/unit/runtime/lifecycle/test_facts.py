"""What a snapshot says beyond the state: its waits, line, icon, addresses, times, and the summary of all of it."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.support.stage import stage

from fairlead import AppBuilder, Declaration, EndpointView, HealthReport, Location, State, WaitView
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.wait import WaitBehavior, WaitKind
from fairlead.runtime.lifecycle.health import with_times
from fairlead.runtime.lifecycle.state_text import summary_of
from fairlead.runtime.lifecycle.waits import PendingConditions, merged_waits, why_not
from fairlead.runtime.plan import PlannedValue, PlannedWait
from fairlead.testing import InMemory


def target(state: State, **fields: Any) -> Snapshot:
    return Snapshot(name="pg", kind="In memory", state=state, **fields)


def test_waits_keep_their_times() -> None:
    """A wait must be shown from its beginning, and with the time of its end once it is over."""
    clock = count(100.0)
    conditions: list[PlannedWait | PlannedValue] = [
        PlannedWait("pg", WaitKind.READY),
        PlannedValue("key", "value", "key"),
    ]
    pending = PendingConditions(conditions, WaitBehavior.KEEP_WAITING, lambda _: None, clock=lambda: next(clock))
    key = Snapshot(name="key", kind="Parameter", state=State.VALUE_MISSING)
    pending.missing({"pg": target(State.STARTING), "key": key}, 0)
    assert pending.waits == (
        WaitView("pg", "healthy", satisfied=False, since=100.0, why_not="starting"),
        WaitView("key", "value", satisfied=False, since=101.0, why_not="no value"),
    )
    up = target(State.RUNNING, health=HealthStatus.HEALTHY, ready=True)
    pending.missing({"pg": up, "key": key}, 0)
    pending.missing({"pg": target(State.STOPPING), "key": key}, 0)
    assert pending.waits == (
        WaitView("pg", "healthy", satisfied=True, since=102.0),
        WaitView("key", "value", satisfied=False, since=101.0, why_not="no value"),
    )
    assert [wait.took for wait in pending.waits] == [2.0, None]
    pending.skip()
    assert [wait.resource for wait in pending.waits] == ["pg", "key"]


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (target(State.NOT_STARTED), "not started"),
        (target(State.NOT_STARTED, reason="starts on request"), "starts on request"),
        (target(State.NOT_STARTED, stop_requested=True), "stopped"),
        (target(State.WAITING), "waiting"),
        (target(State.BUILDING), "building"),
        (target(State.RUNNING, health=HealthStatus.UNHEALTHY), "not healthy yet"),
        (target(State.RUNNING, health=HealthStatus.UNHEALTHY, ready=True), "unhealthy"),
        (target(State.RUNNING, health=HealthStatus.HEALTHY), "on_ready not done"),
        (target(State.RUNNING, health=HealthStatus.UNHEALTHY, ready_failure="boom"), "on_ready failed"),
        (target(State.RUNNING, health=HealthStatus.HEALTHY, ready=True), "running"),
        (target(State.FINISHED, exit_code=3), "exited 3"),
        (target(State.EXITED, exit_code=-9), "killed by SIGKILL"),
        (target(State.FINISHED), "ended"),
        (target(State.FINISHED, exit_code=0, stop_requested=True), "stopped"),
        (target(State.FAILED_TO_START, reason="a long story"), "failed to start"),
        (target(State.VALUE_MISSING), "no value"),
        (target(State.RUNTIME_UNHEALTHY), "its engine is down"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_why_not(snapshot: Snapshot, words: str) -> None:
    """In each state a few words must say why it is not waited for in vain, or why it is."""
    assert why_not(snapshot) == words


def test_waits_for_the_same_are_one() -> None:
    """Several values of one resource must be one wait, which is over when all are known."""
    waits = [
        WaitView("pg", "value", satisfied=True, since=1.0),
        WaitView("pg", "value", satisfied=False, since=2.0, why_not="starting"),
        WaitView("pg", "healthy", satisfied=True, since=3.0),
    ]
    assert merged_waits(waits) == (waits[1], waits[2])


def test_since_when_a_check_finds_the_same() -> None:
    """A status must keep the time of the first of its reports in a row."""

    def report(status: HealthStatus, at: float) -> HealthReport:
        return HealthReport("GET /", status, "", at)

    first = with_times([report(HealthStatus.UNHEALTHY, 1.0)], ())
    second = with_times([report(HealthStatus.UNHEALTHY, 2.0)], first)
    third = with_times([report(HealthStatus.HEALTHY, 3.0)], second)
    assert [each[0].since for each in (first, second, third)] == [1.0, 1.0, 3.0]


def test_where_it_is_declared() -> None:
    """The file must be told relative to the folder of the app file, others in full, and an unknown line not at all."""
    folder = Path("/app")
    assert Declaration.of(Location("/app/parts/db.py", 3), folder) == Declaration("parts/db.py", 3)
    assert Declaration.of(Location("/lib/kit.py", 3), folder) == Declaration("/lib/kit.py", 3)
    assert Declaration.of(Location("", 0), folder) is None


@pytest.mark.parametrize(
    ("snapshot", "text"),
    [
        (
            target(
                State.WAITING,
                waits=(
                    WaitView("key", "value", False, 1.0, "no value"),
                    WaitView("cache", "healthy", True, 1.0),
                    WaitView("db", "healthy", False, 1.0, "starting"),
                ),
            ),
            "for key (no value), db (starting)",
        ),
        (
            target(
                State.RUNNING,
                health=HealthStatus.UNHEALTHY,
                reports=(
                    HealthReport("GET /", HealthStatus.UNHEALTHY, "answered 503, expected 200", 0, "200", "503"),
                    HealthReport("TCP connect", HealthStatus.UNHEALTHY, "port 80: refused", 0, "a connection", "x"),
                ),
            ),
            "GET / answered 503, expected 200; TCP connect: port 80: refused",
        ),
        (target(State.NOT_STARTED, stop_requested=True), "stopped"),
        (target(State.FINISHED, exit_code=0), ""),
    ],
    ids=["waiting", "unhealthy", "stopped before it was up", "finished"],
)
def test_the_summary(snapshot: Snapshot, text: str) -> None:
    """One line must say all that matters about a resource."""
    assert summary_of(snapshot) == text


def define(app: AppBuilder) -> None:
    key = app.add_parameter("key")
    app.add(InMemory("api")).with_http_endpoint(port=18181).with_environment("KEY", key).with_icon("rocket")
    app.add_container("web", "nginx:1.22").with_http_endpoint(port=18182, target_port=80).with_explicit_start()


async def test_a_run_shows_all_of_it() -> None:
    """While a resource waits, and once it runs, its snapshot must say what it waits for and where it is."""
    async with stage(define) as shown:
        waiting = await shown.until("api", lambda snapshot: snapshot.summary == "for key (no value)")
        assert waiting.state is State.WAITING
        (wait,) = waiting.waits
        assert (wait.resource, wait.condition, wait.satisfied) == ("key", "value", False)
        assert waiting.state_since is not None and wait.since is not None
        assert waiting.declared is not None and waiting.declared.line == shown.app["api"].where.line
        assert (waiting.icon, shown.host.run.bus.current("key").icon) == ("rocket", "parameter")
        web = shown.host.run.bus.current("web")
        assert (web.icon, web.summary) == ("container", "starts on request")

        await shown.host.values.set_parameter("key", "k")
        running = await shown.reach("api", State.RUNNING)
        assert [(wait.resource, wait.satisfied, wait.why_not) for wait in running.waits] == [("key", True, "")]
        (key,) = (variable for variable in running.environment if variable.name == "KEY")
        assert (key.origin, key.origin_resource) == ("parameter key", "key")
        assert running.endpoints[0] == EndpointView("http", "http://localhost:18181", "host")
        assert running.endpoints[1].seen_from == "container"
        assert running.endpoints[1].address.startswith("http://host.docker.internal:")
        assert running.state_since is not None and running.state_since >= waiting.state_since
