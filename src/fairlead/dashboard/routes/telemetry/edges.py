"""The traffic between two resources."""

from __future__ import annotations

import time

from aiohttp import web

from fairlead.dashboard.answers import answer
from fairlead.dashboard.request import Request
from fairlead.dashboard.resource_ids import find_snapshot
from fairlead.dashboard.route import Served
from fairlead.dashboard.telemetry.pace import Pace
from fairlead.dashboard.telemetry.queries.traffic import WINDOW_SECONDS, Call, calls_between, edge_traffic
from fairlead.errors import UsageError


async def show_edge(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the calls between two resources in the last five minutes, in either direction."""
    names = (request.text("from"), request.text("to"))
    if not all(names):
        raise UsageError("an edge has two ends", remedy="Give both from= and to=.")
    pair = frozenset(find_snapshot(served.host, name or "").id for name in names)
    now, pace = time.time(), Pace(request.turns)
    since = now - WINDOW_SECONDS
    calls: list[Call] = []
    telemetry = served.telemetry
    for trace in reversed(telemetry.store.traces.all()):
        calls += calls_between(list(trace.spans.values()), pair, telemetry.peers(), since)
        await pace.rest()
    return answer(edge_traffic(calls, now))
