"""Structured logs: those that are kept, and what comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

from aiohttp import web

from fairlead.dashboard.answers import answer, send_lines, send_list
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.dashboard.routes.telemetry.scope import limit_of, resources_of
from fairlead.dashboard.telemetry.documents import Level, LogCounts
from fairlead.dashboard.telemetry.levels import LEVELS, levels_from
from fairlead.dashboard.telemetry.pace import Pace
from fairlead.dashboard.telemetry.queries.filters import parse_filters
from fairlead.dashboard.telemetry.queries.log_queries import LogQuery
from fairlead.dashboard.telemetry.queries.log_views import log_view
from fairlead.dashboard.telemetry.store.log_ring import KeptLog
from fairlead.dashboard.telemetry.store.log_store import LogStore
from fairlead.dashboard.telemetry.telemetry import Telemetry
from fairlead.errors import UsageError

_CHUNK = 400
_SLICE = 20
_BATCH = 20


async def list_logs(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the newest entries that are asked for, or with those behind a number; with ``follow`` what comes."""
    query = _query(served, request)
    telemetry = served.telemetry
    if request.flag("follow"):
        async with aclosing(_follow(telemetry, query, request)) as lines:
            return await send_lines(request, lines)
    pace = Pace(request.turns)
    cursor = telemetry.store.logs.last
    after, limit = request.number("after"), limit_of(request)
    if after is not None:
        entries = await _behind(telemetry.store.logs, query, int(after), limit, pace)
        if len(entries) == limit and entries:
            cursor = entries[-1].id
    else:
        before = request.number("before")
        entries = await _before(telemetry.store.logs, query, cursor + 1 if before is None else int(before), limit, pace)
    rest = {
        "counts": await _counts(telemetry.store.logs, query, pace),
        "kept": telemetry.store.logs.kept,
        "cursor": cursor,
    }
    return await send_list(request, "logs", _texts(telemetry, entries), rest)


async def show_log(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one entry."""
    telemetry = served.telemetry
    number = request.segment("entry")
    entry = telemetry.store.logs.find(int(number)) if number.isascii() and number.isdecimal() else None
    if entry is None:
        raise UsageError(
            f"there is no structured log entry {number}",
            remedy=f"The last {telemetry.store.logs.kept.limit:,} entries of this run are kept.",
        )
    return answer(log_view(entry, telemetry.mask))


def _query(served: Served, request: Request) -> LogQuery:
    level = request.text("level")
    if level is not None and level not in LEVELS:
        raise UsageError(f"level={level} is not a level", remedy=f"The levels are {', '.join(LEVELS)}.")
    return LogQuery(
        resources=resources_of(served, request),
        levels=None if level is None else levels_from(level),
        text=(request.text("q") or "").strip().lower(),
        filters=parse_filters(request.texts("f")),
        trace_id=request.text("trace"),
        span_id=request.text("span"),
    )


async def _before(store: LogStore, query: LogQuery, id: int, limit: int, pace: Pace) -> list[KeptLog]:
    """The last entries before a number that are asked for, in their order."""
    found: list[KeptLog] = []
    while len(found) < limit and (chunk := _chunk_before(store, query, id)):
        found += await _matching(chunk[::-1], query, pace)
        id = chunk[0].id
    return found[:limit][::-1]


async def _matching(entries: Sequence[KeptLog], query: LogQuery, pace: Pace) -> list[KeptLog]:
    """Those of some entries that are asked for, looked at a few at a time."""
    found: list[KeptLog] = []
    for start in range(0, len(entries), _SLICE):
        found += filter(query.matches, entries[start : start + _SLICE])
        await pace.rest()
    return found


def _chunk_before(store: LogStore, query: LogQuery, id: int) -> list[KeptLog]:
    if query.trace_id is not None:
        return [entry for entry in store.of_trace(query.trace_id) if entry.id < id]
    return store.before(id, _CHUNK, query.resources)


async def _behind(store: LogStore, query: LogQuery, id: int, limit: int, pace: Pace) -> list[KeptLog]:
    """The first entries behind a number that are asked for."""
    found: list[KeptLog] = []
    while len(found) < limit and (chunk := store.behind(id, _CHUNK, query.resources)):
        found += await _matching(chunk, query, pace)
        id = chunk[-1].id
    return found[:limit]


async def _counts(store: LogStore, query: LogQuery, pace: Pace) -> LogCounts:
    """How many entries match: by resource whatever resources are asked for, and by level whatever level is."""
    by_resource: dict[str, Counter[Level]]
    if query.is_by_level_only:
        by_resource = store.levels()
    else:
        by_resource = {}
        everything = LogQuery(text=query.text, filters=query.filters, trace_id=query.trace_id, span_id=query.span_id)
        async for entries in _all(store, everything, pace):
            for entry in entries:
                by_resource.setdefault(entry.record.sender.resource, Counter())[entry.level] += 1
    wanted = LEVELS if query.levels is None else query.levels
    resources = {id: sum(levels[level] for level in wanted) for id, levels in by_resource.items()}
    in_scope = [id for id in by_resource if query.resources is None or id in query.resources]
    levels: dict[str, int] = {level: sum(by_resource[id][level] for id in in_scope) for level in LEVELS}
    return LogCounts(sum(resources[id] for id in in_scope), {id: n for id, n in resources.items() if n}, levels)


async def _all(store: LogStore, query: LogQuery, pace: Pace) -> AsyncGenerator[list[KeptLog]]:
    """All entries that are asked for, some at a time."""
    if query.trace_id is not None:
        yield await _matching(store.of_trace(query.trace_id), query, pace)
        return
    id = 0
    while chunk := store.behind(id, _CHUNK):
        yield await _matching(chunk, query, pace)
        id = chunk[-1].id


async def _follow(telemetry: Telemetry, query: LogQuery, request: Request) -> AsyncGenerator[list[bytes]]:
    store, pace = telemetry.store.logs, Pace(request.turns)
    after = request.number("after")
    if after is not None and after <= store.last:
        position = int(after)
    else:
        entries = await _before(store, query, store.last + 1, limit_of(request), pace)
        position = entries[0].id - 1 if entries else store.last
    while True:
        chunk = store.behind(position, _CHUNK, query.resources)
        until = chunk[-1].id if chunk else store.last
        lost = store.lost(position, until, query.resources)
        lines = [f'{{"kind":"gap","lost":{lost}}}\n'.encode()] if lost else []
        for entry in filter(query.matches, chunk):
            lines.append(_line(telemetry, entry))
            await pace.rest()
        position = until
        if lines:
            yield lines
        elif not chunk:
            if store.bell.is_closed:
                return
            await store.bell.wait()
        await request.turns.take()


def _line(telemetry: Telemetry, entry: KeptLog) -> bytes:
    return (encode(log_view(entry, telemetry.mask)) + "\n").encode()


def _texts(telemetry: Telemetry, entries: Sequence[KeptLog]) -> Iterator[list[str]]:
    for start in range(0, len(entries), _BATCH):
        yield [encode(log_view(entry, telemetry.mask)) for entry in entries[start : start + _BATCH]]
