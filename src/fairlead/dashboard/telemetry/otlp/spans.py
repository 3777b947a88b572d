"""Spans: from OTLP to records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fairlead.dashboard.telemetry.otlp.attributes import attributes_of, shared_name
from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.identifiers import seconds_of, span_id_of, trace_id_of
from fairlead.dashboard.telemetry.otlp.limits import EVENTS, RECORD_BYTES, VALUE_CHARACTERS, cut
from fairlead.dashboard.telemetry.otlp.senders import Senders
from fairlead.dashboard.telemetry.records import Sender, Span, SpanEvent, SpanKind, SpanLink, SpanStatus

if TYPE_CHECKING:  # protobuf is imported with the first request
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1 import trace_pb2

# By their numbers in OTLP; what is unspecified is internal, as the specification says.
_KINDS: Final[dict[int, SpanKind]] = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
_STATUSES: Final[dict[int, SpanStatus]] = {1: "ok", 2: "error"}

TOO_LARGE: Final = f"larger than {RECORD_BYTES // 1024} KiB"


def decode_spans(request: ExportTraceServiceRequest, senders: Senders) -> Batch:
    """The spans of a request; those that can't belong to a trace are refused."""
    batch = Batch()
    for resource_spans in request.resource_spans:
        sender = senders.of(resource_spans.resource)
        for scope_spans in resource_spans.scope_spans:
            scope = shared_name(scope_spans.scope.name)
            for span in scope_spans.spans:
                record = _span(span, sender, scope)
                if isinstance(record, Span):
                    batch.spans.append(record)
                else:
                    batch.refusals[record] += 1
    return batch


def _span(span: trace_pb2.Span, sender: Sender, scope: str) -> Span | str:
    """The record of a span, or why there is none."""
    trace_id, span_id = trace_id_of(span.trace_id), span_id_of(span.span_id)
    if trace_id is None or span_id is None:
        return "without a valid trace id and span id"
    if not span.start_time_unix_nano:
        return "without a time"
    if span.ByteSize() > RECORD_BYTES:
        return TOO_LARGE
    start = seconds_of(span.start_time_unix_nano)
    parent_id = span_id_of(span.parent_span_id)
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=None if parent_id == span_id else parent_id,
        name=shared_name(span.name),
        kind=_KINDS.get(span.kind, "internal"),
        start=start,
        end=max(start, seconds_of(span.end_time_unix_nano)),
        sender=sender,
        scope=scope,
        status=_STATUSES.get(span.status.code, "unset"),
        status_message=cut(span.status.message, VALUE_CHARACTERS),
        attributes=attributes_of(span.attributes, span.dropped_attributes_count),
        events=tuple(map(_event, span.events[:EVENTS])) if span.events else (),
        links=tuple(link for link in map(_link, span.links[:EVENTS]) if link is not None) if span.links else (),
    )


def _event(event: trace_pb2.Span.Event) -> SpanEvent:
    attributes = attributes_of(event.attributes, event.dropped_attributes_count)
    return SpanEvent(shared_name(event.name), seconds_of(event.time_unix_nano), attributes)


def _link(link: trace_pb2.Span.Link) -> SpanLink | None:
    trace_id, span_id = trace_id_of(link.trace_id), span_id_of(link.span_id)
    if trace_id is None or span_id is None:
        return None
    return SpanLink(trace_id, span_id, attributes_of(link.attributes, link.dropped_attributes_count))
