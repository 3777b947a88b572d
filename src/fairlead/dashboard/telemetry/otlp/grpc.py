"""OTLP over gRPC. What speaks HTTP/2 is loaded with the first connection that does."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from fairlead.dashboard.telemetry.otlp.intake import Intake
from fairlead.engines.tasks import TaskScope

if TYPE_CHECKING:
    from fairlead.dashboard.telemetry.otlp.grpc_connection import GrpcConnection


class GrpcReceiver:
    """Makes protocols that answer OTLP/gRPC.

    Args:
        intake: Takes what was sent.
        tasks: Owns the tasks in which calls are answered.
    """

    def __init__(self, intake: Intake, tasks: TaskScope) -> None:
        self._intake = intake
        self._tasks = tasks
        self._open: set[GrpcConnection] = set()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._open)

    async def protocol(self, transport: asyncio.Transport) -> asyncio.Protocol:
        """A protocol for one connection."""
        await asyncio.to_thread(import_module, "fairlead.dashboard.telemetry.otlp.grpc_connection")
        from fairlead.dashboard.telemetry.otlp.grpc_connection import GrpcConnection

        return GrpcConnection(self._intake, self._tasks, self._open)

    def close(self) -> None:
        """Tell the clients that this is the end, and close the connections."""
        for connection in list(self._open):
            connection.close()
