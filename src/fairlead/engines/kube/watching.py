"""One watch over any number of requests: an API server ends each after some minutes, and a connection may break."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final

from fairlead.engines.kube import WatchEvent
from fairlead.engines.kube.answers import event_of
from fairlead.engines.kube.connection import Connection, Params
from fairlead.errors import EngineUnavailable

REQUEST_SECONDS: Final = (240, 360)
"""When the API server is asked to end one request; at random, so that watches don't all begin again at once."""
GRACE_SECONDS: Final = 30.0
"""How much later than that the end may come, before the connection counts as lost."""


async def watch(
    connection: Connection, path: str, selection: Params, resource_version: str
) -> AsyncGenerator[WatchEvent, None]:
    """The changes after a version; what a broken connection would have told is asked for again.

    Raises:
        Refusal: The API server refuses.
        EngineError: It tells an error in the middle, such as ``Expired``.
        EngineUnavailable: It can't be reached any more.
    """
    version = resource_version
    while True:
        seconds = random.randint(*REQUEST_SECONDS)  # noqa: S311
        params = {
            **selection,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(seconds),
        }
        has_begun = False
        try:
            async with connection.stream("GET", path, params=params, silence=seconds + GRACE_SECONDS) as answer:
                has_begun = True
                async with aclosing(_lines(answer.content.iter_any())) as lines:
                    async for line in lines:
                        event, version = event_of(line)
                        if event is not None:
                            yield event
        except EngineUnavailable:
            if not has_begun:
                raise


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The lines of a stream, however long; half a line at its end is dropped, as its change will be told again."""
    pending = bytearray()
    async for chunk in chunks:
        pending += chunk
        if b"\n" in chunk:
            *lines, rest = bytes(pending).split(b"\n")
            pending = bytearray(rest)
            for line in lines:
                if line:
                    yield line
