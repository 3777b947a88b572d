"""Asking a PostgreSQL server whether it takes connections, by its own protocol and without a password.

The server answers a start-up message with a request to authenticate when it is ready, and with the error 57P03 while
it starts or stops (protocol 3.0, "Start-up" and "Message Formats").
"""

from __future__ import annotations

import asyncio
import struct

from fairlead.errors import EngineError

_PROTOCOL = 3 << 16


async def check_ready(host: str, port: int, user: str, database: str) -> None:
    """Return when the server takes connections.

    Raises:
        EngineError: It does not; the message has its own words where it gave any.
    """
    parameters = b"".join(text.encode() + b"\0" for text in ("user", user, "database", database)) + b"\0"
    message = struct.pack("!ii", 8 + len(parameters), _PROTOCOL) + parameters
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(message)
            await writer.drain()
            kind = await reader.readexactly(1)
            (length,) = struct.unpack("!i", await reader.readexactly(4))
            body = await reader.readexactly(min(length - 4, 4096))
        finally:
            writer.close()
    except (OSError, asyncio.IncompleteReadError, struct.error, ValueError) as error:
        raise EngineError(f"port {port} does not answer as PostgreSQL does: {error}") from error
    if kind == b"R":
        return
    fields = {entry[:1]: entry[1:].decode("utf-8", "replace") for entry in body.split(b"\0") if entry}
    raise EngineError(fields.get(b"M", "it refused the connection"))
