"""The messages of OTLP as text or bytes: requests are parsed, answers are written.

The classes that protobuf makes of OTLP's definition are imported with the first request, so that a run whose resources
send none does not pay for them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.json_ids import with_encoded_ids
from fairlead.dashboard.telemetry.otlp.logs import decode_logs
from fairlead.dashboard.telemetry.otlp.points import decode_points
from fairlead.dashboard.telemetry.otlp.refused import malformed
from fairlead.dashboard.telemetry.otlp.senders import Senders
from fairlead.dashboard.telemetry.otlp.signals import Signal
from fairlead.dashboard.telemetry.otlp.spans import decode_spans

if TYPE_CHECKING:
    from google.protobuf.message import Message

Encoding: TypeAlias = Literal["protobuf", "json"]
"""How a request is written."""


def decode(signal: Signal, data: bytes, encoding: Encoding, senders: Senders) -> Batch:
    """The records of a request.

    Args:
        signal: What it carries.
        data: The request, inflated.
        encoding: How it is written.
        senders: Tells who sent them.

    Raises:
        Refused: It is malformed.
    """
    match signal:
        case Signal.TRACES:
            from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

            traces = ExportTraceServiceRequest()
            _parse(traces, data, encoding)
            return decode_spans(traces, senders)
        case Signal.LOGS:
            from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

            logs = ExportLogsServiceRequest()
            _parse(logs, data, encoding)
            return decode_logs(logs, senders)
        case Signal.METRICS:
            from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

            metrics = ExportMetricsServiceRequest()
            _parse(metrics, data, encoding)
            return decode_points(metrics, senders)


def _parse(message: Message, data: bytes, encoding: Encoding) -> None:
    if encoding == "json":
        _parse_json(message, data)
        return
    from google.protobuf.message import DecodeError

    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise malformed(f"the request is no {type(message).__name__} of protobuf: {error}") from error


def _parse_json(message: Message, data: bytes) -> None:
    from google.protobuf.json_format import ParseDict, ParseError

    try:
        document = json.loads(data)
        if not isinstance(document, dict):
            raise malformed("the request is no JSON object")
        ParseDict(with_encoded_ids(document), message, ignore_unknown_fields=True)
    except (ValueError, RecursionError, ParseError, TypeError, AttributeError) as error:
        raise malformed(f"the request is no {type(message).__name__} in JSON: {str(error)[:500]}") from error


def answer(signal: Signal, batch: Batch, encoding: Encoding) -> bytes:
    """The answer to a request: empty if all was taken, else how much was refused and why."""
    if encoding == "json":
        return json.dumps(_answer_in_json(signal, batch)).encode()
    if not batch.refused:
        return b""
    # message ExportPartialSuccess { int64 rejected = 1; string error_message = 2; }, alike for all signals
    partial_success = b"\x08" + _varint(batch.refused) + _text_field(2, batch.reason)
    return _field(1, partial_success)


def _answer_in_json(signal: Signal, batch: Batch) -> dict[str, Any]:
    if not batch.refused:
        return {}
    return {"partialSuccess": {f"rejected{signal.records}": str(batch.refused), "errorMessage": batch.reason}}


def status(code: int, message: str, encoding: Encoding) -> bytes:
    """A ``google.rpc.Status``, as the body of an HTTP answer that is no success."""
    if encoding == "json":
        return json.dumps({"code": code, "message": message}).encode()
    return b"\x08" + _varint(code) + _text_field(2, message)


def _text_field(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _field(number: int, content: bytes) -> bytes:
    """A field that has a length: ``number << 3 | 2``, length, content."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    return bytes(_septets(number))


def _septets(number: int) -> Iterator[int]:
    """Seven bits in each byte, the lowest first; the eighth says that another follows."""
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number
