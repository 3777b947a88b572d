"""What programs send must become records that say the same, whatever they send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode
from tests.support.otlp_messages import NOW, SECOND, SPAN, a_span, as_otlp_json, decoded, text

from fairlead.dashboard.telemetry.otlp.batch import Batch
from fairlead.dashboard.telemetry.otlp.limits import ATTRIBUTES, EVENTS, RECORD_BYTES, VALUE_CHARACTERS
from fairlead.dashboard.telemetry.otlp.messages import Encoding, answer, decode
from fairlead.dashboard.telemetry.otlp.refused import Refused
from fairlead.dashboard.telemetry.otlp.senders import Senders, sender_for
from fairlead.dashboard.telemetry.otlp.signals import Signal


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_span_of_the_sdk(encoding: Encoding) -> None:
    """All that a span of the SDK says must be in its record."""
    finished = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "shop", "service.instance.id": "api-1"}))
    provider.add_span_processor(SimpleSpanProcessor(finished))
    tracer = provider.get_tracer("instrumentation.of.tests")
    other = SpanContext(0xABC, 0xDEF, is_remote=True)
    with (
        tracer.start_as_current_span("outer", kind=SpanKind.SERVER) as outer,
        tracer.start_as_current_span("inner", kind=SpanKind.PRODUCER, links=[Link(other, {"why": "batch"})]) as inner,
    ):
        inner.set_attributes({"text": "ü", "int": -(2**62), "float": 0.5, "bool": True, "list": ["a", "b"]})
        inner.add_event("queued", {"position": 3})
        inner.set_status(Status(StatusCode.ERROR, "it broke"))

    batch = decoded(encode_spans(finished.get_finished_spans()), encoding)

    span, parent = batch.spans
    assert (span.trace_id, span.span_id) == (
        f"{inner.get_span_context().trace_id:032x}",
        f"{inner.get_span_context().span_id:016x}",
    )
    assert (span.parent_id, parent.parent_id) == (parent.span_id, None)
    assert parent.span_id == f"{outer.get_span_context().span_id:016x}"
    assert (span.name, span.kind, parent.kind, span.scope) == (
        "inner",
        "producer",
        "server",
        "instrumentation.of.tests",
    )
    assert (span.status, span.status_message, parent.status) == ("error", "it broke", "unset")
    assert span.attributes == {"text": "ü", "int": -(2**62), "float": 0.5, "bool": True, "list": ["a", "b"]}
    assert [(event.name, event.attributes) for event in span.events] == [("queued", {"position": 3})]
    assert [(link.trace_id, link.span_id, link.attributes) for link in span.links] == [
        (f"{0xABC:032x}", f"{0xDEF:016x}", {"why": "batch"})
    ]
    assert parent.start <= span.start <= span.events[0].time <= span.end <= parent.end
    assert span.sender is parent.sender
    assert (span.sender.resource, span.sender.instance) == ("api", "api-1")
    assert span.sender.attributes["service.name"] == "shop"


def test_time_is_exact_to_a_microsecond() -> None:
    """A time must be the seconds since 1970 that the nanoseconds say."""
    (span,) = decoded(a_span(start_time_unix_nano=NOW + 123_456_000, end_time_unix_nano=NOW + 123_457_000)).spans

    assert span.start == pytest.approx(NOW / SECOND + 0.123456, abs=1e-6)
    assert span.end - span.start == pytest.approx(1e-6, abs=5e-7)


@pytest.mark.parametrize(
    "fields",
    [
        {"trace_id": b""},
        {"trace_id": bytes(16)},
        {"span_id": b"123"},
        {"span_id": bytes(8)},
        {"start_time_unix_nano": 0},
    ],
    ids=["no trace", "zero trace", "short span", "zero span", "no time"],
)
def test_span_that_belongs_nowhere_is_refused(fields: dict[str, Any]) -> None:
    """A span that can't be shown must be refused, and the others of its request taken."""
    request = a_span(**fields)
    request.MergeFrom(a_span())

    batch = decoded(request)

    assert (len(batch.spans), batch.refused) == (1, 1)
    assert batch.reason.startswith("1 without a ")


