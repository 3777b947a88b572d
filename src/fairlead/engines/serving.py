"""Ending a server of asyncio so that no connection is left that belongs to nobody."""

from __future__ import annotations

import asyncio


def stop_listening(server: asyncio.Server) -> None:
    """Close a server, one turn of the event loop after it has accepted its last connection.

    A connection that is accepted in the turn in which a server is closed is neither served nor closed by asyncio (an
    assertion of its own fails, up to Python 3.13 at least): whoever made it would wait for ever. This way its protocol
    gets it, and has to end it.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    loop.call_soon(server.close)
