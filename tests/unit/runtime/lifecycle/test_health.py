"""What health checks over HTTP report."""

from __future__ import annotations

import asyncio
import inspect
import sys
from contextlib import suppress

import pytest
from tests.support.definitions import build
from tests.support.kinds import Odd, OddDriver

from fairlead import AppBuilder, Apphost, Health, HealthStatus, Resource, State, apphost
from fairlead.model.health import HealthFunction
from fairlead.model.observation.snapshot import HealthReport
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.host import Host
from fairlead.runtime.lifecycle import health
from fairlead.runtime.lifecycle.early_checks import EarlyChecks
from fairlead.runtime.lifecycle.health import interval, interval_after_output
from fairlead.runtime.run_options import RunOptions
from fairlead.testing import InMemory, Running, testing
from fairlead.testing.listening import Listener


@apphost
def shop(app: AppBuilder) -> None:
    app.add(InMemory("api")).with_http_endpoint().with_http_health_check("/healthz")


async def report(running: Running, beginning: str) -> HealthReport:
    """The report of the check once it begins in a certain way."""
    bus = running.host.run.bus

    def found() -> bool:
        return any(report.description.startswith(beginning) for report in bus.current("api").reports)

    async with asyncio.timeout(60):
        await bus.wait_until(found)
    return bus.current("api").reports[0]


async def test_nobody_answers() -> None:
    """Where nobody listens the report must say so in plain words, and name the check once."""
    async with testing(shop) as running:
        found = await report(running, "conn")

    assert (found.name, found.description) == ("GET /healthz", "connection refused")


