"""Answers of the control API: whole ones, refusals, and long ones that are sent in chunks.

What is long is never held in memory as a whole and never written in one go: between two chunks the event loop has its
turn, and a client that does not read is cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable, Mapping
from typing import Any

from aiohttp import web

from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.errors import FairleadError, UsageError

CHUNK_BYTES = 64 * 1024
"""About how much is written at once."""
WRITE_SECONDS = 30.0
"""Seconds that a client may take to make room for a chunk."""

NDJSON = "application/x-ndjson"
JSON = "application/json"


def answer(data: Any, status: int = 200) -> web.Response:
    """Return a whole answer."""
    return web.Response(body=encode(data).encode(), status=status, content_type=JSON, charset="utf-8")


def refusal(error: FairleadError, status: int | None = None) -> web.Response:
    """Return an error as an answer.

    Args:
        error: What is wrong.
        status: The HTTP status; by default 400 for a wrong request, and 409 for what can't be done now.
    """
    fallback = 400 if isinstance(error, UsageError) else 409
    return answer(
        {
            "error": {
                "kind": type(error).__name__,
                "message": error.message,
                "resource": error.resource,
                "remedy": error.remedy,
                "exit_code": error.exit_code,
            }
        },
        fallback if status is None else status,
    )


class Chunks:
    """A long answer that is being sent.

    Args:
        request: What it answers.
        content_type: Its type.
    """

    def __init__(self, request: Request, content_type: str) -> None:
        self._request = request
        self._response = web.StreamResponse(headers={"Content-Type": content_type})
        self._pending: list[bytes] = []
        self._size = 0

    async def begin(self) -> None:
        """Send the head."""
        self._request.is_answered = True
        await self._response.prepare(self._request.raw)

    async def add(self, data: bytes) -> None:
        """Add data; it is sent once a chunk is full."""
        self._pending.append(data)
        self._size += len(data)
        if self._size >= CHUNK_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Send what was added, and let others have their turn.

        Raises:
            ConnectionError: The client is gone, or does not read and was cut.
        """
        if not self._pending:
            return
        data = b"".join(self._pending)
        self._pending, self._size = [], 0
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await self._response.write(data)
        except TimeoutError:
            if self._request.raw.transport is not None:
                self._request.raw.transport.abort()
            raise ConnectionResetError("the client does not read") from None
        await self._request.turns.take()

    async def end(self) -> web.StreamResponse:
        """Send the rest and end the answer."""
        await self.flush()
        await self._response.write_eof()
        return self._response


async def send_lines(request: Request, batches: AsyncIterable[list[bytes]]) -> web.StreamResponse:
    """Send a stream of lines, as they come, until there are no more."""
    chunks = Chunks(request, NDJSON)
    await chunks.begin()
    async for batch in batches:
        for line in batch:
            await chunks.add(line)
        await chunks.flush()
    return await chunks.end()


async def send_list(
    request: Request, name: str, batches: Iterable[list[str]], rest: dict[str, Any]
) -> web.StreamResponse:
    """Send an object with a long list.

    Args:
        request: What it answers.
        name: The list's name in the object.
        batches: The entries of the list as JSON texts.
        rest: What else is in the object.
    """
    return await send_lists(request, {name: batches}, rest)


async def send_lists(
    request: Request, lists: Mapping[str, Iterable[list[str]]], rest: dict[str, Any]
) -> web.StreamResponse:
    """Send an object with long lists.

    Args:
        request: What it answers.
        lists: The entries of each list as JSON texts, by its name in the object.
        rest: What else is in the object.
    """
    chunks = Chunks(request, JSON)
    await chunks.begin()
    begin = "{"
    for name, batches in lists.items():
        await chunks.add(f'{begin}"{name}":['.encode())
        separator, begin = "", ","
        for batch in batches:
            if batch:
                await chunks.add((separator + ",".join(batch)).encode())
                separator = ","
            await request.turns.take()
        await chunks.add(b"]")
    await chunks.add(("".join(f",{encode(key)}:{encode(value)}" for key, value in rest.items()) + "}").encode())
    return await chunks.end()
