"""Where Podman's service is, if it runs."""

from __future__ import annotations

import contextlib
import functools
import os
import socket
from pathlib import Path

SOCKETS = (
    Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}") / "podman/podman.sock",
    Path("/run/podman/podman.sock"),
)


@functools.cache
def podman_address() -> str:
    """Where it answers, in the form of DOCKER_HOST; empty if nowhere."""
    for path in SOCKETS:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(path))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            if connection.recv(5) == b"HTTP/":
                return f"unix://{path}"
    return ""
