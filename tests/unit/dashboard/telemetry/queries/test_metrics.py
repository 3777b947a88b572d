"""Metrics as plots: rates, values, quantiles, gaps, and what follows from instruments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import TRACE, hex_id, point, sender

from fairlead.dashboard.telemetry.documents import PlotDocument, PlotPoint
from fairlead.dashboard.telemetry.queries.filters import parse_filter
from fairlead.dashboard.telemetry.queries.metrics.increments import increments
from fairlead.dashboard.telemetry.queries.metrics.instruments import instrument_view
from fairlead.dashboard.telemetry.queries.metrics.lines import quantile_lines, rate_line, sum_line, value_line
from fairlead.dashboard.telemetry.queries.metrics.marks import marks
from fairlead.dashboard.telemetry.queries.metrics.plots import plot
from fairlead.dashboard.telemetry.queries.metrics.quantiles import Buckets, common_bounds
from fairlead.dashboard.telemetry.queries.metrics.selection import Selection, selections
from fairlead.dashboard.telemetry.queries.metrics.titles import title_of
from fairlead.dashboard.telemetry.queries.metrics.windows import Window, window_until
from fairlead.dashboard.telemetry.records import Exemplar, MetricPoint
from fairlead.dashboard.telemetry.store.metric_store import MetricStore
from fairlead.dashboard.telemetry.store.series import KeptSeries
from fairlead.runtime.events.event import EventKind, ResourceEvent, Tone

DURATION = "http.server.request.duration"
WINDOW = Window(0.0, 10.0, 6)


def kept(points: Sequence[MetricPoint]) -> list[KeptSeries]:
    """The series of some points."""
    store = MetricStore()
    store.add(points)
    return store.series()


def values(points: Sequence[PlotPoint]) -> list[float | None]:
    """The values of a line."""
    return [None if each.value is None else round(each.value, 6) for each in points]


def counter(*values: tuple[float, float], start: float | None = None, **fields: Any) -> list[MetricPoint]:
    """Points of a counter."""
    return [point("orders", time, value, "counter", start=start, **fields) for time, value in values]


def histogram(time: float, buckets: tuple[int, ...], **fields: Any) -> MetricPoint:
    """A point of a histogram with bounds at 1, 2 and 4, whose sum is not known."""
    settings: dict[str, Any] = {"bounds": (1.0, 2.0, 4.0), "start": 0.0, **fields}
    name = str(settings.pop("name", DURATION))
    return point(
        name, time, settings.pop("sum", 0.0), "histogram", buckets=buckets, count=sum(buckets), unit="s", **settings
    )


# Counters


def test_a_total_counts_by_its_rises() -> None:
    """What is counted between two totals must be spread over the time between them."""
    (series,) = kept(counter((10, 100), (20, 150), (40, 170)))
    assert [(each.start, each.end, each.value) for each in increments(series)] == [(10, 20, 50), (20, 40, 20)]
    assert values(rate_line([series], WINDOW)) == [5, 1, 1]


def test_the_first_total_counts_from_its_start() -> None:
    """A counter whose start is known must count from there, unless earlier points of it were dropped."""
    (series,) = kept(counter((10, 100), (20, 150), start=0))
    assert values(rate_line([series], WINDOW)) == [10, 5]
    series.was_cut = True
    assert values(rate_line([series], WINDOW)) == [5]


def test_a_total_that_falls_has_begun_again() -> None:
    """After a restart the whole new total must count, from its own start where that is known."""
    (series,) = kept(counter((0, 100), (10, 150), (20, 30)))
    assert values(rate_line([series], WINDOW)) == [5, 3]
    (later,) = kept([*counter((0, 100), (10, 150), start=0), *counter((30, 300), start=25)])
    assert [(each.start, each.end, each.value) for each in increments(later)] == [(0, 10, 50), (25, 30, 300)]


def test_differences_count_as_they_are() -> None:
    """Of a sender that gives differences each must count for the time that it says."""
    points = [point("orders", t, 20, "counter", cumulative=False, start=t - 10) for t in (10, 20, 40)]
    (series,) = kept(points)
    assert values(rate_line([series], WINDOW)) == [2, 2, None, 2]


def test_rates_of_several_series_are_summed() -> None:
    """Series of one line must be added up where both are known, and a gap be one point."""
    series = kept([*counter((0, 0), (30, 30)), *counter((20, 0), (30, 20), attributes={"kind": "big"})])
    assert values(rate_line(series, WINDOW)) == [1, 1, 3]
    (gap,) = kept([*counter((0, 0), (10, 10), start=0), *counter((60, 20), start=50)])
    assert values(rate_line([gap], WINDOW)) == [1, None, 2]


@given(st.lists(st.tuples(st.integers(1, 59), st.integers(0, 1000)), min_size=2, unique_by=lambda each: each[0]))
def test_nothing_is_lost_or_invented(raw: list[tuple[int, int]]) -> None:
    """The rates of a rising total must sum to its rise, and none be negative."""
    times, totals = sorted(time for time, _ in raw), sorted(value for _, value in raw)
    (series,) = kept(counter(*zip(map(float, times), map(float, totals), strict=True)))
    line = rate_line([series], Window(0.0, 1.0, 60))
    assert sum(each.value or 0 for each in line) == pytest.approx(totals[-1] - totals[0])
    assert all(each.value is None or each.value >= 0 for each in line)


def test_what_is_before_the_window_is_left_out() -> None:
    """A copy since a time must give the same line in a window from then on, whatever kind of instrument it is of."""
    points = [
        *counter(*((float(n), n * n) for n in range(0, 60, 3)), start=0),
        *(point("depth", n, n) for n in range(60)),
        *(point("pool", n, 1, "up_down_counter", cumulative=False) for n in range(60)),
    ]
    window = Window(30.0, 5.0, 6)
    for selection in selections(kept(points)):
        copied = selection.since(window.start)
        assert plot(copied, window, str, bool) == plot(selection, window, str, bool)
        assert copied.points < selection.points or selection.instrument.name == "pool"


# Gauges


def test_extremes_are_kept() -> None:
    """Of many values in a step the least and the most must be shown, each at its time."""
    (series,) = kept([point("depth", t, v) for t, v in ((1, 5), (2, 90), (3, 6), (4, -7), (15, 1))])
    assert [(each.time, each.value) for each in value_line(series, WINDOW)] == [(2, 90), (4, -7), (15, 1)]


def test_silence_is_a_gap() -> None:
    """Where a gauge was not read for long its line must be broken once."""
    (series,) = kept([point("depth", t, 1) for t in (1, 2, 3, 55, 56)])
    assert values(value_line(series, WINDOW)) == [1, None, 1]


def test_what_goes_up_and_down_is_summed_over_its_parts() -> None:
    """In each step the last values of all sets of attributes must be added up; differences be counted together."""
    used, idle = {"state": "used"}, {"state": "idle"}
    series = kept(
        [point("pool", t, v, "up_down_counter", attributes=used) for t, v in ((5, 3), (15, 4), (25, 5))]
        + [point("pool", t, v, "up_down_counter", attributes=idle) for t, v in ((5, 7), (25, 1))]
    )
    assert values(sum_line(series, WINDOW)) == [10, 11, 6]
    (changes,) = kept([point("pool", t, v, "up_down_counter", cumulative=False) for t, v in ((5, 3), (15, -1))])
    assert values(sum_line([changes], WINDOW)) == [3, 2]


# Histograms


def test_quantiles_are_interpolated() -> None:
    """A quantile must lie in its bucket in proportion; above the last bound it is that bound."""
    buckets = Buckets((1.0, 2.0, 4.0))
    buckets.add((1.0, 2.0, 4.0), (2, 2, 4, 2))
    assert buckets.quantiles((0.1, 0.2, 0.5, 0.8, 0.99)) == [0.5, 1.0, 2.5, 4.0, 4.0]
    assert Buckets((1.0,)).quantiles((0.5,)) == [None]


@given(st.floats(0.0001, 0.9999))
def test_quantiles_are_such_that_the_sum_is_right(mean: float) -> None:
    """Where the sum is known, measurements must be taken to lie in their bucket so that it comes out right."""
    buckets = Buckets((5.0, 10.0))
    buckets.add((5.0, 10.0), (0, 100, 0), measured=100 * (5 + 5 * mean))
    parts = [(n + 0.5) / 2000 for n in range(2000)]
    quantiles = [each or 0.0 for each in buckets.quantiles(parts)]
    assert quantiles == sorted(quantiles) and quantiles[0] >= 5 and quantiles[-1] <= 10
    assert sum(quantiles) / len(quantiles) == pytest.approx(5 + 5 * mean, abs=0.06)


def test_milliseconds_in_buckets_of_seconds_are_milliseconds() -> None:
    """Of measurements far below the first bound no quantile must be near that."""
    buckets = Buckets((5.0, 10.0))
    buckets.add((5.0, 10.0), (100, 0, 0), measured=0.5)
    p50, p99 = buckets.quantiles((0.5, 0.99))
    assert p50 is not None and p99 is not None
    assert 0.003 < p50 < 0.004 and 0.02 < p99 < 0.03


def test_histograms_of_other_bounds_are_added() -> None:
    """Buckets that lie across bounds of others must be split between them, and none of it lost."""
    bounds = common_bounds([(1.0, 4.0), (2.0,)])
    assert bounds == (1.0, 2.0, 4.0)
    buckets = Buckets(bounds)
    buckets.add((1.0, 4.0), (1, 6, 3))
    buckets.add((2.0,), (5, 7))
    assert buckets.counts == [1, 2 + 5, 4 + 7, 3]


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(1, 20), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
)
def test_adding_loses_no_measurement(one: list[int], other: list[int], counts: list[int]) -> None:
    """However bounds differ, all measurements must be in the sum, and quantiles rise."""
    first, second = tuple(map(float, sorted(one))), tuple(map(float, sorted(other)))
    buckets = Buckets(common_bounds([first, second]))
    buckets.add(first, counts[: len(first) + 1])
    buckets.add(second, counts[: len(second) + 1])
    total = sum(counts[: len(first) + 1]) + sum(counts[: len(second) + 1])
    assert buckets.total == pytest.approx(total)
    quantiles = buckets.quantiles([part / 10 for part in range(11)])
    if total:
        assert quantiles == sorted(quantiles)  # type: ignore[type-var]


def test_each_step_has_its_own_quantiles() -> None:
    """Quantiles must be of what was measured in a step, by all series together."""
    series = kept(
        [
            histogram(10, (10, 0, 0, 0)),
            histogram(20, (10, 10, 0, 0)),
            histogram(20, (0, 0, 10, 0), start=10.0, attributes={"route": "/slow"}),
        ]
    )
    lines = quantile_lines(series, WINDOW)
    assert values(lines["p50"]) == [0.5, 2.0]
    assert values(lines["p99"]) == [0.99, 3.96]


def test_a_histogram_without_buckets_has_an_average() -> None:
    """Where a sender gives only sum and count, their quotient must be shown."""
    series = kept([point("x", t, v, "histogram", count=n, start=0.0) for t, v, n in ((10, 30, 10), (20, 130, 20))])
    assert {label: values(line) for label, line in quantile_lines(series, WINDOW).items()} == {"average": [3, 10]}


# Instruments


def drawn(name: str, points: Sequence[MetricPoint], *filters: str) -> PlotDocument:
    """The plot of an instrument."""
    (found,) = [each for each in selections(kept(points)) if each.instrument.name == name]
    return plot(found.where([parse_filter(text) for text in filters]), WINDOW, str, lambda id: id == TRACE)


REQUESTS = [
    histogram(10, (0, 60, 0, 0), attributes={"http.response.status_code": 200, "http.route": "/"}),
    histogram(10, (0, 0, 0, 20), attributes={"http.response.status_code": 503, "http.route": "/orders"}),
    histogram(
        10, (0, 10, 0, 0), sender=sender("api", "api-2"), attributes={"http.response.status_code": 200},
        exemplars=(Exemplar(3, 1.5, TRACE, hex_id(1)), Exemplar(4, 1.9, TRACE), Exemplar(5, 9, hex_id(7, 32))),
    ),
]  # fmt: skip


def test_requests_follow_from_their_durations() -> None:
    """From the durations of requests there must follow how many there are, and how many fail, by instance."""
    names = [each.instrument.name for each in selections(kept([*REQUESTS, point("a.b", 1, 1)]))]
    assert names == [DURATION, "http.server.request.rate", "http.server.request.errors", "a.b"]
    rate = drawn("http.server.request.rate", REQUESTS)
    assert [(line.label, line.resource, line.latest) for line in rate.series] == [
        ("api", "api", 8),
        ("api-2", "api", 1),
    ]
    assert (rate.unit, rate.summary, rate.summary_label) == ("/s", 9, "together")
    failed = drawn("http.server.request.errors", REQUESTS)
    assert [(line.label, line.latest) for line in failed.series] == [("api", 2)]


def test_a_duration_has_quantiles_and_exemplars() -> None:
    """A plot of a histogram must have three quantiles, and the largest exemplar of a step whose trace is kept."""
    duration = drawn(DURATION, REQUESTS)
    assert [(line.label, line.quantile, line.resource) for line in duration.series] == [
        ("p50", "p50", None),
        ("p90", "p90", None),
        ("p99", "p99", None),
    ]
    assert (duration.summary, duration.summary_label, duration.unit) == (4.0, "p99", "s")
    assert [(each.time, each.value, each.trace_id) for each in duration.exemplars] == [(4, 1.9, TRACE)]
    only = drawn(DURATION, REQUESTS, "http.route=/", "http.response.status_code<300")
    assert only.summary == pytest.approx(1.99)


def test_what_has_ended_does_not_count_any_more() -> None:
    """A program that has ended must have its line, but no part in what stands for all."""
    points = [point("process.cpu.utilization", n, 50, by="job") for n in range(10)]
    points += [point("process.cpu.utilization", n, 2, by="api") for n in range(59)]
    found = drawn("process.cpu.utilization", points)
    assert ([line.label for line in found.series], found.summary, found.summary_label) == (["job", "api"], 2, "now")


def test_failed_requests_lead_to_their_traces() -> None:
    """An exemplar of a failed request must lie on the line of those that failed; of all requests there are none."""
    failed = {"http.response.status_code": 500}
    points = [histogram(10, (0, 10, 0, 0), attributes=failed, exemplars=(Exemplar(3, 1.5, TRACE, hex_id(1)),))]
    assert [each.value for each in drawn("http.server.request.errors", points).exemplars] == [1.0]
    assert drawn("http.server.request.rate", points).exemplars == ()


def test_gauges_have_a_line_for_each_set_of_attributes() -> None:
    """The values of gauges must not be added up: each set has a line, and the highest stands for all."""
    points = [point("depth", 5, 3, attributes={"queue": "a"}), point("depth", 5, 8, attributes={"queue": "b"})]
    found = drawn("depth", points)
    assert [(line.label, line.latest) for line in found.series] == [("api · a", 3), ("api · b", 8)]
    assert (found.summary, found.summary_label) == (8, "highest")
    many = [point("depth", 5, n, attributes={"queue": n}) for n in range(40)]
    assert len(drawn("depth", many).series) == 1


def test_an_instrument_lists_the_values_of_its_attributes() -> None:
    """An instrument must be shown with its title, its resources, and what it can be filtered by, numbers in order."""
    points = [point("shop.orders.placed", 1, 1, "counter", attributes={"n": n, "kind": "x"}) for n in (10, 9)]
    view = instrument_view(selections(kept(points))[0], str)
    assert (view.title, view.kind, view.resources) == ("Orders placed", "counter", ("api",))
    assert view.attributes == {"kind": ("x",), "n": ("9", "10")}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (DURATION, "Request duration"),
        ("process.cpu.utilization", "CPU"),
        ("queue_depth", "Queue depth"),
        ("shop.orders.placed", "Orders placed"),
        ("x", "X"),
        ("...", "..."),
    ],
)
def test_titles(name: str, title: str) -> None:
    """Well-known instruments must have their names in words, others what can be read from theirs."""
    assert title_of(name) == title


def test_senders_that_differ_about_a_kind_are_not_mixed() -> None:
    """Where two senders use a name for different kinds, the series of one kind only must be in its plot."""
    points = [point("x", 1, 1, "counter", by="web"), point("x", 1, 5, by="api")]
    (found,) = selections(kept(points))
    assert isinstance(found, Selection)
    assert {each.instrument.kind for each in found.series} == {found.instrument.kind}


# Windows


@given(st.floats(0, 2e9), st.floats(1, 1e6))
def test_a_window_holds_what_is_asked_for(now: float, seconds: float) -> None:
    """A window must be as long as asked for, have few steps that begin at multiples of it, and hold the present."""
    window = window_until(now, seconds)
    assert window.end - window.start >= seconds * 0.999
    assert window.count <= 160
    assert window.start % window.step == pytest.approx(0, abs=1e-3)
    assert now <= window.end <= now + window.step


# Marks


def event(time: float, kind: EventKind, tone: Tone, text: str, generation: int = 1) -> ResourceEvent:
    """Something that happened to a resource."""
    return ResourceEvent(number=1, time=time, resource="api", kind=kind, tone=tone, text=text, generation=generation)


def test_marks_are_what_matters() -> None:
    """Restarts, bad ends, changes of health and values must be marked; coming up for the first time must not."""
    happened = [
        event(1, "state", "ok", "Started"),
        event(2, "health", "ok", "Became healthy"),
        event(3, "health", "warn", "Became unhealthy: GET /healthz answered 503"),
        event(4, "health", "ok", "Became healthy"),
        event(5, "state", "bad", "Ended with exit code 1: KeyError"),
        event(6, "state", "ok", "Started", 2),
        event(7, "value", "idle", "Made known: address", 2),
        event(8, "state", "idle", "Stopped", 2),
        event(99, "state", "bad", "Failed to start: no", 2),
    ]
    assert [(mark.time, mark.text) for mark in marks(happened, (), 0, 50)] == [
        (3, "api unhealthy"),
        (4, "api healthy"),
        (5, "api ended with exit code 1"),
        (6, "api restarted"),
    ]


def test_new_values_are_marked() -> None:
    """A parameter must be marked each time that it has a new value, and not when it has its first."""
    happened = [
        event(1, "state", "idle", "Active"),
        event(5, "state", "idle", "Active", 2),
        event(6, "state", "busy", "x", 3),
    ]
    assert [(mark.time, mark.text) for mark in marks(happened, ["api"], 0, 50)] == [(5, "api has a new value")]
