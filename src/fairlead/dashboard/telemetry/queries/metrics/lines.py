"""The lines of a plot: points of series, in the steps of a window."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from itertools import pairwise

from fairlead.dashboard.telemetry.documents import PlotPoint
from fairlead.dashboard.telemetry.queries.metrics.increments import Increment, increments
from fairlead.dashboard.telemetry.queries.metrics.quantiles import QUANTILES, Buckets, common_bounds
from fairlead.dashboard.telemetry.queries.metrics.windows import Window
from fairlead.dashboard.telemetry.store.series import KeptSeries

_GAP_INTERVALS = 3.0
_LONGEST_INTERVAL = 60.0
"""Seconds between two points of a series that has only one, after which it is over."""


def rate_line(series: Iterable[KeptSeries], window: Window, *, of_count: bool = False) -> list[PlotPoint]:
    """What several counters have counted a second, together; null where nothing is known.

    Args:
        series: The counters.
        window: The window.
        of_count: Whether how many measurements were made counts, and not their sum.
    """
    totals: list[float | None] = [None] * window.count
    for each in series:
        amounts, seconds = [0.0] * window.count, [0.0] * window.count
        for increment in increments(each):
            amount = increment.count if of_count else increment.value
            for place, overlap in window.overlaps(increment.start, increment.end):
                amounts[place] += amount * overlap / (increment.end - increment.start)
                seconds[place] += overlap
        for place, covered in enumerate(seconds):
            if covered > 0:
                totals[place] = (totals[place] or 0.0) + amounts[place] / covered
    return trimmed([PlotPoint(window.time(place), total) for place, total in enumerate(totals)])


def value_line(series: KeptSeries, window: Window) -> list[PlotPoint]:
    """The values of a series; of a step with many the smallest and the largest, each at its time."""
    chosen: list[PlotPoint] = []
    pending: list[tuple[float, float]] = []
    limit = max(_gap_seconds([series]), _GAP_INTERVALS * window.step)
    place = -1
    for time, value in values_of(series):
        at = window.place(time)
        if not 0 <= at < window.count:
            continue
        if at != place:
            chosen += _extremes(pending)
            if pending and time - pending[-1][0] > limit:
                chosen.append(PlotPoint((time + pending[-1][0]) / 2, None))
            pending, place = [], at
        pending.append((time, value))
    return chosen + _extremes(pending)


def _extremes(values: Sequence[tuple[float, float]]) -> list[PlotPoint]:
    if not values:
        return []
    least, most = min(values, key=lambda each: each[1]), max(values, key=lambda each: each[1])
    times = {least[0]: least[1], most[0]: most[1]}
    return [PlotPoint(time, times[time]) for time in sorted(times)]


def sum_line(series: Sequence[KeptSeries], window: Window) -> list[PlotPoint]:
    """The sum of the values of several series, in each step the last that each has by then."""
    if len(series) == 1:
        return value_line(series[0], window)
    totals: list[float | None] = [None] * window.count
    newest = max(each.samples[-1].time for each in series)
    for each in series:
        limit = _gap_seconds([each])
        readings = list(values_of(each))
        at, latest = 0, None
        for place in range(min(window.count, window.place(newest) + 1)):
            end = window.start + (place + 1) * window.step
            while at < len(readings) and readings[at][0] < end:
                latest = readings[at]
                at += 1
            if latest is not None and end - window.step - latest[0] <= limit:
                totals[place] = (totals[place] or 0.0) + latest[1]
    return trimmed([PlotPoint(window.time(place), total) for place, total in enumerate(totals)])


def values_of(series: KeptSeries) -> Iterable[tuple[float, float]]:
    """The times and values of a gauge, or of what goes up and down."""
    if series.cumulative or series.instrument.kind == "gauge":
        return [(sample.time, sample.value) for sample in series.samples]
    total = 0.0
    values = []
    for sample in series.samples:
        total += sample.value
        values.append((sample.time, total))
    return values


def quantile_lines(series: Iterable[KeptSeries], window: Window) -> dict[str, list[PlotPoint]]:
    """The quantiles of several histograms together; ``average`` alone where they have no buckets."""
    all_increments = [increment for each in series for increment in increments(each)]
    with_buckets = [each for each in all_increments if each.bounds]
    if not with_buckets:
        return {"average": _averages(all_increments, window)}
    bounds = common_bounds([each.bounds for each in with_buckets])
    steps: dict[int, Buckets] = {}
    for increment in with_buckets:
        for place, overlap in window.overlaps(increment.start, increment.end):
            buckets = steps.get(place)
            if buckets is None:
                buckets = steps[place] = Buckets(bounds)
            weight = overlap / (increment.end - increment.start)
            buckets.add(increment.bounds, increment.buckets, weight, increment.value)
    parts = [part for _, part in QUANTILES]
    quantiles = {place: buckets.quantiles(parts) for place, buckets in steps.items()}
    unknown = [None] * len(parts)
    return {
        label: trimmed(
            [PlotPoint(window.time(place), quantiles.get(place, unknown)[which]) for place in range(window.count)]
        )
        for which, (label, _) in enumerate(QUANTILES)
    }


def _averages(all_increments: Sequence[Increment], window: Window) -> list[PlotPoint]:
    sums, counts = [0.0] * window.count, [0.0] * window.count
    for increment in all_increments:
        for place, overlap in window.overlaps(increment.start, increment.end):
            share = overlap / (increment.end - increment.start)
            sums[place] += increment.value * share
            counts[place] += increment.count * share
    return trimmed(
        [
            PlotPoint(window.time(place), total / count if count > 0 else None)
            for place, (total, count) in enumerate(zip(sums, counts, strict=True))
        ]
    )


def trimmed(points: list[PlotPoint]) -> list[PlotPoint]:
    """The points without the gaps before the first and behind the last, and of several gaps in a row only one."""
    known = [place for place, point in enumerate(points) if point.value is not None]
    if not known:
        return []
    inner = points[known[0] : known[-1] + 1]
    return [point for place, point in enumerate(inner) if point.value is not None or inner[place - 1].value is not None]


def _gap_seconds(series: Iterable[KeptSeries]) -> float:
    """Seconds without a point after which a line is broken."""
    times = [[sample.time for sample in each.samples] for each in series]
    intervals = [later - earlier for each in times for earlier, later in pairwise(each)]
    return _GAP_INTERVALS * (statistics.median(intervals) if intervals else _LONGEST_INTERVAL)
