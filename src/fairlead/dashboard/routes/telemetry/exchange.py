"""Traces that leave a run, and come to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from fairlead.dashboard.answers import send_list
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.dashboard.routes.telemetry.traces import find_trace
from fairlead.dashboard.telemetry.export import logs_document, spans_document

_BATCH = 100


async def export_trace(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one trace, and with its log entries, as OTLP in JSON."""
    telemetry = served.telemetry
    trace = find_trace(telemetry, request)
    spans = list(trace.spans.values())
    logs = [entry.record for entry in telemetry.store.logs.of_trace(trace.id)]
    peers = telemetry.peers()

    def texts() -> Iterator[list[str]]:
        for start in range(0, len(spans), _BATCH):
            yield [encode(each) for each in spans_document(spans[start : start + _BATCH], peers, telemetry.mask)]

    rest: dict[str, Any] = {"resourceLogs": list(logs_document(logs, telemetry.mask))} if logs else {}
    return await send_list(request, "resourceSpans", texts(), rest)
