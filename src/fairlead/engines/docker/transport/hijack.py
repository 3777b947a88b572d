"""Requests after whose answer the connection is a plain one, in both directions: the input and output of a command."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from fairlead.engines.docker.transport.duplex import Duplex

LONGEST_HEAD: Final = 64 * 1024
"""Bytes that the beginning of an answer may have."""


Lost = Callable[[Exception | None], Exception | None]
"""Says what the loss or the end of a connection means; None if it is nothing but its end."""


class Hijacked:
    """A connection that was an HTTP request.

    Args:
        connection: A new connection to the engine.
        lost: The error to raise where the connection is lost; None for its end, if that is no loss.

    Attributes:
        status: The HTTP status of the answer.
        may_be_reset: Whether the engine may end the connection by a reset, as it does where input was left unread.
    """

    def __init__(self, connection: Duplex, lost: Lost) -> None:
        self.status = 0
        self.may_be_reset = False
        self._connection = connection
        self._lost = lost
        self._length: int | None = None
        self._rest = b""

    async def ask(self, path: str, body: Mapping[str, Any]) -> None:
        """Make the POST request, and return once the engine has answered.

        Args:
            path: Its path, with its version.
            body: Its JSON.

        Raises:
            EngineUnavailable: The connection ended before the answer, or what answers doesn't speak HTTP.
        """
        content = json.dumps(body).encode()
        head = (
            f"POST /{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        )
        await self.write(head.encode() + content)
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = await self.read()
            if not data or len(answer) > LONGEST_HEAD:
                raise self._error(ConnectionError("the connection ended before the answer"))
            answer += data
        head_lines, _, self._rest = answer.partition(b"\r\n\r\n")
        status_line, *headers = head_lines.decode("latin-1").split("\r\n")
        self._length = _length(headers)
        try:
            self.status = _status(status_line)
        except ConnectionError as error:
            raise self._error(error) from None

    async def read(self) -> bytes:
        """The next bytes, as they come; none at the end."""
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        try:
            data = await self._connection.read()
        except OSError as error:
            if not (self.may_be_reset and isinstance(error, ConnectionResetError)):
                raise self._error(error) from error
            data = b""
        if not data and (loss := self._lost(None)):
            raise loss
        return data

    async def refusal(self) -> bytes:
        """All of an answer that is an error."""
        content = b""
        while (self._length is None or len(content) < self._length) and (data := await self.read()):
            content += data
        return content

    async def write(self, data: bytes) -> None:
        """Send bytes, at the pace of the other side."""
        try:
            await self._connection.write(data)
        except OSError as error:
            raise self._error(error) from error

    async def end_writing(self) -> None:
        """Tell the other side that nothing more comes; reading goes on."""
        try:
            await self._connection.end_writing()
        except OSError as error:
            raise self._error(error) from error

    def _error(self, error: OSError) -> Exception:
        return self._lost(error) or error


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
