"""The three signals of OpenTelemetry: where each is sent to, and the message that carries it."""

from __future__ import annotations

from enum import StrEnum


class Signal(StrEnum):
    """What kind of telemetry a request carries."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"

    @property
    def records(self) -> str:
        """What its records are called in the answer to a request, where some were refused."""
        return {Signal.TRACES: "Spans", Signal.LOGS: "LogRecords", Signal.METRICS: "DataPoints"}[self]


PATHS = {f"/v1/{signal}": signal for signal in Signal}
"""The paths of OTLP/HTTP."""

_COLLECTOR = "/opentelemetry.proto.collector"
METHODS = {
    f"{_COLLECTOR}.trace.v1.TraceService/Export": Signal.TRACES,
    f"{_COLLECTOR}.logs.v1.LogsService/Export": Signal.LOGS,
    f"{_COLLECTOR}.metrics.v1.MetricsService/Export": Signal.METRICS,
}
"""The paths of OTLP/gRPC."""
