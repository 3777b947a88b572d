"""What one request has brought."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fairlead.dashboard.telemetry.records import LogRecord, MetricPoint, Span

_MOST_REASONS = 5


@dataclass(slots=True)
class Batch:
    """Decoded records, and why others were refused.

    Args:
        spans: The spans.
        logs: The structured log entries.
        points: The points of metrics.
        refusals: How many records were refused, by the reason.
    """

    spans: list[Span] = field(default_factory=list)
    logs: list[LogRecord] = field(default_factory=list)
    points: list[MetricPoint] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        """How many records were refused."""
        return self.refusals.total()

    @property
    def reason(self) -> str:
        """Why they were, in words; empty when none was."""
        reasons = [f"{count} {reason}" for reason, count in self.refusals.most_common(_MOST_REASONS)]
        return "; ".join(reasons)
