"""Requests after whose answer the connection is a plain one, in both directions: the input and output of a command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fairlead.engines.docker.duplex import Duplex

LONGEST_HEAD: Final = 64 * 1024
"""Bytes that the beginning of an answer may have."""


class Hijacked:
    """A connection that was an HTTP request; made by ``request``.

    Attributes:
        status: The HTTP status of the answer.
    """

    def __init__(self, connection: Duplex, status: int, length: int | None, rest: bytes) -> None:
        self.status = status
        self._connection = connection
        self._length = length
        self._rest = rest

    async def read(self) -> bytes:
        """The next bytes, as they come; none at the end."""
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        return await self._connection.read()

    async def refusal(self) -> bytes:
        """All of an answer that is an error."""
        content = b""
        while (self._length is None or len(content) < self._length) and (data := await self.read()):
            content += data
        return content

    async def write(self, data: bytes) -> None:
        """Send bytes, at the pace of the other side."""
        await self._connection.write(data)

    async def end_writing(self) -> None:
        """Tell the other side that nothing more comes; reading goes on."""
        await self._connection.end_writing()


async def request(connection: Duplex, path: str, body: Mapping[str, Any]) -> Hijacked:
    """Ask for a connection, and return it once the engine has answered.

    Args:
        connection: A new connection to the engine.
        path: The path of the POST request, with its version.
        body: The request's JSON.

    Raises:
        ConnectionError: The connection ended before the answer, or what answers doesn't speak HTTP.
        OSError: The connection was lost.
    """
    content = json.dumps(body).encode()
    head = (
        f"POST /{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    )
    await connection.write(head.encode() + content)
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = await connection.read()
        if not data or len(answer) > LONGEST_HEAD:
            raise ConnectionError("the connection ended before the answer")
        answer += data
    head_lines, _, rest = answer.partition(b"\r\n\r\n")
    status_line, *headers = head_lines.decode("latin-1").split("\r\n")
    return Hijacked(connection, _status(status_line), _length(headers), rest)


def _status(line: str) -> int:
    # HTTP/1.1 101 UPGRADED, from older engines HTTP/1.1 200 OK
    try:
        return int(line.split()[1])
    except (IndexError, ValueError):
        raise ConnectionError(f"what answers doesn't speak HTTP: {line[:80]!r}") from None


def _length(headers: list[str]) -> int | None:
    for header in headers:
        name, _, value = header.partition(":")
        if name.strip().lower() == "content-length" and value.strip().isdigit():
            return int(value)
    return None