def test_span_that_ends_before_it_begins_has_no_duration() -> None:
    """Clocks that jump must not make negative durations."""
    (span,) = decoded(a_span(end_time_unix_nano=NOW - SECOND)).spans

    assert span.end == span.start


def test_span_is_not_its_own_parent() -> None:
    """A span that names itself as its parent must not make a circle."""
    (span,) = decoded(a_span(parent_span_id=SPAN)).spans

    assert span.parent_id is None


def test_what_is_beyond_the_limits_is_left_out() -> None:
    """Texts must be cut, and attributes, events and links that are too many be left out, with their number told."""
    pairs = [KeyValue(key=f"k{number}", value=text("v" * (VALUE_CHARACTERS + 1))) for number in range(3)]
    pairs += [KeyValue(key=f"n{number}", value=AnyValue(int_value=number)) for number in range(ATTRIBUTES)]
    events = [trace_pb2.Span.Event(name="e", time_unix_nano=NOW)] * (EVENTS + 1)

    (span,) = decoded(a_span(attributes=pairs, events=events, dropped_attributes_count=2)).spans

    assert len(span.attributes) == ATTRIBUTES + 1
    assert span.attributes["otel.dropped_attributes_count"] == 3 + 2
    assert span.attributes["k0"] == "v" * (VALUE_CHARACTERS - 1) + "…"
    assert len(span.events) == EVENTS


def test_record_that_is_too_large_is_refused() -> None:
    """A record that alone would fill the memory must be refused."""
    pairs = [KeyValue(key=f"k{number}", value=text("v" * 30_000)) for number in range(RECORD_BYTES // 30_000 + 1)]

    batch = decoded(a_span(attributes=pairs))

    assert (batch.spans, batch.reason) == ([], "1 larger than 1024 KiB")


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_values_of_all_types(encoding: Encoding) -> None:
    """A value of each type of OTLP must come through, nested ones too; numbers that are none become text."""
    inner = KeyValueList(
        values=[KeyValue(key="a", value=AnyValue(array_value=ArrayValue(values=[text("x"), AnyValue()])))]
    )
    values = {
        "map": AnyValue(kvlist_value=inner),
        "bytes": AnyValue(bytes_value=b"\x00\xff"),
        "nothing": AnyValue(),
        "large": AnyValue(int_value=2**63 - 1),
        "nan": AnyValue(double_value=float("nan")),
        "infinite": AnyValue(double_value=float("-inf")),
    }

    (span,) = decoded(
        a_span(attributes=[KeyValue(key=key, value=value) for key, value in values.items()]), encoding
    ).spans

    assert span.attributes == {
        "map": {"a": ["x", None]},
        "bytes": b"\x00\xff",
        "nothing": None,
        "large": 2**63 - 1,
        "nan": "nan",
        "infinite": "-inf",
    }


def test_deep_value_is_cut_off() -> None:
    """Lists in lists must be followed to a certain depth only."""
    value = text("deep")
    for _ in range(30):
        value = AnyValue(array_value=ArrayValue(values=[value]))

    (span,) = decoded(a_span(attributes=[KeyValue(key="k", value=value)])).spans

    assert json.dumps(span.attributes["k"], ensure_ascii=False) == "[" * 8 + '"…"' + "]" * 8


def test_integers_of_json_may_be_numbers_or_text() -> None:
    """Both ways of writing 64 bits in JSON must be understood, and keys that nobody knows be passed over."""
    document = {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.instance.id", "value": {"stringValue": "one"}}]},
                "scopeSpans": [
                    {
                        "scope": {"name": "s", "future": 1},
                        "spans": [
                            {
                                "traceId": "5B8EFFF798038103D269B633813FC60C",
                                "spanId": "EEE19B7EC3C1B174",
                                "parentSpanId": "",
                                "name": "n",
                                "kind": 2,
                                "startTimeUnixNano": "1544712660000000000",
                                "endTimeUnixNano": 1544712661000000000,
                                "attributes": [
                                    {"key": "i", "value": {"intValue": "5"}},
                                    {"key": "j", "value": {"intValue": 6}},
                                ],
                                "status": {"code": 2},
                            }
                        ],
                    }
                ],
            }
        ]
    }

    batch = decode(Signal.TRACES, json.dumps(document).encode(), "json", Senders(sender_for("api")))

    (span,) = batch.spans
    assert (span.trace_id, span.span_id, span.parent_id) == (
        "5b8efff798038103d269b633813fc60c",
        "eee19b7ec3c1b174",
        None,
    )
    assert (span.start, span.end, span.kind, span.status) == (1544712660.0, 1544712661.0, "server", "error")
    assert (span.attributes, span.sender.instance) == ({"i": 5, "j": 6}, "one")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"resourceSpans": 1}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": {}}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "soon"}]}]}]}',
        b"[" * 100_000,
        b'{"resourceSpans": ' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"a": ' + b"9" * 10_000 + b"}",
    ],
)
def test_malformed_json_is_refused(data: bytes) -> None:
    """JSON that is none, or of another shape, must be refused as malformed."""
    with pytest.raises(Refused) as refused:
        decode(Signal.TRACES, data, "json", Senders(sender_for("api")))

    assert refused.value.http_status == 400


