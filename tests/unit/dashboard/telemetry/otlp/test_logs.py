"""Structured log entries must keep their level, message, trace and attributes."""

from __future__ import annotations

import json
import logging
import time

import pytest
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from tests.support.otlp_messages import NOW, SECOND, SPAN, TRACE, a_log, decoded, text

from fairlead.dashboard.telemetry.otlp.limits import BODY_CHARACTERS, RECORD_BYTES
from fairlead.dashboard.telemetry.otlp.messages import Encoding


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_entry_of_the_sdk(encoding: Encoding) -> None:
    """All that Python's logging hands to the SDK must be in the record, its trace too."""
    exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    provider = LoggerProvider()
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    logger = logging.Logger("shop.orders")
    logger.addHandler(LoggingHandler(logger_provider=provider))
    with TracerProvider().get_tracer("tests").start_as_current_span("order") as span:
        logger.warning("order %s is late", 7, extra={"order": 7})

    (record,) = decoded(encode_logs([data for data in exporter.get_finished_logs()]), encoding).logs

    assert (record.body, record.severity, record.severity_text) == ("order 7 is late", 13, "WARN")
    assert record.scope == "shop.orders"
    assert record.attributes["order"] == 7
    assert record.trace_id == f"{span.get_span_context().trace_id:032x}"
    assert record.span_id == f"{span.get_span_context().span_id:016x}"
    assert abs(record.time - time.time()) < 60


def test_time_of_an_entry() -> None:
    """An entry that does not say when it happened must have the time at which it was observed, or came."""
    observed = decoded(a_log(time_unix_nano=0, observed_time_unix_nano=NOW)).logs[0]
    unknown = decoded(a_log(time_unix_nano=0)).logs[0]

    assert observed.time == NOW / SECOND
    assert abs(unknown.time - time.time()) < 60


def test_body_that_is_no_text_is_json() -> None:
    """A message of any type must be one text."""
    pairs = [
        KeyValue(key="a", value=AnyValue(array_value=ArrayValue(values=[text("ü"), AnyValue(bytes_value=b"\xff")])))
    ]

    assert decoded(a_log()).logs[0].body == ""
    assert decoded(a_log(body=AnyValue(int_value=5))).logs[0].body == "5"
    body = decoded(a_log(body=AnyValue(kvlist_value=KeyValueList(values=pairs)))).logs[0].body
    assert json.loads(body) == {"a": ["ü", "/w=="]}


def test_long_message_is_cut() -> None:
    """A message must be cut where it is longer than anybody reads, and a record refused that is larger still."""
    (record,) = decoded(a_log(body=text("x" * (BODY_CHARACTERS + 1)))).logs
    too_large = decoded(a_log(body=text("x" * RECORD_BYTES)))

    assert (len(record.body), record.body[-1]) == (BODY_CHARACTERS, "…")
    assert (too_large.logs, too_large.refused) == ([], 1)


@pytest.mark.parametrize(("number", "severity"), [(0, 0), (9, 9), (24, 24), (99, 24), (-1, 0)])
def test_severity_is_one_of_the_numbers_there_are(number: int, severity: int) -> None:
    """A number that OpenTelemetry does not have must become one that it has."""
    request = a_log()
    request.resource_logs[0].scope_logs[0].log_records[0].severity_number = number  # type: ignore[assignment]

    assert decoded(request).logs[0].severity == severity


def test_event_and_trace() -> None:
    """The name of an event must be an attribute; ids that are none must be left out."""
    (event,) = decoded(a_log(event_name="order.placed", trace_id=TRACE, span_id=SPAN)).logs
    (loose,) = decoded(a_log(trace_id=b"123", span_id=SPAN)).logs

    assert event.attributes == {"event.name": "order.placed"}
    assert (event.trace_id, event.span_id) == (TRACE.hex(), SPAN.hex())
    assert (loose.trace_id, loose.span_id) == (None, None)
