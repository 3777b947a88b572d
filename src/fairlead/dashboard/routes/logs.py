"""What resources write: what is kept of it, and what comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from aiohttp import web

from fairlead.dashboard.answers import send_lines, send_list
from fairlead.dashboard.encoding import encode_records
from fairlead.dashboard.request import Request
from fairlead.dashboard.resource_ids import find_snapshot
from fairlead.dashboard.route import Served
from fairlead.runtime.logs.book import LogBook, Portion, is_observed
from fairlead.runtime.logs.demand import CATCH_UP_SECONDS


async def list_lines(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the lines of all resources, or of some; with ``follow`` also with what comes."""
    book = served.host.run.logs
    ids = [_log_id(served, id) for id in dict.fromkeys(request.texts("name"))] or None
    number = request.number("tail")
    tail = None if number is None else int(number)
    after = request.text("after")
    if request.flag("follow"):
        batches = book.follow(ids, tail, after, open_lines=request.flag("open"))
        async with aclosing(_lines(book, batches, request)) as lines:
            return await send_lines(request, lines)
    observed = [id for id in ids or () if is_observed(id)]
    with book.demand.reading(observed):
        await book.demand.wait_until_caught_up(observed, CATCH_UP_SECONDS)
        rest = {"open": _open_lines(book, ids), "cursor": book.cursor()}
        texts = (encode_records(portions, book.cursor) for portions in book.read(ids, tail, after))
        return await send_list(request, "lines", texts, rest)


def _log_id(served: Served, id: str) -> str:
    """The id of a log: of a resource, or the app's own."""
    return id if id == served.host.run.app.name else find_snapshot(served.host, id).id


def _open_lines(book: LogBook, ids: list[str] | None) -> list[dict[str, Any]]:
    return [
        {
            "resource": id,
            "kind": "open",
            "time": line.time,
            "stream": line.stream,
            "source": line.source,
            "text": line.text,
        }
        for id in (book.names() if ids is None else ids)
        for line in book.log(id).open_lines
    ]


async def _lines(
    book: LogBook, batches: AsyncGenerator[list[Portion]], request: Request
) -> AsyncGenerator[list[bytes]]:
    async with aclosing(batches):
        async for portions in batches:
            await request.turns.take()
            yield [(text + "\n").encode() for text in encode_records(portions, book.cursor)]
