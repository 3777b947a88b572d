"""Structured log entries: from OTLP to records."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from fairlead.dashboard.telemetry.otlp.attributes import attributes_of, body_of, shared_name
from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.identifiers import seconds_of, span_id_of, trace_id_of
from fairlead.dashboard.telemetry.otlp.limits import RECORD_BYTES
from fairlead.dashboard.telemetry.otlp.senders import Senders
from fairlead.dashboard.telemetry.otlp.spans import TOO_LARGE
from fairlead.dashboard.telemetry.records import LogRecord, Sender

if TYPE_CHECKING:  # protobuf is imported with the first request
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.logs.v1 import logs_pb2

EVENT_NAME: Final = "event.name"
_HIGHEST_SEVERITY: Final = 24


def decode_logs(request: ExportLogsServiceRequest, senders: Senders) -> Batch:
    """The entries of a request."""
    batch = Batch()
    now = time.time()
    for resource_logs in request.resource_logs:
        sender = senders.of(resource_logs.resource)
        for scope_logs in resource_logs.scope_logs:
            scope = shared_name(scope_logs.scope.name)
            for record in scope_logs.log_records:
                if record.ByteSize() > RECORD_BYTES:
                    batch.refusals[TOO_LARGE] += 1
                else:
                    batch.logs.append(_entry(record, sender, scope, now))
    return batch


def _entry(record: logs_pb2.LogRecord, sender: Sender, scope: str, now: float) -> LogRecord:
    attributes = attributes_of(record.attributes, record.dropped_attributes_count)
    if record.event_name:
        attributes.setdefault(EVENT_NAME, shared_name(record.event_name))
    trace_id = trace_id_of(record.trace_id)
    nanoseconds = record.time_unix_nano or record.observed_time_unix_nano
    return LogRecord(
        time=seconds_of(nanoseconds) if nanoseconds else now,
        severity=min(record.severity_number, _HIGHEST_SEVERITY) if record.severity_number > 0 else 0,
        severity_text=shared_name(record.severity_text),
        body=body_of(record.body),
        sender=sender,
        scope=scope,
        trace_id=trace_id,
        span_id=span_id_of(record.span_id) if trace_id is not None else None,
        attributes=attributes,
    )
