"""A receiver of telemetry in a test: what it was sent, and clients that speak to it byte by byte."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fairlead.dashboard.telemetry.otlp.receiver import Receiver
from fairlead.dashboard.telemetry.records import LogRecord, MetricPoint, Span

TOKEN = "t0ken-of-api"
AUTHORIZATION = f"Bearer {TOKEN}"


@dataclass
class Collected:
    """A sink that keeps everything."""

    spans: list[Span] = field(default_factory=list)
    logs: list[LogRecord] = field(default_factory=list)
    points: list[MetricPoint] = field(default_factory=list)

    def add_spans(self, spans: Sequence[Span]) -> None:
        self.spans += spans

    def add_logs(self, records: Sequence[LogRecord]) -> None:
        self.logs += records

    def add_points(self, points: Sequence[MetricPoint]) -> None:
        self.points += points


@dataclass
class Received(Collected):
    """What a receiver was sent, and where it is."""

    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def resource_of(token: str) -> str | None:
    """The resource of the one token that is right."""
    return "api" if token == TOKEN else None


@asynccontextmanager
async def receiving(seconds: float = 20.0) -> AsyncIterator[Received]:
    """A receiver on a port of its own; a request has some seconds to arrive."""
    listening = socket.create_server(("127.0.0.1", 0))
    received = Received(port=listening.getsockname()[1])
    receiver = Receiver(resource_of, received, seconds)
    await receiver.start(listening)
    try:
        yield received
    finally:
        await receiver.close()


async def exchange(port: int, data: bytes) -> bytes:
    """Send bytes, and return all that is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await reader.read()
    finally:
        writer.close()
