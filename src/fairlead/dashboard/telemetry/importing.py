"""Reading exported traces: OTLP in JSON, as this or another tool has written it.

A large document is read piece by piece, so that a thread that does it lets the event loop go on in between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fairlead.dashboard.telemetry.export import INSTANCE_ATTRIBUTE, RESOURCE_ATTRIBUTE
from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.json_ids import with_encoded_ids
from fairlead.dashboard.telemetry.otlp.logs import decode_logs
from fairlead.dashboard.telemetry.otlp.senders import INSTANCE, Senders
from fairlead.dashboard.telemetry.otlp.spans import decode_spans
from fairlead.dashboard.telemetry.queries.attributes import find_text
from fairlead.dashboard.telemetry.queries.peers import IMPORTED_ATTRIBUTE
from fairlead.dashboard.telemetry.records import Attributes, LogRecord, Sender, Span
from fairlead.errors import UsageError

IMPORT_BYTES = 32 * 1024 * 1024
"""Bytes of a document at most."""

_REMEDY = "Give a document that `fairlead traces --export` has written, or OTLP in JSON with resourceSpans."
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Imported:
    """What a document holds.

    Args:
        spans: The spans.
        logs: The log entries.
    """

    spans: list[Span] = field(default_factory=list)
    logs: list[LogRecord] = field(default_factory=list)

    @property
    def traces(self) -> tuple[str, ...]:
        """The ids of the traces, in the order of the document."""
        return tuple(dict.fromkeys(span.trace_id for span in self.spans))


def read_document(data: bytes) -> Imported:
    """Read an exported document.

    Raises:
        UsageError: It can't be understood, or holds no span.
    """
    imported, senders = Imported(), Senders(imported_sender)
    try:
        for name, part in _parts(data.decode()):
            if name == "resourceSpans":
                imported.spans += _spans(part, senders).spans
            elif name == "resourceLogs":
                imported.logs += _logs(part, senders).logs
    except (ValueError, TypeError, AttributeError, RecursionError) as error:  # ParseError is no ValueError
        raise UsageError(f"the document is not OTLP in JSON: {str(error)[:200]}", remedy=_REMEDY) from None
    if not imported.spans:
        raise UsageError("the document has no spans", remedy=_REMEDY)
    return imported


def imported_sender(attributes: Attributes) -> Sender:
    """The sender of imported records: the resource that it was where it was exported, and marked."""
    resource = find_text(attributes, RESOURCE_ATTRIBUTE, "service.name") or "imported"
    instance = find_text(attributes, INSTANCE_ATTRIBUTE, INSTANCE) or resource
    own = {name: value for name, value in attributes.items() if name not in (RESOURCE_ATTRIBUTE, INSTANCE_ATTRIBUTE)}
    return Sender(resource, instance, {**own, IMPORTED_ATTRIBUTE: True})


def _spans(part: Any, senders: Senders) -> Batch:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    _parse({"resourceSpans": [part]}, request)
    return decode_spans(request, senders)


def _logs(part: Any, senders: Senders) -> Batch:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    request = ExportLogsServiceRequest()
    _parse({"resourceLogs": [part]}, request)
    return decode_logs(request, senders)


def _parse(document: dict[str, Any], request: Any) -> None:
    from google.protobuf.json_format import ParseDict, ParseError

    try:
        ParseDict(with_encoded_ids(document), request, ignore_unknown_fields=True)
    except ParseError as error:
        raise ValueError(str(error)) from error


def _parts(text: str) -> Iterator[tuple[str, Any]]:
    """The elements of the lists of an object, each with the name of its list; what is no list is left out.

    Raises:
        ValueError: It is no object in JSON.
    """
    at = _expect(text, 0, "{")
    while text[at : at + 1] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _expect(text, at, ":")
        if text[at : at + 1] != "[":
            _, at = _DECODER.raw_decode(text, at)
        else:
            at = _skip(text, at + 1)
            while text[at : at + 1] != "]":
                element, at = _DECODER.raw_decode(text, at)
                yield name, element
                at = _after_element(text, at, "]")
            at += 1
        at = _after_element(text, at, "}")
    if _skip(text, at + 1) < len(text):
        raise ValueError("there is something behind its end")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def _expect(text: str, at: int, character: str) -> int:
    """The place behind a character, and the space around it."""
    at = _skip(text, at)
    if text[at : at + 1] != character:
        raise ValueError(f"there is no {character} at character {at}")
    return _skip(text, at + 1)


def _after_element(text: str, at: int, end: str) -> int:
    """The place of the next element, or of the end."""
    at = _skip(text, at)
    return at if text[at : at + 1] == end else _expect(text, at, ",")