async def test_wrong_status() -> None:
    """Where the answer is another one the report must say which, and which was wanted; then that it is right."""
    statuses = ["503 Busy"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {statuses[0]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())

    async with testing(shop) as running:
        port = int(running.endpoint("api").rpartition(":")[2])
        async with Listener(answer) as listener:
            await listener.open_tcp(port)
            bad = await report(running, "answered 503")
            statuses[0] = "200 OK"
            good = await report(running, "answered 200")

    assert (bad.description, good.description) == ("answered 503, expected 200", "answered 200")


@apphost
def with_checks(app: AppBuilder) -> None:
    app.add(InMemory("api")).with_http_endpoint().with_http_health_check("/").with_tcp_health_check()


async def test_who_listens_on_the_other_loopback_address() -> None:
    """A service that listens on ::1 only must be found healthy, as its callers at ``localhost`` find it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the check that only connects
            await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    async with testing(with_checks) as running, Listener(answer) as listener:
        await listener.open_tcp(int(running.endpoint("api").rpartition(":")[2]), "::1")
        healthy = await running.wait_healthy("api")

    assert {"answered 200"} < {report.description for report in healthy.reports}


async def cancelled() -> None:
    raise asyncio.CancelledError


def exiting() -> None:
    sys.exit(5)


@pytest.mark.parametrize(
    ("check", "text"), [(cancelled, "it was cancelled from within"), (exiting, "it called sys.exit(5)")]
)
async def test_a_check_that_ends_oddly(check: HealthFunction, text: str) -> None:
    """A check that cancels itself or exits must be unhealthy with that reason, each time, and end nothing."""
    asked, often = 0, asyncio.Event()

    async def count() -> bool:
        nonlocal asked
        asked += 1
        if asked > 3:
            often.set()
        answer = check()
        return bool(await answer if inspect.isawaitable(answer) else answer)

    async with testing(app_of(InMemory("api").with_health_check(count, name="odd"))) as running:
        bus = running.host.run.bus
        async with asyncio.timeout(60):
            await often.wait()
        assert bus.current("api").health is HealthStatus.UNHEALTHY
        assert text in bus.current("api").reports[0].description


class Exiting(Odd):
    driver = f"{__name__}:ExitingDriver"


class ExitingDriver(OddDriver):
    async def health(self) -> Health | None:
        sys.exit(6)


async def test_a_drivers_health_that_exits() -> None:
    """``sys.exit()`` in the health of a driver must be unhealthy, and not end the host."""
    async with testing(app_of(Exiting("api"))) as running:
        bus = running.host.run.bus
        async with asyncio.timeout(60):
            await bus.wait_until(lambda: bool(bus.current("api").reports))
        assert "sys.exit(6)" in bus.current("api").reports[0].description


async def test_a_check_that_is_named_like_the_kind() -> None:
    """A user's check with the name of the kind must be asked beside the kind's own, not be replaced by it."""
    resource = InMemory("api", healthy=True)
    resource.with_health_check(lambda: False, name=resource.kind)
    async with testing(app_of(resource)) as running:
        bus = running.host.run.bus
        async with asyncio.timeout(60):
            await bus.wait_until(lambda: bool(bus.current("api").reports))
        reports = {report.name: report.status for report in bus.current("api").reports}
        assert reports == {"In memory": HealthStatus.UNHEALTHY, "In memory'": HealthStatus.HEALTHY}
        assert bus.current("api").health is HealthStatus.UNHEALTHY


async def test_a_limit_of_being_unhealthy() -> None:
    """Where a run has a limit, what does not become healthy in time must end as a failure, with its check's answer."""
    options = RunOptions(behavior=WaitBehavior.FAIL_FAST, isolated=True, environ={}, wait_limit=0.05)
    resource = InMemory("api", healthy=False)

    def define(app: AppBuilder) -> None:
        app.add(resource)
        app.add(InMemory("web").wait_for(resource))

    host = await Host.open(build(define), options)
    try:
        await host.start()
        async with asyncio.timeout(60):
            await host.run.bus.wait_until(lambda: host.is_over)
        api, web = host.run.bus.current("api"), host.run.bus.current("web")
        assert api.end_failure.startswith("it was not healthy within 0.05 s (In memory: the test says so)")
        assert web.state is State.FAILED_TO_START
        assert [failed.name for failed in host.failures] == ["api", "web"]
    finally:
        await host.close()


async def test_a_limit_of_waiting_for_what_nobody_starts() -> None:
    """Where a run has a limit, a wait for an explicit start must fail when it is over, with what was missing."""
    options = RunOptions(behavior=WaitBehavior.FAIL_FAST, isolated=True, environ={}, wait_limit=0.05)

    def define(app: AppBuilder) -> None:
        db = app.add(InMemory("db").with_explicit_start())
        app.add(InMemory("web").wait_for(db))

    host = await Host.open(build(define), options)
    try:
        await host.start()
        async with asyncio.timeout(60):
            await host.run.bus.wait_until(lambda: host.is_over)
        assert "it has waited 0.05 s for db to be running" in host.run.bus.current("web").reason
    finally:
        await host.close()


def app_of(resource: Resource) -> Apphost:
    def define(app: AppBuilder) -> None:
        app.add(resource)

    return Apphost(define, name="shop")


def test_how_often_who_is_unhealthy_is_asked() -> None:
    """Who waits must be told within a quarter of the time that it took, and someone who stays away not be pestered."""
    passed = 0.0
    pauses: list[float] = []
    while passed < 60:
        pauses.append(interval(len(pauses)))
        assert pauses[-1] <= 0.025 + passed / 4 + 1e-9
        passed += pauses[-1]
    assert len(pauses) < 35
    assert pauses == sorted(pauses) and pauses[-1] == interval(10_000) == 5


async def test_who_writes_something_is_asked_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource that is not healthy must be asked again when it has written something, whatever the interval is."""
    monkeypatch.setattr(health, "interval", lambda tries: 1000.0)
    early, asked = EarlyChecks(), asyncio.Semaphore(0)

    async def check() -> Health:
        asked.release()
        return Health.unhealthy("starting")

    watching = asyncio.ensure_future(health.watch({"it": health.Check(check)}, lambda reports: None, early))
    async with asyncio.timeout(60):
        for _ in range(3):
            await asked.acquire()
            early.wrote()
    watching.cancel()
    await asyncio.wait([watching])


async def test_a_change_that_the_driver_tells_of_is_seen_at_once() -> None:
    """A healthy resource must be asked again when its driver says that its health has changed."""
    early, answers = EarlyChecks(), [Health.unhealthy("its pods are gone"), Health.healthy()]
    seen: asyncio.Queue[HealthStatus] = asyncio.Queue()

    async def check() -> Health:
        return answers.pop()

    watching = asyncio.ensure_future(
        health.watch({"it": health.Check(check)}, lambda reports: seen.put_nowait(health.worst(reports)), early)
    )
    async with asyncio.timeout(20):
        assert await seen.get() is HealthStatus.HEALTHY
        early.changed()
        assert await seen.get() is HealthStatus.UNHEALTHY
    watching.cancel()
    await asyncio.wait([watching])


def test_who_writes_all_the_time_is_not_asked_all_the_time() -> None:
    """Output must shorten the pauses to a small part of the time that has passed, and not to nothing."""
    assert [interval_after_output(elapsed) for elapsed in (0, 1, 4, 40, 1000)] == [0.025, 0.025, 0.1, 1, 5]
