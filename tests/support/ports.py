"""A port for a test to publish."""

from __future__ import annotations

import random
import socket

# Below what the system hands out by itself: there a connection of any program may get the port before it is used.
_PORTS = range(20_000, 32_768)


def free_port() -> int:
    """A port of loopback at which nobody listens; by chance, so that hardly another test takes the same."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
