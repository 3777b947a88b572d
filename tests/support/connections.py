"""Connections of a test's own, and ports that are kept for it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Iterator

HOST = "127.0.0.1"


@contextlib.asynccontextmanager
async def connected(port: int, host: str = HOST) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is gone, with its socket, when the block is left."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.contextmanager
def kept_port(host: str = HOST) -> Iterator[int]:
    """A port that refuses connections until somebody listens at it, and that nobody gets by chance meanwhile.

    Servers that set SO_REUSEADDR, as they all do, can have it; what asks for just any port does not get it, nor does a
    connection, as Linux gives neither a port that is bound to.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((host, 0))
        port: int = keeper.getsockname()[1]
        if sys.platform != "linux":  # elsewhere a port that is bound to can't be had at all
            keeper.close()
        yield port