def test_id_in_json_that_is_none_costs_one_record() -> None:
    """An id that is no hexadecimal number must cost the record that has it, not the request."""
    document = as_otlp_json(a_span())
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = "no id"

    batch = decode(Signal.TRACES, json.dumps(document).encode(), "json", Senders(sender_for("api")))

    assert batch.refused == 1


@given(st.binary(max_size=200), st.sampled_from(Signal))
def test_any_bytes_are_refused_or_understood(data: bytes, signal: Signal) -> None:
    """Whatever bytes come, they must make records or be refused as malformed."""
    try:
        decode(signal, data, "protobuf", Senders(sender_for("api")))
    except Refused as refused:
        assert refused.http_status == 400


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceSpans",
                    "scopeSpans",
                    "spans",
                    "traceId",
                    "spanId",
                    "links",
                    "attributes",
                    "value",
                    "key",
                    "startTimeUnixNano",
                    "resourceMetrics",
                    "scopeMetrics",
                    "metrics",
                    "sum",
                    "dataPoints",
                    "exemplars",
                ]
            ),
            children,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_JSON, st.sampled_from(Signal))
def test_any_json_is_refused_or_understood(document: Any, signal: Signal) -> None:
    """Whatever JSON comes, it must make records or be refused as malformed."""
    try:
        decode(signal, json.dumps(document).encode(), "json", Senders(sender_for("api")))
    except Refused as refused:
        assert refused.http_status == 400


_PRIMITIVES = (
    st.text(max_size=30)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_ATTRIBUTES = st.dictionaries(
    st.text(min_size=1, max_size=10),
    _PRIMITIVES | st.lists(st.text(max_size=5), max_size=4) | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4),
    max_size=6,
)


@given(st.text(min_size=1, max_size=20), _ATTRIBUTES, _ATTRIBUTES, st.sampled_from(["protobuf", "json"]))
def test_what_the_sdk_encodes_is_decoded(name: str, attributes: Any, event: Any, encoding: Encoding) -> None:
    """Whatever attributes a program sets must be those of the record, over protobuf and over JSON."""
    finished = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(finished))
    with provider.get_tracer("tests").start_as_current_span(name, attributes=attributes) as span:
        span.add_event("event", event)

    (record,) = decoded(encode_spans(finished.get_finished_spans()), encoding).spans

    assert record.name == name
    assert record.attributes == attributes
    assert record.events[0].attributes == event


def test_answer_says_what_was_refused() -> None:
    """A partial success must be what the SDK reads as one; a whole one is empty."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    batch = Batch()
    batch.refusals["without a time"] = 200

    response = ExportTraceServiceResponse.FromString(answer(Signal.TRACES, batch, "protobuf"))

    assert response.partial_success.rejected_spans == 200
    assert response.partial_success.error_message == "200 without a time"
    assert json.loads(answer(Signal.TRACES, batch, "json")) == {
        "partialSuccess": {"rejectedSpans": "200", "errorMessage": "200 without a time"}
    }
    assert answer(Signal.TRACES, Batch(), "protobuf") == b""
    assert answer(Signal.TRACES, Batch(), "json") == b"{}"
