"""Connections to the control API: how they are accepted, and how many there may be."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Final

from aiohttp import web

MOST: Final = 256
"""Connections that are served at the same time."""
IDLE_SECONDS: Final = 15.0
"""Seconds after which a connection is closed that asks for nothing."""
_BACKLOG: Final = 128
_MOST_REFUSED: Final = 64
_REFUSED_SECONDS: Final = 2.0

_BODY = json.dumps(
    {
        "error": {
            "kind": "FairleadError",
            "message": f"the app's host has {MOST} connections already",
            "resource": None,
            "remedy": "Close some of the programs that follow its logs or resources.",
            "exit_code": 1,
        }
    }
).encode()
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY


async def serve(server: web.Server, listening: socket.socket) -> asyncio.Server:
    """Accept connections on a socket until what is returned is closed; too many are refused with 503.

    Without a free file descriptor nothing is accepted for a second, then it is tried again.

    Args:
        server: Answers the requests; its connections on all sockets count.
        listening: Is bound already; closed together with what is returned.
    """
    refused: set[_Refusal] = set()

    def protocol() -> asyncio.Protocol:
        return server() if len(server.connections) < MOST else _Refusal(refused)

    loop = asyncio.get_running_loop()
    # With a backlog of 1 asyncio accepts one connection at a time. With more it would try as often when there is no
    # descriptor left, and report and retry each failure by itself. The queue of the system is then made longer again.
    if listening.family == socket.AF_UNIX:
        accepting = await loop.create_unix_server(protocol, sock=listening, backlog=1)
    else:
        accepting = await loop.create_server(protocol, sock=listening, backlog=1)
    listening.listen(_BACKLOG)
    return accepting


class _Refusal(asyncio.Protocol):
    """A connection too many: it is told so when it asks, and closed.

    Args:
        others: All of them that are open.
    """

    def __init__(self, others: set[_Refusal]) -> None:
        self._others = others
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait a moment for the request: closed before, the connection would seem to be broken."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._others.add(self)
        if len(self._others) > _MOST_REFUSED:
            transport.abort()
        else:
            self._timer = asyncio.get_running_loop().call_later(_REFUSED_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Refuse what was asked, whatever it was."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_REFUSAL)
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self._others.discard(self)
        if self._timer is not None:
            self._timer.cancel()
