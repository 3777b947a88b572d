"""What health checks over HTTP report."""

from __future__ import annotations

import asyncio

from fairlead import AppBuilder, apphost
from fairlead.model.snapshot import HealthReport
from fairlead.runtime.lifecycle.health import interval
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
            bad = await report(running, "answers 503")
            statuses[0] = "200 OK"
            good = await report(running, "answers 200")

    assert (bad.description, good.description) == ("answers 503, not 200", "answers 200")


def test_how_often_who_is_unhealthy_is_asked() -> None:
    """Who waits must be told within a quarter of the time that it took, and someone who stays away not be pestered."""
    passed = 0.0
    pauses: list[float] = []
    while passed < 60:
        pauses.append(interval(len(pauses)))
        assert pauses[-1] <= 0.05 + passed / 4 + 1e-9
        passed += pauses[-1]
    assert len(pauses) < 30
    assert pauses == sorted(pauses) and pauses[-1] == interval(10_000) == 5
