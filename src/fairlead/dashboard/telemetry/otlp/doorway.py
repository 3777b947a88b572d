"""One port for both ways in: the first bytes of a connection tell HTTP/2, and so gRPC, from HTTP/1.1."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from fairlead.dashboard.telemetry.otlp.limits import CONNECTIONS
from fairlead.engines.tasks import TaskScope

_PREFACE: Final = b"PRI"
"""How every connection of HTTP/2 begins, and no request of HTTP/1.1 does (RFC 9113, 3.4)."""


class WayIn(Protocol):
    """A protocol that is spoken behind the door."""

    @property
    def connections(self) -> int:
        """How many connections speak it at present."""

    async def protocol(self, transport: asyncio.Transport) -> asyncio.Protocol:
        """A protocol for one more connection; what has to be loaded is loaded first."""


class Doorway:
    """Lets connections in, up to a number, and gives each to the protocol that it speaks.

    Args:
        http: Speaks HTTP/1.1.
        grpc: Speaks HTTP/2.
        tasks: Owns the tasks in which connections are let in.
        seconds: How long a connection may say nothing at first.
    """

    def __init__(self, http: WayIn, grpc: WayIn, tasks: TaskScope, seconds: float) -> None:
        self.seconds = seconds
        self._http = http
        self._grpc = grpc
        self.tasks = tasks
        self.entering: set[asyncio.Transport] = set()
        """Connections that have not told yet what they speak."""

    @property
    def is_full(self) -> bool:
        """Whether no more connections are let in."""
        return len(self.entering) + self._http.connections + self._grpc.connections >= CONNECTIONS

    def protocol(self) -> asyncio.Protocol:
        """A protocol for one connection."""
        return _Entering(self)

    def way_in(self, first: bytes) -> WayIn:
        """What a connection speaks, by its first bytes."""
        return self._grpc if first.startswith(_PREFACE) else self._http

    def close(self) -> None:
        """Cut the connections that have not told yet what they speak."""
        for transport in list(self.entering):
            transport.abort()


class _Entering(asyncio.Protocol):
    """A connection that has not told yet what it speaks."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        self._first = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._doorway.is_full:
            transport.abort()
            return
        self._doorway.entering.add(transport)
        self._timer = asyncio.get_running_loop().call_later(self._doorway.seconds, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._first += data
        if len(self._first) >= len(_PREFACE) and not self._transport.is_closing():
            self._transport.pause_reading()
            self._doorway.tasks.spawn(self._enter(), "letting a connection in")

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()

    def _leave(self) -> None:
        self._doorway.entering.discard(self._transport)
        if self._timer is not None:
            self._timer.cancel()

    async def _enter(self) -> None:
        """Let the protocol that is spoken take over."""
        protocol = await self._doorway.way_in(self._first).protocol(self._transport)
        if self._transport.is_closing():
            return
        self._leave()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        self._transport.resume_reading()
        protocol.data_received(self._first)
