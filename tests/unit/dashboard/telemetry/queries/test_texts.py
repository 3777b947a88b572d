"""What of messages, attributes and exceptions is told apart, and what filters and searches find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import hex_id, log, span

from fairlead.dashboard.telemetry.levels import level_of, levels_from
from fairlead.dashboard.telemetry.queries.attributes import attribute_text
from fairlead.dashboard.telemetry.queries.exceptions import log_exception, span_exception, stack_frames
from fairlead.dashboard.telemetry.queries.filters import nested_value, parse_filter
from fairlead.dashboard.telemetry.queries.log_queries import LogQuery
from fairlead.dashboard.telemetry.queries.message_parts import message_parts
from fairlead.dashboard.telemetry.queries.trace_views import TraceQuery, parse_trace_search
from fairlead.dashboard.telemetry.records import AttributeValue, SpanEvent
from fairlead.dashboard.telemetry.store.log_ring import KeptLog
from fairlead.errors import UsageError

# Messages


def marked(message: str, **attributes: AttributeValue) -> str:
    """A message with its values in braces, and the names of attributes before them."""
    return "".join(
        f"{{{part.attribute + '=' if part.attribute else ''}{part.text}}}" if part.value else part.text
        for part in message_parts(message, attributes)
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("search answered in 3.1 ms with 24 hits", "search answered in {3.1} ms with {24} hits"),
        ('Order "ord_5509", try 1 failed', 'Order "{ord_5509}", try {1} failed'),
        ("GET /v1/items returned 200", "GET /v1/items returned {200}"),
        ("it isn't so, and 'this one' is", "it isn't so, and '{this one}' is"),
        ("listens on 127.0.0.1:8080 since 10:15:20", "listens on {127.0.0.1:8080} since {10:15:20}"),
        ("id 7b1c8a9e-0d1f-4b5e-9c7d-2f3a4b5c6d7e", "id {7b1c8a9e-0d1f-4b5e-9c7d-2f3a4b5c6d7e}"),
        ("nothing", "nothing"),
        ("", ""),
        ("1", "{1}"),
    ],
)
def test_values_are_told_from_words(message: str, expected: str) -> None:
    """Numbers with their units, quoted texts and ids must be set apart from the words around them."""
    assert marked(message) == expected


def test_values_of_attributes_are_named() -> None:
    """Where the value of an attribute stands in a message, its part must name it, the longest first."""
    text = marked("Order ord_5509 of ord_55 costs 84.90", **{"order.id": "ord_5509", "prefix": "ord_55"}, total=84.9)
    assert text == "Order {order.id=ord_5509} of {prefix=ord_55} costs {84.90}"
    assert marked("a word", part="ord") == "a word"


@given(st.text(max_size=200), st.dictionaries(st.text(min_size=1, max_size=3), st.text(max_size=5) | st.integers()))
def test_the_parts_are_the_message(message: str, attributes: dict[str, AttributeValue]) -> None:
    """Whatever a message is, its parts together must be the message, and none of them empty."""
    parts = message_parts(message, attributes)
    assert "".join(part.text for part in parts) == message
    assert all(part.text for part in parts)
    assert all(part.attribute is None or attribute_text(attributes[part.attribute]) == part.text for part in parts)


# Exceptions

PYTHON = """Traceback (most recent call last):
  File "/srv/api/orders.py", line 88, in create_order
    return pool.acquire(
           ^^^^^^^^^^^^^
  File "/srv/.venv/lib/python3.12/site-packages/sqlalchemy/pool/impl.py", line 179, in _do_get
    raise exc.TimeoutError(
sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached
"""


def test_frames_of_python() -> None:
    """Each frame must have its file, line and source code, and those of packages be told from the app's own."""
    frames = stack_frames(PYTHON)
    assert [(frame.file, frame.line, frame.own) for frame in frames] == [
        (None, None, True),
        ("/srv/api/orders.py", 88, True),
        ("/srv/.venv/lib/python3.12/site-packages/sqlalchemy/pool/impl.py", 179, False),
        (None, None, True),
    ]
    assert frames[1].text.count("\n") == 2
    assert "\n".join(frame.text for frame in frames) + "\n" == PYTHON


@pytest.mark.parametrize(
    ("line", "file", "number", "own"),
    [
        ("    at createOrder (file:///srv/orders.js:88:13)", "/srv/orders.js", 88, True),
        ("    at /srv/node_modules/pg/lib/client.js:5:1", "/srv/node_modules/pg/lib/client.js", 5, False),
        (
            "    at process.processTicks (node:internal/process/task_queues:95:5)",
            "node:internal/process/task_queues",
            95,
            False,
        ),
        ("    at async Promise.all (index 0)", None, None, False),
        ("   at Shop.Orders.Create() in /src/Orders.cs:line 88", "/src/Orders.cs", 88, True),
        ("\tat shop.Orders.create(Orders.java:88)", "Orders.java", 88, True),
        ("\tat java.base.Thread.run(Thread.java:833)", "Thread.java", 833, False),
        ("\t/srv/orders.go:88 +0x1d", "/srv/orders.go", 88, True),
        ("\t/usr/local/go/src/net/http/server.go:2 +0x1d", "/usr/local/go/src/net/http/server.go", 2, False),
    ],
)
def test_frames_of_other_languages(line: str, file: str | None, number: int | None, own: bool) -> None:
    """A line of a stack trace must be understood as its language writes it."""
    (frame,) = stack_frames(line)
    assert (frame.file, frame.line, frame.own) == (file, number, own)


@given(st.text(max_size=300))
def test_any_stack_trace_is_shown(stack: str) -> None:
    """Whatever is sent as a stack trace must be shown, line by line, without an error."""
    shown = "".join(frame.text for frame in stack_frames(stack))
    assert "".join(shown.split()) == "".join(stack.split())


def test_an_exception_of_a_span_is_its_last_event() -> None:
    """The exception of a span must be the one that it recorded last, with secrets masked; other events are none."""
    events = [
        SpanEvent("exception", 1.0, {"exception.type": "KeyError", "exception.message": "first"}),
        SpanEvent("exception", 2.0, {"exception.type": "ValueError", "exception.message": "hunter2 is wrong"}),
        SpanEvent("retry", 3.0, {"exception.type": "no"}),
    ]
    found = span_exception(span(1, events=tuple(events)), lambda text: text.replace("hunter2", "***"))
    assert found is not None
    assert (found.type, found.message, found.frames) == ("ValueError", "*** is wrong", ())
    assert span_exception(span(1), str) is None
    assert log_exception({"exception.message": "x"}, str) is not None


# Levels


@pytest.mark.parametrize(
    ("severity", "word", "level"),
    [
        (1, "", "trace"),
        (5, "", "debug"),
        (9, "x", "info"),
        (12, "", "info"),
        (13, "", "warn"),
        (20, "", "error"),
        (21, "", "fatal"),
        (99, "", "fatal"),
        (0, "WARNING", "warn"),
        (0, "Critical", "fatal"),
        (0, "?", "info"),
    ],
)
def test_levels(severity: int, word: str, level: str) -> None:
    """The number must decide, and the word where there is none."""
    assert level_of(severity, word) == level


def test_levels_from() -> None:
    """A lowest level must have those above it."""
    assert levels_from("warn") == {"warn", "error", "fatal"}


# Filters


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("a=1", 1, True),
        ("a=1.0", 1, True),
        ("a=1", "1", True),
        ("a>9", "10", True),
        ("a>9", 10, True),
        ("a>=10", 10, True),
        ("a<10", 9.5, True),
        ("a<10", "b", False),
        ("a>10", None, False),
        ("a=10", None, False),
        ("a!=10", None, True),
        ("a!=10", 10.0, False),
        ("a!=/healthz", "/orders", True),
        ("a ~ HEAL", "/healthz", True),
        ("a~x", "/healthz", False),
        ("a='two words'", "two words", True),
        ("a=", "", True),
        ("a=true", True, True),
        ("a>b", "c", True),
        ("a<=2026-11-26", "2026-11-25", True),
        ("a~two", [1, "two"], True),
        ("a=x=y", "x=y", True),
        ("a=nan", "nan", True),
    ],
)
def test_filters(text: str, value: AttributeValue, holds: bool) -> None:
    """Numbers must be compared as numbers and texts as texts; what is not there is unlike anything."""
    assert parse_filter(text).holds({"a": value}.get) is holds


