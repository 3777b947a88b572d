"""The receiver of a run: what its resources send by OTLP, over HTTP and gRPC on one port of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from fairlead.dashboard.telemetry.otlp.doorway import Doorway
from fairlead.dashboard.telemetry.otlp.grpc import GrpcReceiver
from fairlead.dashboard.telemetry.otlp.http import HttpReceiver
from fairlead.dashboard.telemetry.otlp.intake import Intake
from fairlead.dashboard.telemetry.otlp.limits import BODY_SECONDS
from fairlead.dashboard.telemetry.sink import Sink
from fairlead.engines.serving import stop_listening
from fairlead.engines.tasks import TaskScope

_BACKLOG: Final = 128


class Receiver:
    """Receives telemetry.

    Args:
        resource_of: Tells which resource of the app a token belongs to; None for one that is wrong.
        sink: Where the records go.
        seconds: How long a request may take to arrive.
    """

    def __init__(self, resource_of: Callable[[str], str | None], sink: Sink, seconds: float = BODY_SECONDS) -> None:
        intake = Intake(resource_of, sink, seconds)
        self._tasks = TaskScope("telemetry")
        self._http = HttpReceiver(intake)
        self._grpc = GrpcReceiver(intake, self._tasks)
        self._doorway = Doorway(self._http, self._grpc, self._tasks, seconds)
        self._server: asyncio.Server | None = None

    async def start(self, listening: socket.socket) -> None:
        """Serve on a socket that is bound, where connections may wait already.

        Args:
            listening: The socket; from now on it belongs to the receiver.
        """
        loop = asyncio.get_running_loop()
        # With a backlog of 1 asyncio accepts one connection at a time. With more it would try as often when there is
        # no descriptor left, and report each failure by itself. The queue of the system is then made longer again.
        self._server = await loop.create_server(self._doorway.protocol, sock=listening, backlog=1)
        listening.listen(_BACKLOG)

    async def close(self) -> None:
        """Stop listening, and end the connections."""
        if self._server is not None:
            stop_listening(self._server)
        self._doorway.close()
        self._grpc.close()
        await self._http.close()
        await self._tasks.close()
