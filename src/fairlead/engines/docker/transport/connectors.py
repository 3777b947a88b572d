"""Ways to an engine: a Unix socket, or TCP with or without TLS. That over SSH has a module of its own."""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from urllib.parse import urlsplit

import aiohttp

from fairlead.engines.docker.transport.duplex import Duplex, TlsDuplex


class Transport(ABC):
    """One way to an engine.

    Attributes:
        url: What stands before the paths of requests.
    """

    url = "http://localhost"

    @abstractmethod
    def connector(self) -> aiohttp.BaseConnector:
        """Makes the connections of an HTTP session; belongs to the caller.

        It has no limit: each container that is followed and waited for holds two connections as long as it lives.
        """

    @abstractmethod
    async def open(self) -> Duplex:
        """A connection of its own.

        Raises:
            OSError: It can't be made.
        """

    def last_words(self) -> str:
        """The last line on standard error of a command on the way, which may be why there is no connection."""
        return ""

    async def close(self) -> None:  # noqa: B027  (most have nothing to release)
        """Release what connections need beside themselves."""


class UnixTransport(Transport):
    """A Unix socket of this machine.

    Args:
        path: The socket.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def connector(self) -> aiohttp.BaseConnector:
        """Makes the connections of an HTTP session."""
        return aiohttp.UnixConnector(self._path, limit=0)

    async def open(self) -> Duplex:
        """A connection of its own."""
        return Duplex(*await asyncio.open_unix_connection(self._path))


class TcpTransport(Transport):
    """A port of some machine.

    Args:
        address: The address, in the form of DOCKER_HOST.
        tls: How the engine is verified; None for a plain connection.
    """

    def __init__(self, address: str, tls: ssl.SSLContext | None) -> None:
        scheme, _, rest = address.partition("://")
        if scheme == "https" and tls is None:
            tls = ssl.create_default_context()
        self._tls = tls
        self.url = f"{'https' if tls else 'http'}://{rest}".rstrip("/")

    def connector(self) -> aiohttp.BaseConnector:
        """Makes the connections of an HTTP session."""
        return aiohttp.TCPConnector(limit=0, ssl=self._tls or True)

    async def open(self) -> Duplex:
        """A connection of its own."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "localhost", parts.port or (443 if self._tls else 80)
        reader, writer = await asyncio.open_connection(host, port)
        if self._tls is None:
            return Duplex(reader, writer)
        connection = TlsDuplex(reader, writer, self._tls, host)
        try:
            await connection.handshake()
        except BaseException:
            connection.abort()
            raise
        return connection
