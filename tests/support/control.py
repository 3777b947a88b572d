"""A control API that is served for a test, and a client of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from fairlead.dashboard.listening import Listener, listen
from fairlead.dashboard.server import ControlServer
from fairlead.runtime.host import Host


@dataclass
class Control:
    """A control API and its client.

    Args:
        server: The API.
        client: Asks it over its Unix socket.
        socket: The socket's path.
        stopped: Set when the end of the run was asked for.
        listener: Where it is served over TCP.
    """

    server: ControlServer
    client: aiohttp.ClientSession
    socket: Path
    stopped: asyncio.Event
    listener: Listener

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the answer of a request."""
        async with self.client.request(method, f"http://x{path}", json=body) as answer:
            return answer.status, json.loads(await answer.read())

    async def get(self, path: str) -> Any:
        """What a GET is answered with, which has to be good."""
        status, answer = await self.ask("GET", path)
        assert status == 200, answer
        return answer

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """The status and the message, with the remedy, of a request that is refused."""
        status, answer = await self.ask(method, path, body)
        error = answer["error"]
        return status, f"{error['message']} {error['remedy'] or ''}".strip()

    @asynccontextmanager
    async def follow(self, path: str) -> AsyncIterator[AsyncIterator[Any]]:
        """The objects of a stream."""
        async with self.client.get(f"http://x{path}") as answer:
            assert answer.status == 200

            async def objects() -> AsyncIterator[Any]:
                async for line in answer.content:
                    yield json.loads(line)

            yield objects()

    async def raw(self, data: bytes) -> bytes:
        """What is answered to some bytes until the connection is closed."""
        reader, writer = await asyncio.open_unix_connection(str(self.socket))
        writer.write(data)
        try:
            return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def control(host: Host, folder: Path) -> AsyncIterator[Control]:
    """Serve the control API of a host inside the block, on a socket in a folder."""
    socket = folder / "s.sock"
    stopped = asyncio.Event()
    listener = listen()
    server = ControlServer(host, stopped.set, listener)
    await server.start(socket)
    try:
        connector = aiohttp.UnixConnector(str(socket), limit=0)
        async with aiohttp.ClientSession(connector=connector, read_bufsize=2**20) as client:
            yield Control(server, client, socket, stopped, listener)
    finally:
        await server.close()
