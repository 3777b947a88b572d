"""The telemetry of one run: its store, and what the answers from it have in common."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection
from contextlib import suppress

from fairlead.dashboard.telemetry.documents import Mark, TraceView
from fairlead.dashboard.telemetry.peer_map import peers_of
from fairlead.dashboard.telemetry.queries.metrics.marks import marks
from fairlead.dashboard.telemetry.queries.metrics.windows import Window
from fairlead.dashboard.telemetry.queries.peers import Peers
from fairlead.dashboard.telemetry.queries.span_tree import span_tree
from fairlead.dashboard.telemetry.queries.trace_views import trace_view
from fairlead.dashboard.telemetry.queries.waterfall import Waterfall
from fairlead.dashboard.telemetry.records import Span
from fairlead.dashboard.telemetry.store.kept_trace import KeptTrace
from fairlead.dashboard.telemetry.store.series import KeptSeries
from fairlead.dashboard.telemetry.store.telemetry_store import TelemetryStore
from fairlead.dashboard.telemetry.store.usage_history import UsageHistory
from fairlead.dashboard.telemetry.usage_series import usage_series
from fairlead.engines.tasks import TaskScope
from fairlead.errors import NotRunning
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.run import Run

_USAGE_SECONDS = 20.0
"""Seconds between two looks at the usage of resources, of which the last minute is kept elsewhere."""
_LARGE = 300
"""Spans of a trace that take more than a few milliseconds, so that they are looked at in a thread."""


class Telemetry:
    """What the routes answer from. Belongs to the thread of the event loop.

    Args:
        run: The run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.store = TelemetryStore()
        self._peers = Peers()
        self._peers_stamp: tuple[int, frozenset[str]] = (-1, frozenset())
        self.usage = UsageHistory()
        self._usage_read = 0
        self._tasks = TaskScope("telemetry")
        self._views: dict[str, tuple[int, bool, Peers, TraceView]] = {}

    def start(self) -> None:
        """Keep what is known elsewhere only for a while, and end the streams with the run."""
        self._tasks.spawn(self._keep_usage(), "usage")
        self._tasks.spawn(self._end_with_run(), "end")

    async def close(self) -> None:
        """End all of it; streams end when they have given what there is."""
        self.store.close()
        await self._tasks.close()

    async def _keep_usage(self) -> None:
        while True:
            self._take_usage()
            await asyncio.sleep(_USAGE_SECONDS)

    def _take_usage(self) -> None:
        # Not by following it, which counts as watching: then containers are measured, which costs the engine something.
        for sample in self.run.usage.after(self._usage_read):
            self.usage.add(sample)
        self._usage_read = self.run.usage.count

    async def _end_with_run(self) -> None:
        with suppress(NotRunning):
            await self.run.bus.wait_until(lambda: False)
        self.store.close()

    def mask(self, text: str) -> str:
        """Replace the secrets of the app in a text."""
        return self.run.logs.masked(text)

    def peers(self) -> Peers:
        """What spans may call; the same object as long as nothing has changed."""
        stamp = (self.run.bus.version, self.store.traces.senders)
        if stamp != self._peers_stamp:
            peers = peers_of(self.run, self.store.traces.senders)
            if peers != self._peers:
                self._peers = peers
            self._peers_stamp = stamp
        return self._peers

    async def view(self, trace: KeptTrace) -> TraceView:
        """A trace as a list shows it; made once for each change of it."""
        peers, running = self.peers(), self.store.traces.is_running(trace)
        known = self._views.get(trace.id)
        if known is not None and known[0] == trace.version and known[1] == running and known[2] is peers:
            return known[3]
        version, imported, dropped = trace.version, trace.imported, trace.dropped

        def make(spans: list[Span]) -> TraceView:
            tree = span_tree(spans)
            return trace_view(
                tree, peers, self.mask, running=running, imported=imported, version=version, dropped=dropped
            )

        spans = list(trace.spans.values())
        view = make(spans) if len(spans) <= _LARGE else await asyncio.to_thread(make, spans)
        self._views[trace.id] = version, running, peers, view
        self._forget_views()
        return view

    async def waterfall(self, trace: KeptTrace) -> Waterfall:
        """A trace that is ready to be shown span by span."""
        spans = list(trace.spans.values())
        if len(spans) <= _LARGE:
            return Waterfall.of(span_tree(spans))
        return await asyncio.to_thread(lambda: Waterfall.of(span_tree(spans)))

    def series(self, resources: Collection[str] | None, since: float = math.inf) -> list[KeptSeries]:
        """The series of some resources, and the host's own of their CPU and memory.

        Args:
            resources: The ids of the resources; None for all.
            since: The host's own series begin then; by default they have no points.
        """
        self._take_usage()
        own = usage_series(self.usage.histories(), self.run.app, resources, since)
        return [*self.store.metrics.series(resources), *own]

    def marks(self, resources: Collection[str], window: Window) -> list[Mark]:
        """What has happened in a window to some resources, and to the parameters whose values they have."""
        snapshots = self.run.bus.snapshots
        given = {
            variable.origin_resource
            for id in resources
            if (snapshot := snapshots.get(id)) is not None
            for variable in snapshot.environment
        }
        parameters = {name for name in given if name and name in self.run.app and _is_parameter(self.run.app[name])}
        events = [event for id in (*resources, *parameters) for event in self.run.events.of(id)]
        return marks(events, parameters, window.start, window.end)

    def _forget_views(self) -> None:
        """Drop the views of traces that are not kept any more, now and then."""
        if len(self._views) > 2 * len(self.store.traces) + 100:
            self._views = {id: view for id, view in self._views.items() if self.store.traces.find(id) is not None}


def _is_parameter(resource: Resource) -> bool:
    return isinstance(resource, Parameter)
