"""Requests of OTLP, made by hand, and what becomes of them."""

from __future__ import annotations

import base64
import json
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.messages import Encoding, decode
from fairlead.dashboard.telemetry.otlp.senders import Senders, sender_for
from fairlead.dashboard.telemetry.otlp.signals import Signal

TRACE = bytes(range(1, 17))
SPAN = bytes(range(1, 9))
SECOND = 1_000_000_000
NOW = 1_795_000_000 * SECOND


def decoded(request: Message, encoding: Encoding = "protobuf") -> Batch:
    """The records of a request."""
    signals = {
        ExportTraceServiceRequest: Signal.TRACES,
        ExportLogsServiceRequest: Signal.LOGS,
        ExportMetricsServiceRequest: Signal.METRICS,
    }
    signal = signals[type(request)]
    data = request.SerializeToString() if encoding == "protobuf" else json.dumps(as_otlp_json(request)).encode()
    return decode(signal, data, encoding, Senders(sender_for("api")))


def as_otlp_json(request: Message) -> dict[str, Any]:
    """A request in OTLP's JSON, which is protobuf's with ids in hexadecimal digits and enumerations as numbers."""
    document: dict[str, Any] = MessageToDict(request, use_integers_for_enums=True)
    _use_hexadecimal_ids(document)
    return document


def _use_hexadecimal_ids(value: Any) -> None:
    if isinstance(value, list):
        for element in value:
            _use_hexadecimal_ids(element)
    elif isinstance(value, dict):
        for name, element in value.items():
            if name in ("traceId", "spanId", "parentSpanId"):
                value[name] = base64.b64decode(element).hex()
            else:
                _use_hexadecimal_ids(element)


def a_span(**fields: Any) -> ExportTraceServiceRequest:
    """A request with one span."""
    usual = {"trace_id": TRACE, "span_id": SPAN, "name": "GET /", "start_time_unix_nano": NOW}
    span = trace_pb2.Span(**{**usual, **fields})
    scope = trace_pb2.ScopeSpans(spans=[span])
    return ExportTraceServiceRequest(resource_spans=[trace_pb2.ResourceSpans(scope_spans=[scope])])


def a_log(**fields: Any) -> ExportLogsServiceRequest:
    """A request with one log entry."""
    record = logs_pb2.LogRecord(**{"time_unix_nano": NOW, **fields})
    scope = logs_pb2.ScopeLogs(scope=InstrumentationScope(name="shop.orders"), log_records=[record])
    return ExportLogsServiceRequest(resource_logs=[logs_pb2.ResourceLogs(scope_logs=[scope])])


def a_metric(**data: Any) -> ExportMetricsServiceRequest:
    """A request with one metric."""
    metric = metrics_pb2.Metric(name="http.server.request.duration", unit="s", description="How long", **data)
    scope = metrics_pb2.ScopeMetrics(metrics=[metric])
    return ExportMetricsServiceRequest(resource_metrics=[metrics_pb2.ResourceMetrics(scope_metrics=[scope])])


def text(value: str) -> AnyValue:
    return AnyValue(string_value=value)
