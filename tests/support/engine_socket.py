"""A Unix socket in front of an engine's own."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Self

from fairlead.testing.listening import Listener


class EngineSocket(ABC):
    """A socket that stands in for an engine's, and that a test can close and open again.

    Args:
        path: Where to listen.
        target: The engine's own socket.

    Attributes:
        address: Where it is, in the form of DOCKER_HOST.
    """

    def __init__(self, path: str, target: str) -> None:
        self.address = f"unix://{path}"
        self._path, self._target = path, target
        self._listener = Listener(self.serve)

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection of a client."""

    async def open(self) -> None:
        """Listen; does nothing where it does so already."""
        if not self._listener.is_open:
            await self._listener.open_unix(self._path)

    async def close(self) -> None:
        """Cut all connections, and take no more."""
        await self._listener.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
