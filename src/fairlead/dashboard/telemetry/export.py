"""Records as OTLP in JSON, as its specification writes it: ids in hexadecimal digits, whole numbers as texts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from fairlead.dashboard.telemetry.queries.attributes import Mask
from fairlead.dashboard.telemetry.queries.peers import PEER_ATTRIBUTE, Peers
from fairlead.dashboard.telemetry.records import (
    Attributes,
    AttributeValue,
    LogRecord,
    Sender,
    Span,
    SpanEvent,
    SpanKind,
    SpanStatus,
)

RESOURCE_ATTRIBUTE = "fairlead.resource"
"""The attribute of an exported OTLP resource that says which resource of the app it was."""
INSTANCE_ATTRIBUTE = "fairlead.instance"
"""The attribute of an exported OTLP resource that says which of its instances it was."""

_KINDS: dict[SpanKind, int] = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_STATUSES: dict[SpanStatus, int] = {"unset": 0, "ok": 1, "error": 2}

R = TypeVar("R", Span, LogRecord)


def spans_document(spans: Iterable[Span], peers: Peers, mask: Mask) -> Iterator[dict[str, Any]]:
    """The ``resourceSpans`` of some spans, a sender at a time.

    Args:
        spans: The spans.
        peers: Tells the resources that they call, which is noted in them: another app has others.
        mask: Replaces secrets.
    """
    for sender, scopes in _grouped(spans):
        yield {
            "resource": _resource(sender, mask),
            "scopeSpans": [
                {"scope": {"name": scope}, "spans": [_span(span, peers, mask) for span in found]}
                for scope, found in scopes.items()
            ],
        }


def logs_document(records: Iterable[LogRecord], mask: Mask) -> Iterator[dict[str, Any]]:
    """The ``resourceLogs`` of some log entries, a sender at a time."""
    for sender, scopes in _grouped(records):
        yield {
            "resource": _resource(sender, mask),
            "scopeLogs": [
                {"scope": {"name": scope}, "logRecords": [_log(record, mask) for record in found]}
                for scope, found in scopes.items()
            ],
        }


def _grouped(records: Iterable[R]) -> Iterator[tuple[Sender, Mapping[str, list[R]]]]:
    """Records by sender and scope; senders of equal content are one."""
    groups: dict[tuple[str, str, str], tuple[Sender, dict[str, list[R]]]] = {}
    for record in records:
        sender = record.sender
        key = (sender.resource, sender.instance, repr(sorted(sender.attributes.items(), key=lambda item: item[0])))
        _, scopes = groups.setdefault(key, (sender, {}))
        scopes.setdefault(record.scope, []).append(record)
    yield from groups.values()


def _resource(sender: Sender, mask: Mask) -> dict[str, Any]:
    marks = {RESOURCE_ATTRIBUTE: sender.resource, INSTANCE_ATTRIBUTE: sender.instance}
    return {"attributes": _attributes({**sender.attributes, **marks}, mask)}


def _span(span: Span, peers: Peers, mask: Mask) -> dict[str, Any]:
    drawn_under = peers.drawn_under(span)
    marks = {} if drawn_under == span.sender.resource else {PEER_ATTRIBUTE: drawn_under}
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id or "",
        "name": mask(span.name),
        "kind": _KINDS[span.kind],
        "startTimeUnixNano": _nanoseconds(span.start),
        "endTimeUnixNano": _nanoseconds(span.end),
        "attributes": _attributes({**span.attributes, **marks}, mask),
        "events": [_event(event, mask) for event in span.events],
        "links": [
            {"traceId": link.trace_id, "spanId": link.span_id, "attributes": _attributes(link.attributes, mask)}
            for link in span.links
        ],
        "status": {"code": _STATUSES[span.status], "message": mask(span.status_message)},
    }


def _event(event: SpanEvent, mask: Mask) -> dict[str, Any]:
    return {
        "name": event.name,
        "timeUnixNano": _nanoseconds(event.time),
        "attributes": _attributes(event.attributes, mask),
    }


def _log(record: LogRecord, mask: Mask) -> dict[str, Any]:
    return {
        "timeUnixNano": _nanoseconds(record.time),
        "severityNumber": record.severity,
        "severityText": record.severity_text,
        "body": {"stringValue": mask(record.body)},
        "attributes": _attributes(record.attributes, mask),
        "traceId": record.trace_id or "",
        "spanId": record.span_id or "",
    }


def _nanoseconds(seconds: float) -> str:
    return str(round(seconds * 1e9))


def _attributes(attributes: Attributes, mask: Mask) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value, mask)} for name, value in attributes.items()]


def _value(value: AttributeValue, mask: Mask) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case str():
            return {"stringValue": mask(value)}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case bytes():
            return {"bytesValue": b64encode(value).decode()}
        case Mapping():
            return {"kvlistValue": {"values": _attributes(value, mask)}}
        case _:
            return {"arrayValue": {"values": [_value(each, mask) for each in value]}}
