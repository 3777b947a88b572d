"""Telemetry in a terminal: what is shown must fit, be harmless, and say what matters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import hex_id, log, span

from fairlead.cli.screens.table import width_of
from fairlead.cli.screens.telemetry.entries import entry_text
from fairlead.cli.screens.telemetry.texts import duration_text
from fairlead.cli.screens.telemetry.trace_list import trace_line, trace_table
from fairlead.cli.screens.telemetry.waterfall import bar_text, waterfall_lines
from fairlead.cli.verbs.traces import Duration
from fairlead.dashboard.telemetry.queries.log_views import log_view
from fairlead.dashboard.telemetry.queries.peers import Peers
from fairlead.dashboard.telemetry.queries.span_tree import span_tree
from fairlead.dashboard.telemetry.queries.trace_views import trace_view
from fairlead.dashboard.telemetry.queries.waterfall import Surroundings, Waterfall, span_views
from fairlead.dashboard.telemetry.records import Span, SpanEvent
from fairlead.dashboard.telemetry.store.log_ring import KeptLog

TROUBLE = SpanEvent("exception", 0.5, {"exception.type": "TimeoutError", "exception.message": "no\nconnection"})
SPANS = [
    span(1, None, 0.0, 1.0, "web", name="POST /orders"),
    span(2, 1, 0.1, 0.9, "api", name="create order"),
    span(3, 2, 0.2, 0.7, "api", name="pool.acquire", status="error", events=(TROUBLE,)),
    span(4, 2, 0.2, 0.25, "api", name="log"),
]


def document(spans: list[Span]) -> dict[str, Any]:
    """A trace as the control API shows it."""
    tree = span_tree(spans)
    view = trace_view(tree, Peers(), str, running=False, imported=False, version=1)
    around = Surroundings(Peers(), str, {}, lambda id: True)
    return {
        "trace": asdict(view),
        "spans": [asdict(each) for each in span_views(Waterfall.of(tree), tree.nodes, around)],
    }


def plain(lines: list[str]) -> list[str]:
    """Lines without their colours."""
    return [click.unstyle(line) for line in lines]


def test_a_waterfall_shows_what_happened_when() -> None:
    """Each span must have its resource, its depth, its place in time and its duration, and errors their reasons."""
    assert plain(waterfall_lines(document(SPANS), 80))[3:] == [
        "web  POST /orders      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━      1.00 s",
        "api    create order       ━━━━━━━━━━━━━━━━━━━━━━━━         800 ms",
        "api      pool.acquire        ━━━━━━━━━━━━━━━          ×    500 ms",
        "api      log                 ─                              50 ms",
        "",
        "× api  pool.acquire: TimeoutError: no connection",
        "",
        "━ longest path   × error",
        "",
        "Where the time went, without children:",
        "  api    850 ms   81%  3 spans, most in pool.acquire",
        "  web    200 ms   19%  1 span, most in POST /orders",
    ]


@given(st.integers(60, 200), st.text(max_size=120), st.integers(0, 40))
def test_a_waterfall_fits_the_terminal(width: int, name: str, deep: int) -> None:
    """However long names are and however deep the tree is, spans must fit, with all columns of text aligned."""
    spans = [span(1, None, 0, 9, "a-resource"), *(span(n, n - 1, n / 9, 8, name=name) for n in range(2, deep + 2))]
    lines = plain(waterfall_lines(document(spans), width))
    rows = lines[3 : 4 + deep]
    assert all(width_of(line) <= width for line in lines[3:])
    assert len({width_of(row) for row in rows}) == 1
    assert not any(ord(character) < 32 for line in lines for character in line)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0, 10), st.integers(1, 80))
def test_a_bar_is_never_empty(offset: float, duration: float, total: float, width: int) -> None:
    """A bar must take just its columns, and at least one of them be drawn."""
    text = bar_text({"offset": offset, "duration": duration, "longest_path": False}, total, width)
    assert len(text) == width and "─" in text


def test_a_trace_in_a_list_says_what_matters() -> None:
    """The table and the line of a trace must have its time, short id, duration, name, errors and resources."""
    trace = {**document(SPANS)["trace"], "start": 0.25}
    (line,) = plain([trace_line(trace)])
    assert line[8:] == ".250  4bf92f3    1.00 s  POST /orders  1 error  api, web"
    head, row = trace_table([{**trace, "running": True}], None, False)
    assert head.split() == ["Time", "Trace", "Duration", "Spans", "Errors", "Name", "Resources"]
    assert row.split()[1:] == ["4bf92f3", "1.00", "s", "…", "4", "1", "POST", "/orders", "api,", "web"]


def test_an_entry_says_what_its_message_does_not() -> None:
    """An entry must have its level, attributes that are not in its message, its exception and its trace, harmlessly."""
    attributes = {"order.id": "ord_1", "total": 9.5, "note": "two words", "code.lineno": 3, "exception.type": "Oops"}
    record = log("ord_1 \x1b]0;evil\x07failed", severity=17, attributes=attributes, trace_id=hex_id(0xABCDE << 108, 32))
    view = log_view(KeptLog(1, "error", record, 0), str)
    assert (
        click.unstyle(entry_text(asdict(view)))
        == 'error  ord_1 failed  Oops  total=9.5 note="two words"  trace abcde00'
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.00004, "0.0 ms"),
        (0.0042, "4.2 ms"),
        (0.00999, "10 ms"),
        (0.058, "58 ms"),
        (0.9999, "1.00 s"),
        (1.312, "1.31 s"),
        (75, "1 min 15 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """A duration must be told in about three figures."""
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("1.5s", 1.5), ("2min", 120), ("3", 3), (" 7 ms ", 0.007)]
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """A duration must be read with its unit, in seconds without one."""
    assert Duration().convert(text, None, None) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "ms", "fast", "-1s", "1h", "1.2.3"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Anything else must be refused with an example."""
    with pytest.raises(click.BadParameter, match="500ms"):
        Duration().convert(text, None, None)
