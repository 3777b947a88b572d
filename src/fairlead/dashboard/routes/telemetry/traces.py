"""Traces: the list of them, one as a waterfall, one span of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, suppress

from aiohttp import web

from fairlead.dashboard.answers import answer, send_lines, send_list
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.dashboard.routes.telemetry.scope import limit_of, resources_of
from fairlead.dashboard.telemetry.documents import SpanDetails, TraceCounts, TraceView
from fairlead.dashboard.telemetry.pace import Pace
from fairlead.dashboard.telemetry.queries.attributes import attribute_views
from fairlead.dashboard.telemetry.queries.comparison import compare, is_alike
from fairlead.dashboard.telemetry.queries.log_views import log_view
from fairlead.dashboard.telemetry.queries.trace_views import SLOW_SECONDS, TraceQuery, parse_trace_search
from fairlead.dashboard.telemetry.queries.waterfall import Surroundings, Waterfall, span_views
from fairlead.dashboard.telemetry.records import Span
from fairlead.dashboard.telemetry.store.kept_trace import KeptTrace
from fairlead.dashboard.telemetry.telemetry import Telemetry
from fairlead.errors import UsageError

_BATCH = 20
_ROUND = 50
_SETTLE_SECONDS = 1.0
_CONFLATE_SECONDS = 0.1
_MOST_COMPARED = 2_000


async def list_traces(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the newest traces that are asked for; with ``follow`` also with each that changes."""
    telemetry, query = served.telemetry, _query(served, request)
    telemetry.store.traces.settle()
    if request.flag("follow"):
        async with aclosing(_follow(telemetry, query, request)) as lines:
            return await send_lines(request, lines)
    cursor = telemetry.store.traces.version
    views, counts = await _find(telemetry, query, Pace(request.turns))
    before = request.number("before")
    views.sort(key=lambda view: view.start, reverse=True)
    shown = [view for view in views if before is None or view.start < before][: limit_of(request)]
    texts = ([encode(view) for view in shown[start : start + _BATCH]] for start in range(0, len(shown), _BATCH))
    rest = {"counts": counts, "kept": telemetry.store.traces.kept, "cursor": cursor}
    return await send_list(request, "traces", texts, rest)


async def show_trace(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one trace, span by span."""
    telemetry = served.telemetry
    trace = find_trace(telemetry, request)
    view = await telemetry.view(trace)
    waterfall = await telemetry.waterfall(trace)
    return await send_list(request, "spans", _spans(telemetry, waterfall), {"trace": view})


async def show_span(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one span, its logs, and how it compares with others."""
    telemetry = served.telemetry
    trace = find_trace(telemetry, request)
    waterfall = await telemetry.waterfall(trace)
    span_id = request.segment("span").lower()
    node = waterfall.find(span_id)
    if node is None:
        raise UsageError(
            f"the trace {trace.id} has no span {span_id}", remedy="It may have been sent to another place, or not yet."
        )
    logs = [entry for entry in telemetry.store.logs.of_trace(trace.id) if entry.record.span_id == span_id]
    (view,) = span_views(waterfall, [node], _surroundings(telemetry, trace.id))
    durations = await _alike(telemetry, node.span, Pace(request.turns))
    return answer(
        SpanDetails(
            span=view,
            logs=tuple(log_view(entry, telemetry.mask) for entry in logs[: limit_of(request)]),
            comparison=compare(node.duration, durations),
            resource_attributes=attribute_views(node.span.sender.attributes, telemetry.mask),
        )
    )


def find_trace(telemetry: Telemetry, request: Request) -> KeptTrace:
    """Return the trace that a path names.

    Raises:
        UsageError: There is none.
    """
    telemetry.store.traces.settle()
    trace_id = request.segment("trace").lower()
    trace = telemetry.store.traces.find(trace_id)
    if trace is None:
        raise UsageError(
            f"there is no trace {trace_id}",
            remedy=f"The last {telemetry.store.traces.kept.limit:,} traces of this run are kept.",
        )
    return trace


def _query(served: Served, request: Request) -> TraceQuery:
    text, attribute = parse_trace_search(request.text("q") or "")
    return TraceQuery(
        resources=resources_of(served, request),
        text=text,
        filter=attribute,
        least=request.number("min") or 0.0,
        errors=request.flag("errors"),
    )


async def _find(telemetry: Telemetry, query: TraceQuery, pace: Pace) -> tuple[list[TraceView], TraceCounts]:
    """The traces that are asked for, and how many there are.

    The counts of errors and slow ones are those among all of the resources asked for, whatever else is; those of
    resources are whatever resources are asked for.
    """
    found: list[TraceView] = []
    total = errors = slow = 0
    resources: Counter[str] = Counter()
    for trace in telemetry.store.traces.all():
        view = await telemetry.view(trace)
        await pace.rest()
        if query.looks_at_spans and not query.finds(trace.id, list(trace.spans.values())):
            continue
        if query.matches(view):
            resources.update(share.resource for share in view.shares)
        if not query.concerns(view):
            continue
        total += 1
        errors += view.errors > 0
        slow += view.duration >= SLOW_SECONDS
        if query.matches(view):
            found.append(view)
    return found, TraceCounts(total, errors, slow, dict(resources))


async def _follow(telemetry: Telemetry, query: TraceQuery, request: Request) -> AsyncGenerator[list[bytes]]:
    store, pace = telemetry.store.traces, Pace(request.turns)
    after = request.number("after")
    version = 0 if after is None or after > store.version else int(after)
    while True:
        store.settle()
        changed = store.changed_after(version)[:_ROUND]
        lines: list[bytes] = []
        for trace in changed:
            version = trace.version
            view = await telemetry.view(trace)
            await pace.rest()
            is_found = not query.looks_at_spans or query.finds(trace.id, list(trace.spans.values()))
            if is_found and query.matches(view) and query.concerns(view):
                lines.append((encode(view) + "\n").encode())
        if lines:
            yield lines
        elif not changed:
            if store.bell.is_closed:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(_SETTLE_SECONDS):
                    await store.bell.wait()
            await asyncio.sleep(_CONFLATE_SECONDS)  # the spans of a trace come in pieces
        await request.turns.take()


def _surroundings(telemetry: Telemetry, trace_id: str) -> Surroundings:
    logs = Counter(entry.record.span_id for entry in telemetry.store.logs.of_trace(trace_id) if entry.record.span_id)
    return Surroundings(telemetry.peers(), telemetry.mask, logs, lambda id: telemetry.store.traces.find(id) is not None)


def _spans(telemetry: Telemetry, waterfall: Waterfall) -> Iterator[list[str]]:
    nodes = waterfall.tree.nodes
    around = _surroundings(telemetry, nodes[0].span.trace_id)
    for start in range(0, len(nodes), _BATCH):
        yield [encode(view) for view in span_views(waterfall, nodes[start : start + _BATCH], around)]


async def _alike(telemetry: Telemetry, span: Span, pace: Pace) -> Sequence[float]:
    """The durations of the same operation in the traces that have changed last."""
    durations: list[float] = []
    for trace in reversed(telemetry.store.traces.all()):
        durations += [other.end - other.start for other in trace.spans.values() if is_alike(span, other)]
        await pace.rest()
        if len(durations) >= _MOST_COMPARED:
            break
    return durations
