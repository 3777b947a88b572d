"""Connections whose two directions end separately, as the standard input and output of a command do.

Over a Unix socket or TCP the system does that. asyncio's TLS can't: it closes both directions at once. So TLS is spoken
here by an ``SSLObject`` in memory: it says goodbye in its own direction and goes on reading.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

BLOCK: Final = 64 * 1024
"""Bytes that are read at a time."""


class Duplex:
    """A connection without TLS.

    Args:
        reader: What comes.
        writer: What goes.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """The next bytes, as they come; none at the end."""
        return await self._reader.read(BLOCK)

    async def write(self, data: bytes) -> None:
        """Send bytes, at the pace of the other side."""
        self._writer.write(data)
        await self._writer.drain()

    async def end_writing(self) -> None:
        """Tell the other side that nothing more comes; reading goes on."""
        self._writer.write_eof()

    def abort(self) -> None:
        """Close both directions at once; a ``read`` under way ends or fails."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close both directions, and wait until the connection is gone."""
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class TlsDuplex(Duplex):
    """A connection with TLS; ``handshake`` comes first.

    Args:
        reader: What comes, encrypted.
        writer: What goes, encrypted.
        context: How the other side is verified.
        host: The name it has to have.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext, host: str
    ) -> None:
        super().__init__(reader, writer)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def handshake(self) -> None:
        """Agree on keys.

        Raises:
            ssl.SSLError: The other side is not what it should be, or refuses this one.
        """
        while True:
            try:
                self._tls.do_handshake()
                await self._flush()
                return
            except ssl.SSLWantReadError:
                await self._flush()
                await self._receive()

    async def read(self) -> bytes:
        """The next bytes, as they come; none at the end."""
        while True:
            try:
                return self._tls.read(BLOCK)
            except ssl.SSLWantReadError:
                await self._flush()  # an answer to a new key, say
                await self._receive()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def write(self, data: bytes) -> None:
        """Send bytes, at the pace of the other side."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest[:BLOCK]) :]
            await self._flush()

    async def end_writing(self) -> None:
        """Tell the other side that nothing more comes; reading goes on."""
        with contextlib.suppress(ssl.SSLWantReadError):  # its goodbye, which comes at the end
            self._tls.unwrap()
        await self._flush()

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await super().write(data)

    async def _receive(self) -> None:
        if data := await super().read():
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