@pytest.mark.parametrize("text", ["", "a", "=1", " > 2", "order.total"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    """A filter without a name or an operator must be refused with the way to write one."""
    with pytest.raises(UsageError) as caught:
        parse_filter(text)
    assert "order.total>100" in (caught.value.remedy or "")


def test_values_within_values_are_found() -> None:
    """A name with dots must find the attribute of that name, or else a value within another."""
    attributes: dict[str, AttributeValue] = {"a.b": 1, "a": {"b": 2, "c": {"d.e": 3}}, "x.y": {"z": 4}}
    assert [nested_value(attributes, name) for name in ("a.b", "a.c.d.e", "x.y.z", "a.z", "q")] == [1, 3, 4, None, None]


def test_what_a_question_about_logs_finds() -> None:
    """Text, level, filters, trace and span must all hold; filters see the sender and the fields of an entry too."""
    record = log("Order placed", attributes={"order.total": 104}, severity=13, trace_id="t", span_id="s", scope="shop")
    entry = KeptLog(1, "warn", record, 0)

    def finds(**wanted: object) -> bool:
        return LogQuery(**wanted).matches(entry)  # type: ignore[arg-type]

    assert all(finds(text=text) for text in ("placed", "104", "shop", ""))
    assert not finds(text="missing")
    for text in (
        "order.total>100",
        "level=warn",
        "service.name=api",
        "resource=api",
        "message~placed",
        "trace_id=t",
        "x!=1",
    ):
        assert finds(filters=(parse_filter(text),)), text
    assert not finds(filters=(parse_filter("order.total>100"), parse_filter("scope=other")))
    assert finds(trace_id="t", span_id="s", levels=frozenset({"warn"}), resources=frozenset({"api"}))
    assert not finds(trace_id="u") and not finds(span_id="u") and not finds(levels=frozenset({"info"}))


def test_what_a_search_for_traces_finds() -> None:
    """A name, an id, or the value of an attribute must be found; an attribute with its value only where it has it."""
    spans = [span(1, name="POST /orders", attributes={"order.id": "ord_1", "retries": 3}), span(2, name="SELECT")]

    def finds(search: str) -> bool:
        text, wanted = parse_trace_search(search)
        return TraceQuery(text=text, filter=wanted).finds(spans[0].trace_id, spans)

    assert all(map(finds, ("select", "post /ord", "ORD_1", "4bf92f", hex_id(2), "order.id = ord_1", "retries>2")))
    assert not any(map(finds, ("update", "order.id = ord_2", "retries>3", "4bf")))
    assert parse_trace_search("GET /search?q=lamp") == ("get /search?q=lamp", None)
