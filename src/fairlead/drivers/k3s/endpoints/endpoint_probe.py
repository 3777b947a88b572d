"""Whether a node port answers, as those will find it who are told of it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Final

from fairlead.engines.services.http_status import http_status
from fairlead.errors import EngineError

SECONDS: Final = 3.0
"""How long an answer may take."""
HOLD_SECONDS: Final = 0.5
"""How long a connection through the engine's own forwarder has to stay open to count as accepted."""


@dataclass(frozen=True, slots=True)
class Probe:
    """How a service endpoint is asked.

    Args:
        scheme: What is spoken there.
        protocol: The transport; over UDP there is nothing to ask.
        host: Where.
        port: The port there.
        is_forwarded: Whether the engine's forwarder is between, which accepts connections before anything is behind it.
    """

    scheme: str
    protocol: str
    host: str
    port: int
    is_forwarded: bool

    async def ask(self) -> str:
        """Why it does not answer; empty when it does.

        Any answer counts over HTTP, and its certificate is not judged; otherwise a connection that is accepted.
        """
        if self.protocol == "udp":
            return ""
        try:
            if self.scheme in ("http", "https"):
                await http_status(f"{self.scheme}://{self.host}:{self.port}/", SECONDS, verify=False)
            else:
                async with asyncio.timeout(SECONDS):
                    return await self._connect()
        except EngineError as error:
            return error.message
        except TimeoutError:
            return f"no answer in {SECONDS:g} s"
        except OSError as error:
            return os.strerror(error.errno).lower() if error.errno else str(error)
        return ""

    async def _connect(self) -> str:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            if self.is_forwarded:
                async with asyncio.timeout(HOLD_SECONDS):
                    if not await reader.read(1):
                        return "the connection was closed at once"
        except TimeoutError:
            pass  # it was held open, as by a server that waits for its client to begin
        finally:
            writer.transport.abort()
        return ""
