"""Where received telemetry goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fairlead.dashboard.telemetry.records import LogRecord, MetricPoint, Span


class Sink(Protocol):
    """Takes what was received: at once and in memory; what finds no place is dropped and counted there.

    Its methods are called in the event loop, many times a second, with the records of one request.
    """

    def add_spans(self, spans: Sequence[Span]) -> None:
        """Take spans, in the order in which they came."""

    def add_logs(self, records: Sequence[LogRecord]) -> None:
        """Take structured log entries."""

    def add_points(self, points: Sequence[MetricPoint]) -> None:
        """Take points of metrics."""
