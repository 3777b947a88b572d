"""Traces that leave a run, and come to another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from aiohttp import web

from fairlead.dashboard.answers import answer, send_lists
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.dashboard.routes.telemetry.traces import find_trace
from fairlead.dashboard.telemetry.export import logs_document, spans_document
from fairlead.dashboard.telemetry.importing import IMPORT_BYTES, read_document
from fairlead.dashboard.telemetry.pace import Pace
from fairlead.dashboard.telemetry.records import Span
from fairlead.dashboard.telemetry.store.telemetry_store import TelemetryStore

_BATCH = 50

R = TypeVar("R")


async def import_traces(served: Served, request: Request) -> web.StreamResponse:
    """Show the traces of a document; what is known of them already stays as it is."""
    data = await request.data(IMPORT_BYTES)
    imported = await asyncio.to_thread(read_document, data)
    store, pace = served.telemetry.store, Pace(request.turns)
    for start in range(0, len(imported.spans), _BATCH):
        new = [span for span in imported.spans[start : start + _BATCH] if not _is_known(store, span)]
        store.traces.add(new, imported=True)
        await pace.rest()
    with_logs = {id for id in imported.traces if store.logs.of_trace(id)}
    logs = [log for log in imported.logs if log.trace_id in imported.traces and log.trace_id not in with_logs]
    for start in range(0, len(logs), _BATCH):
        store.logs.add(logs[start : start + _BATCH])
        await pace.rest()
    return answer({"traces": imported.traces})


def _is_known(store: TelemetryStore, span: Span) -> bool:
    trace = store.traces.find(span.trace_id)
    return trace is not None and span.span_id in trace.spans


async def export_trace(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one trace, and with its log entries, as OTLP in JSON."""
    telemetry = served.telemetry
    trace = find_trace(telemetry, request)
    spans = list(trace.spans.values())
    logs = [entry.record for entry in telemetry.store.logs.of_trace(trace.id)]
    peers = telemetry.peers()
    # A sender may be in several parts, which lets a reader, too, take them one at a time.
    span_texts = _texts(spans, lambda some: spans_document(some, peers, telemetry.mask))
    log_texts = _texts(logs, lambda some: logs_document(some, telemetry.mask))
    return await send_lists(request, {"resourceSpans": span_texts, "resourceLogs": log_texts}, {})


def _texts(records: Sequence[R], document: Callable[[Sequence[R]], Iterable[dict[str, Any]]]) -> Iterator[list[str]]:
    for start in range(0, len(records), _BATCH):
        yield [encode(each) for each in document(records[start : start + _BATCH])]
