"""The traffic between two resources, from the spans of calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from fairlead.dashboard.telemetry.documents import EdgeTraffic, PlotPoint
from fairlead.dashboard.telemetry.queries.peers import Peers, database_system
from fairlead.dashboard.telemetry.records import Span

WINDOW_SECONDS = 300.0
STEP_SECONDS = 10.0

TrafficKind = Literal["statements", "requests", "commands"]
_COMMANDS = ("redis", "memcached", "valkey")


@dataclass(frozen=True, slots=True)
class Call:
    """One call between two resources.

    Args:
        start: When it began.
        duration: How long it took, as the caller saw it.
        failed: Whether it ended with an error.
        kind: What it was.
    """

    start: float
    duration: float
    failed: bool
    kind: TrafficKind


def calls_between(spans: Sequence[Span], pair: frozenset[str], peers: Peers, since: float) -> Iterator[Call]:
    """The calls between two resources, in either direction, in one trace.

    A call is seen by its caller, by the one that is called, or by both, and counts once.

    Args:
        spans: The spans of the trace.
        pair: The two resources.
        peers: Tells which resource a span calls.
        since: Calls that began earlier are left out.
    """
    by_id = {span.span_id: span for span in spans}
    answered: set[str] = set()
    for span in spans:
        parent = by_id.get(span.parent_id or "")
        if span.kind not in ("server", "consumer") or parent is None:
            continue
        if {span.sender.resource, parent.sender.resource} == pair:
            answered.add(parent.span_id)
            if span.start >= since:
                yield _call(parent if parent.kind in ("client", "producer") else span, span)
    for span in spans:
        if span.kind not in ("client", "producer") or span.span_id in answered or span.start < since:
            continue
        if {span.sender.resource, peers.called_by(span)} == pair:
            yield _call(span, span)


def _call(seen: Span, called: Span) -> Call:
    system = database_system(seen.attributes)
    kind: TrafficKind = "requests"
    if system:
        kind = "commands" if system.startswith(_COMMANDS) else "statements"
    failed = "error" in (seen.status, called.status)
    return Call(seen.start, seen.end - seen.start, failed, kind)


def edge_traffic(calls: Iterable[Call], now: float) -> EdgeTraffic:
    """Sum up the calls of the window that ends now."""
    known = sorted(calls, key=lambda call: call.start)
    start = now - WINDOW_SECONDS
    steps = [0] * round(WINDOW_SECONDS / STEP_SECONDS)
    for call in known:
        place = int((call.start - start) / STEP_SECONDS)
        if 0 <= place < len(steps):
            steps[place] += 1
    durations = sorted(call.duration for call in known)
    kinds = [call.kind for call in known]
    return EdgeTraffic(
        rate=len(known) / WINDOW_SECONDS,
        p90=durations[min(len(durations) - 1, int(0.9 * len(durations)))] if durations else None,
        failed=sum(call.failed for call in known),
        points=tuple(
            PlotPoint(start + (place + 0.5) * STEP_SECONDS, count / STEP_SECONDS) for place, count in enumerate(steps)
        ),
        kind=max(sorted(set(kinds)), key=kinds.count) if kinds else "requests",
    )
