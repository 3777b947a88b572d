"""Traces that are exported and imported again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import TRACE, hex_id, log, sender, span

from fairlead.dashboard.telemetry.export import logs_document, spans_document
from fairlead.dashboard.telemetry.importing import Imported, read_document
from fairlead.dashboard.telemetry.queries.peers import Peers
from fairlead.dashboard.telemetry.records import AttributeValue, LogRecord, Span, SpanEvent, SpanLink
from fairlead.errors import UsageError

PEERS = Peers(addresses={("127.0.0.1", 6379): "cache"})

texts = st.text(max_size=8)
attribute_values: st.SearchStrategy[AttributeValue] = st.recursive(
    texts | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3),
    max_leaves=6,
)
attributes = st.dictionaries(st.text(min_size=1, max_size=8), attribute_values | st.binary(max_size=4), max_size=4)
times = st.integers(1, 10**6).map(lambda number: number / 8)
spans = st.builds(
    lambda number, parent, start, length, **fields: span(number, parent, start, start + length, **fields),
    st.integers(1, 50),
    st.none() | st.integers(51, 99),
    times,
    times,
    name=texts,
    kind=st.sampled_from(("internal", "server", "client", "producer", "consumer")),
    status=st.sampled_from(("unset", "ok", "error")),
    status_message=texts,
    scope=texts,
    attributes=attributes,
    events=st.lists(st.builds(SpanEvent, texts, times, attributes), max_size=2).map(tuple),
    links=st.lists(st.builds(SpanLink, st.just(hex_id(7, 32)), st.just(hex_id(7)), attributes), max_size=2).map(tuple),
)
logs = st.builds(
    lambda **fields: log(trace_id=TRACE, span_id=hex_id(1), **fields),
    body=texts,
    severity=st.integers(0, 24),
    time=times,
    scope=texts,
    severity_text=texts,
    attributes=attributes,
)


def document(all_spans: list[Span], all_logs: list[LogRecord], peers: Peers = PEERS) -> bytes:
    """An exported document, as the control API sends it."""
    parts = {"resourceSpans": [*spans_document(all_spans, peers, str)], "resourceLogs": [*logs_document(all_logs, str)]}
    return json.dumps(parts).encode()


def unmarked(imported: Imported) -> tuple[list[Span], list[LogRecord]]:
    """What was imported, by the senders that the helpers of these tests make."""
    senders = [*(each.sender for each in imported.spans), *(each.sender for each in imported.logs)]
    assert all(each.attributes["fairlead.imported"] is True for each in senders)
    own = [replace(each, sender=sender(each.sender.resource)) for each in imported.spans]
    return own, [replace(each, sender=sender(each.sender.resource)) for each in imported.logs]


@given(st.lists(spans, min_size=1, max_size=4), st.lists(logs, max_size=3))
def test_what_is_exported_can_be_imported(all_spans: list[Span], all_logs: list[LogRecord]) -> None:
    """All of a trace and its logs must come back as it was, of the same resources, and marked."""
    found, entries = unmarked(read_document(document(all_spans, all_logs, Peers())))
    assert sorted(found, key=str) == sorted(all_spans, key=str)
    assert sorted(entries, key=str) == sorted(all_logs, key=str)


def test_resources_and_instances_come_back() -> None:
    """A replica must come back as one, and a call of what sends no spans be drawn under it in another app too."""
    client = {"server.address": "localhost", "server.port": 6379}
    sent = [
        span(1, None, 1.0, 3.0, sender=sender("api", "api-2")),
        span(2, 1, 1.0, 2.0, kind="client", attributes=client),
        span(3, 1, 1.0, 2.0, kind="client", attributes={**client, "server.port": 6380}),
    ]
    imported = read_document(document(sent, []))
    by_id = {each.span_id: each for each in imported.spans}
    assert (by_id[hex_id(1)].sender.resource, by_id[hex_id(1)].sender.instance) == ("api", "api-2")
    other = Peers(addresses={("127.0.0.1", 6380): "elsewhere"}, senders=frozenset({"cache"}))
    assert [other.drawn_under(by_id[hex_id(n)]) for n in (1, 2, 3)] == ["api", "cache", "api"]
    assert imported.traces == (TRACE,)


def test_secrets_stay_here() -> None:
    """What leaves the run must be without its secrets, wherever they stand."""
    secret = "hunter22"

    def mask(text: str) -> str:
        return text.replace(secret, "***")

    inside: dict[str, AttributeValue] = {"a": secret, "b": [secret, {"c": f"x{secret}"}]}
    event = SpanEvent("e", 1.0, inside)
    by = sender(token=secret)
    sent = span(1, name=secret, attributes=inside, status_message=secret, events=(event,), sender=by)
    parts: list[Any] = [*spans_document([sent], PEERS, mask), *logs_document([log(secret, attributes=inside)], mask)]
    assert secret not in json.dumps(parts)
    assert json.dumps(parts).count("***") > 8


def test_documents_of_other_tools_are_read() -> None:
    """A document without our marks must be read too, its resources named by their services."""
    one = {
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
        "scopeSpans": [
            {"spans": [{"traceId": TRACE, "spanId": hex_id(1), "name": "x", "startTimeUnixNano": "1", "new": [1]}]}
        ],
    }
    imported = read_document(json.dumps({"format": {"a": 1}, "resourceSpans": [one], "more": [1]}, indent=2).encode())
    assert [(each.name, each.sender.resource) for each in imported.spans] == [("x", "shop")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b"\xff",
        b"{} {}",
        b'{"resourceSpans": []}',
        b'{"resourceSpans": [1]}',
        b'{"resourceSpans": [{"scopeSpans": 1}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "zz"}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": "none"}]}]}]}',
        b'{"resourceSpans": [{} {}]}',
        b'{"resourceSpans": [{},',
        b'{"resourceSpans"',
        b'{"resourceSpans": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    """Whatever is no export must be refused as a wrong request, with what to give."""
    with pytest.raises(UsageError) as caught:
        read_document(data)
    assert "resourceSpans" in (caught.value.remedy or "")


@given(st.binary(max_size=60))
def test_no_document_breaks_the_reader(data: bytes) -> None:
    """Any bytes must be read or refused."""
    with pytest.raises(UsageError):
        read_document(b'{"resourceSpans": [' + data)
