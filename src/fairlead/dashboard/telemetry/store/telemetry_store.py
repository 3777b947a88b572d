"""All telemetry of a run: what the receiver gives to, and all answers come from."""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.dashboard.telemetry.records import LogRecord, MetricPoint, Span
from fairlead.dashboard.telemetry.store.log_store import LogStore
from fairlead.dashboard.telemetry.store.metric_store import MetricStore
from fairlead.dashboard.telemetry.store.trace_store import TraceStore


class TelemetryStore:
    """The logs, traces and metrics of a run, in bounded memory; a :class:`~fairlead.dashboard.telemetry.sink.Sink`.

    Belongs to the thread of the event loop.
    """

    def __init__(self) -> None:
        self.logs = LogStore()
        self.traces = TraceStore()
        self.metrics = MetricStore()

    def add_spans(self, spans: Sequence[Span]) -> None:
        """Keep spans."""
        self.traces.add(spans)

    def add_logs(self, records: Sequence[LogRecord]) -> None:
        """Keep structured log entries."""
        self.logs.add(records)

    def add_points(self, points: Sequence[MetricPoint]) -> None:
        """Keep points of metrics."""
        self.metrics.add(points)

    def close(self) -> None:
        """End the streams of those who follow, once they have read what there is."""
        for bell in (self.logs.bell, self.traces.bell, self.metrics.bell):
            bell.close()
