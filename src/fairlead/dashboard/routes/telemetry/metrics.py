"""Metrics: the instruments that have data, and their plots."""

from __future__ import annotations

import asyncio
import time

from aiohttp import web

from fairlead.dashboard.answers import answer, send_list
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.dashboard.routes.telemetry.scope import resources_of
from fairlead.dashboard.telemetry.documents import InstrumentList, PlotDocument
from fairlead.dashboard.telemetry.pace import Pace
from fairlead.dashboard.telemetry.queries.filters import parse_filters
from fairlead.dashboard.telemetry.queries.metrics.instruments import instrument_view
from fairlead.dashboard.telemetry.queries.metrics.plots import plot
from fairlead.dashboard.telemetry.queries.metrics.selection import Selection, selections
from fairlead.dashboard.telemetry.queries.metrics.windows import Window, window_until
from fairlead.dashboard.telemetry.telemetry import Telemetry

DEFAULT_WINDOW = 300.0
_QUICK_POINTS = 300
"""Points that are drawn within a few milliseconds."""


async def list_instruments(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the instruments that have data of the resources asked for."""
    telemetry, resources = served.telemetry, resources_of(served, request)
    everything = selections(telemetry.series(None))
    found = everything if resources is None else selections(telemetry.series(resources))
    views = tuple(instrument_view(selection, telemetry.mask) for selection in found)
    return answer(InstrumentList(views, len(everything) - len(found), telemetry.store.metrics.kept))


async def list_plots(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the plots of some instruments, or of all, and with what happened meanwhile."""
    telemetry, resources = served.telemetry, resources_of(served, request)
    filters = parse_filters(request.texts("f"))
    wanted = request.texts("instrument")
    window = window_until(time.time(), request.number("window") or DEFAULT_WINDOW)
    series = telemetry.series(resources, window.start)
    found = [each for each in selections(series) if not wanted or each.instrument.name in wanted]
    pace = Pace(request.turns)
    texts: list[list[str]] = []
    for selection in found:
        document = await _plot(telemetry, selection.where(filters), window)
        texts.append([encode(document)] if document.series else [])
        await pace.rest()
    in_view = resources or {series.sender.resource for selection in found for series in selection.series}
    return await send_list(request, "plots", texts, {"marks": telemetry.marks(in_view, window)})


async def _plot(telemetry: Telemetry, selection: Selection, window: Window) -> PlotDocument:
    """Draw the plot of an instrument; one with many points in a thread, from a copy."""
    copied = selection.since(window.start)

    def draw() -> PlotDocument:
        return plot(copied, window, telemetry.mask, lambda id: telemetry.store.traces.find(id) is not None)

    return draw() if copied.points <= _QUICK_POINTS else await asyncio.to_thread(draw)
