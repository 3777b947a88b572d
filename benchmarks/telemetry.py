"""What a full store of telemetry costs: to fill it, to ask it, and what it holds up meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from benchmarks.control import longest_stall, served
from benchmarks.measure import Figure, compare
from fairlead.dashboard.telemetry.records import LogRecord, Sender, Span
from fairlead.dashboard.telemetry.store.telemetry_store import TelemetryStore

TRACES = 10_000
SPANS = 100_000
LOGS = 100_000
BATCH = 500
SENDERS = [Sender(f"r{number}", f"r{number}", {"service.name": f"r{number}"}) for number in range(8)]
BARE_ADD = "a dict of lists"
BARE_FIND = "a loop over a list"


def measure() -> list[Figure]:
    """Records a second into the store, the time of questions, and the longest stall while they are answered."""
    spans, logs = [_span(number) for number in range(SPANS)], [_log(number) for number in range(LOGS)]
    figures = [
        _rate("spans into the store", lambda: _add_spans(spans), lambda: _bare_spans(spans), SPANS, "> 30,000"),
        _rate("log entries into the store", lambda: _add_logs(logs), lambda: _bare_logs(logs), LOGS, ""),
    ]
    return figures + asyncio.run(_questions(spans, logs))


def _span(number: int) -> Span:
    """One of ten spans of a trace, with attributes as instrumentations give them."""
    place = number % 10
    return Span(
        trace_id=f"{number // 10:032x}",
        span_id=f"{number + 1:016x}",
        parent_id=f"{number:016x}" if place else None,
        name="POST /api/orders",
        kind="server" if place % 2 else "client",
        start=1e9 + number + place / 100,
        end=1e9 + number + 1 - place / 100,
        sender=SENDERS[number % 8],
        attributes={
            "http.request.method": "POST",
            "http.route": "/api/orders",
            "url.path": f"/api/orders/{number}",
            "server.address": "127.0.0.1",
            "server.port": 8080,
            "http.response.status_code": 201,
        },
    )


def _log(number: int) -> LogRecord:
    return LogRecord(
        time=1e9 + number,
        severity=9 + number % 10,
        severity_text="",
        body=f"Order ord_{number} placed, {number % 7} items",
        sender=SENDERS[number % 8],
        trace_id=f"{number // 10:032x}",
        attributes={"order.id": f"ord_{number}", "order.total": number / 100, "http.route": "/api/orders"},
    )


def _rate(what: str, ours: Callable[[], float], bare: Callable[[], float], count: int, target: str) -> Figure:
    return compare(what, lambda: count / ours(), BARE_ADD, lambda: count / bare(), unit="a second", target=target)


def _add_spans(spans: list[Span]) -> float:
    store = TelemetryStore()
    begin = time.perf_counter()
    for start in range(0, len(spans), BATCH):
        store.add_spans(spans[start : start + BATCH])
    return time.perf_counter() - begin


def _add_logs(logs: list[LogRecord]) -> float:
    store = TelemetryStore()
    begin = time.perf_counter()
    for start in range(0, len(logs), BATCH):
        store.add_logs(logs[start : start + BATCH])
    return time.perf_counter() - begin


def _bare_spans(spans: list[Span]) -> float:
    traces: dict[str, list[Span]] = {}
    begin = time.perf_counter()
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return time.perf_counter() - begin


def _bare_logs(logs: list[LogRecord]) -> float:
    by_trace: dict[str | None, list[LogRecord]] = {}
    begin = time.perf_counter()
    for log in logs:
        by_trace.setdefault(log.trace_id, []).append(log)
    return time.perf_counter() - begin


async def _questions(spans: list[Span], logs: list[LogRecord]) -> list[Figure]:
    figures: list[Figure] = []
    async with served() as (_, path, server):
        store = server.telemetry.store
        for start in range(0, SPANS, BATCH):
            store.add_spans(spans[start : start + BATCH])
            store.add_logs(logs[start : start + BATCH])
        async with _client(path) as client:
            questions = {
                "the newest log entries": "logs",
                "log entries by an attribute": "logs?f=order.total%3E999",
                "log entries with a text": "logs?q=ord_99999",
                "traces for the first time": "traces",
                "traces again": "traces",
                "traces with a text": "traces?q=orders/99999",
                "one trace": f"traces/{1:032x}",
                "one span, compared": f"traces/{1:032x}/spans/{11:016x}",
                "traffic of an edge": "edges?from=r0&to=r1",
            }
            for what, question in questions.items():
                figures += await _ask(client, what, question, _bare_find(logs))
    return figures


def _bare_find(logs: list[LogRecord]) -> float:
    begin = time.perf_counter()
    assert sum("ord_99999" in log.body for log in logs) == 1
    return time.perf_counter() - begin


def _client(path: Path) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path)))


async def _ask(client: aiohttp.ClientSession, what: str, question: str, bare: float) -> list[Figure]:
    """The time of a question, and the processor time of the longest stall of the loop while it is answered."""

    async def ask() -> float:
        begin = time.perf_counter()
        async with client.get(f"http://x/api/telemetry/{question}") as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        return time.perf_counter() - begin

    stall, own, seconds = await longest_stall(ask())
    return [
        Figure(f"{what}, of {LOGS:,} entries and {SPANS:,} spans", 1000 * seconds, "ms", None, BARE_FIND, 1000 * bare),
        Figure(f"longest stall of the loop: {what}", 1000 * stall, "ms", None, "processor time in it", 1000 * own),
    ]
