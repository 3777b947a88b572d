"""Asking a Redis server whether it takes commands, by its own protocol."""

from __future__ import annotations

import asyncio

from fairlead.errors import EngineError

# Without the password it answers NOAUTH, which only a server does that is up.
_GOOD = (b"+PONG", b"-NOAUTH")


async def check_ready(host: str, port: int) -> None:
    """Return when the server takes commands.

    Raises:
        EngineError: It does not; the message has its own words where it gave any (``LOADING`` while it reads its data).
    """
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(b"PING\r\n")
            await writer.drain()
            answer = (await reader.readuntil(b"\r\n")).strip()
        finally:
            writer.close()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise EngineError(f"port {port} does not answer as Redis does: {error}") from error
    if not answer.startswith(_GOOD):
        raise EngineError(answer.decode("utf-8", "replace").lstrip("-"))
