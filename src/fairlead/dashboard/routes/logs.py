"""What resources write: what is kept of it, what comes, and how much it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import asdict
from typing import Any

from aiohttp import web

from fairlead.dashboard.answers import answer, send_lines, send_list
from fairlead.dashboard.documents.logs import LogHistogram, log_histogram
from fairlead.dashboard.encoding import encode, encode_records
from fairlead.dashboard.request import Request
from fairlead.dashboard.resource_ids import find_snapshot
from fairlead.dashboard.route import Served
from fairlead.model.replicas import find_replica
from fairlead.runtime.logs.book import LogBook, Portion, Sources, is_observed
from fairlead.runtime.logs.demand import CATCH_UP_SECONDS

DEFAULT_BUCKETS = 100
_MOST_BUCKETS = 1000
_HISTOGRAM_SECONDS = 1.0
"""Seconds between two histograms of one that is followed."""


async def list_lines(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the lines of all resources, or of some; with ``follow`` also with what comes."""
    book = served.host.run.logs
    ids = _ids(served, request)
    sources = _sources(served, request)
    number = request.number("tail")
    tail = None if number is None else int(number)
    after = request.text("after")
    if request.flag("follow"):
        batches = book.follow(ids, tail, after, open_lines=request.flag("open"), sources=sources)
        async with aclosing(_lines(book, batches, request)) as lines:
            return await send_lines(request, lines)
    observed = [id for id in ids or () if is_observed(id)]
    with book.demand.reading(observed):
        await book.demand.wait_until_caught_up(observed, CATCH_UP_SECONDS)
        rest = {"open": _open_lines(book, ids, sources), "cursor": book.cursor()}
        portions = book.read(ids, tail, after, sources=sources)
        texts = (encode_records(portion, book.cursor) for portion in portions)
        return await send_list(request, "lines", texts, rest)


async def count_lines(served: Served, request: Request) -> web.StreamResponse:
    """Answer with how many lines there are when; with ``follow`` again, when that has changed."""
    ids, sources = _ids(served, request), _sources(served, request)
    book = served.host.run.logs
    observed = [id for id in ids or () if is_observed(id)]
    with book.demand.reading(observed), book.counting.asking():
        await book.demand.wait_until_caught_up(observed, CATCH_UP_SECONDS)
        if request.flag("follow"):
            async with aclosing(_histograms(book, ids, sources, request)) as histograms:
                return await send_lines(request, histograms)
        return answer(asdict(await _histogram(book, ids, sources, request)))


async def _histogram(book: LogBook, ids: list[str] | None, sources: Sources, request: Request) -> LogHistogram:
    number = request.number("buckets")
    buckets = DEFAULT_BUCKETS if number is None else min(max(int(number), 1), _MOST_BUCKETS)
    counts = await book.counting.count(book.present(ids), request.turns.take, sources)
    return log_histogram(counts, time.time(), buckets)


async def _histograms(
    book: LogBook, ids: list[str] | None, sources: Sources, request: Request
) -> AsyncGenerator[list[bytes]]:
    before, counted_until = None, ""
    while True:
        if before is None or before.rate or book.cursor() != counted_until:
            counted_until = book.cursor()
            histogram = await _histogram(book, ids, sources, request)
            if histogram != before:
                yield [encode(asdict(histogram)).encode() + b"\n"]
            before = histogram
        if book.closing.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_HISTOGRAM_SECONDS):
                await book.closing.wait()


def _ids(served: Served, request: Request) -> list[str] | None:
    return list(dict.fromkeys(_log_id(served, id) for id in request.texts("name"))) or None


def _sources(served: Served, request: Request) -> dict[str, set[str | None]]:
    """The replicas whose lines alone are asked for, by the names of their resources."""
    sources: dict[str, set[str | None]] = {}
    names = request.texts("name")
    for name in names:
        replica = find_replica(served.host.run.app, name)
        if replica is not None:
            sources.setdefault(replica.resource.name, set()).add(replica.id)
    for name in names:
        if find_replica(served.host.run.app, name) is None:
            sources.pop(_log_id(served, name), None)
    return sources


def _log_id(served: Served, id: str) -> str:
    """The id of a log: of a resource, or the app's own."""
    return id if id == served.host.run.app.name else find_snapshot(served.host, id).id


def _open_lines(book: LogBook, ids: list[str] | None, sources: Sources) -> list[dict[str, Any]]:
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
        if id not in sources or line.source in sources[id]
    ]


async def _lines(
    book: LogBook, batches: AsyncGenerator[list[Portion]], request: Request
) -> AsyncGenerator[list[bytes]]:
    async with aclosing(batches):
        async for portions in batches:
            await request.turns.take()
            yield [(text + "\n").encode() for text in encode_records(portions, book.cursor)]
