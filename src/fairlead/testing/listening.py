"""Servers inside a test that leave nothing behind: no task, no connection, no socket."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

from fairlead.engines.serving import stop_listening
from fairlead.engines.tasks import TaskScope

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """Serves connections, each in a task of its own; closing cuts them all and waits until they are gone.

    asyncio's own server leaves the tasks of its connections to themselves: those still under way when a test ends are
    found by the garbage collector later, as the failure of another test.
    """

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._tasks = TaskScope("listener")
        self._connections: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None
        self._is_closing = False

    @property
    def is_open(self) -> bool:
        """Whether it takes connections."""
        return self._server is not None

    async def open_unix(self, path: str) -> None:
        """Listen at a Unix socket."""
        self._opened(await asyncio.start_unix_server(self._accept, path))

    async def open_tcp(self, port: int = 0, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> int:
        """Listen at a port, and return it; 0 takes a free one."""
        server = await asyncio.start_server(self._accept, host, port, ssl=tls)
        self._opened(server)
        chosen: int = server.sockets[0].getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Cut all connections, take no more, and wait until they are gone. Does nothing where it is not open."""
        if self._server is None or self._ended is None:
            return
        self.cut()
        while self._connections:
            await asyncio.wait(self._connections)
        async with asyncio.timeout(30):  # those in mid-handshake
            await self._ended
        self._server = self._ended = None
        self._is_closing = False

    def cut(self) -> None:
        """Cut all connections, and take no more; ``close`` waits for what that takes. Cutting twice is fine."""
        if self._server is None or self._is_closing:
            return
        self._is_closing = True
        stop_listening(self._server)
        for task in self._connections:
            task.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _opened(self, server: asyncio.Server) -> None:
        self._server = server
        # Python 3.11 waits for the connections of a server only if asked to before it is closed.
        self._ended = self._tasks.start(server.wait_closed(), "end")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_closing:  # accepted just before
            writer.transport.abort()
            return
        task = self._tasks.start(self._connection(reader, writer), "connection")
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        task.add_done_callback(lambda _: writer.transport.abort())  # one that is cut before it began closes nothing

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with ending(writer):
            await self._serve(reader, writer)


@contextlib.asynccontextmanager
async def ending(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """End a connection with a block: once what was written is out, at once where the block fails or is cancelled.

    That the other side went is no failure.
    """
    try:
        with contextlib.suppress(ConnectionError):
            yield
            writer.close()
            await writer.wait_closed()
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
