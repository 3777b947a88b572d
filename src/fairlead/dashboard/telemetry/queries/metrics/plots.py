"""Plots: the lines of one instrument in a window, with what stands for all of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from fairlead.dashboard.telemetry.documents import ExemplarView, PlotDocument, PlotPoint, Series
from fairlead.dashboard.telemetry.queries.attributes import Mask, attribute_text
from fairlead.dashboard.telemetry.queries.metrics import titles
from fairlead.dashboard.telemetry.queries.metrics.lines import quantile_lines, rate_line, sum_line, value_line
from fairlead.dashboard.telemetry.queries.metrics.selection import Selection
from fairlead.dashboard.telemetry.queries.metrics.windows import Window
from fairlead.dashboard.telemetry.store.series import KeptSeries

_MOST_LINES = 12
_ENDED_INTERVALS = 3.0
_ENDED_SECONDS = 20.0
_SUMMED = (titles.CPU, titles.MEMORY)


def plot(selection: Selection, window: Window, mask: Mask, is_kept: Callable[[str], bool]) -> PlotDocument:
    """Return the plot of an instrument.

    Args:
        selection: The instrument and its series.
        window: The window.
        mask: Replaces secrets.
        is_kept: Whether the trace with an id is kept, so that an exemplar leads to something.
    """
    lines = tuple(_lines(selection, window, mask))
    summary, label = _summary(selection, lines, window)
    return PlotDocument(
        instrument=selection.instrument.name,
        unit=unit_of(selection),
        start=window.start,
        end=window.end,
        step=window.step,
        series=lines,
        exemplars=tuple(_on_lines(selection, exemplars(selection, window, is_kept), lines)),
        summary=summary,
        summary_label=label,
    )


def unit_of(selection: Selection) -> str:
    """The unit of the values: of a counter per second; what UCUM has in braces is no unit."""
    unit = selection.instrument.unit
    if unit == "1" or (unit.startswith("{") and unit.endswith("}")):
        unit = ""
    return f"{unit}/s" if selection.instrument.kind == "counter" else unit


def _lines(selection: Selection, window: Window, mask: Mask) -> Iterator[Series]:
    kind = selection.instrument.kind
    if kind == "histogram":
        for label, points in quantile_lines(selection.series, window).items():
            if points:
                yield _line(label, None, label if label.startswith("p") else None, points)
        return
    for (resource, label), series in _grouped(selection, mask).items():
        if kind == "counter":
            points = rate_line(series, window, of_count=selection.counts_measurements)
        elif kind == "gauge":
            points = value_line(series[-1], window)
        else:
            points = sum_line(series, window)
        if points:
            yield _line(label, resource, None, points)


def _line(label: str, resource: str | None, quantile: str | None, points: Sequence[PlotPoint]) -> Series:
    return Series(label, resource, quantile, tuple(points), points[-1].value)


def _grouped(selection: Selection, mask: Mask) -> Mapping[tuple[str, str], list[KeptSeries]]:
    """The series of each line: one for each instance of a resource, of gauges also for each set of attributes.

    The values of gauges can't be added up. Where there would be too many lines, one of each instance is left.
    """
    groups: dict[tuple[str, str], list[KeptSeries]] = {}
    is_gauge = selection.instrument.kind == "gauge"
    sets = len({(each.sender.instance, _values(each)) for each in selection.series})
    instances = len({each.sender.instance for each in selection.series})
    for each in selection.series:
        label = each.sender.instance
        if is_gauge and instances < sets <= _MOST_LINES and _values(each):
            label = f"{label} · {_values(each)}"
        groups.setdefault((each.sender.resource, mask(label)), []).append(each)
    return groups


def _values(series: KeptSeries) -> str:
    return ", ".join(attribute_text(value) for _, value in sorted(series.attributes.items()))


def _summary(selection: Selection, lines: Sequence[Series], window: Window) -> tuple[float | None, str]:
    current = [line for line in lines if _is_current(line, lines, window)]
    latest = [line.latest for line in current if line.latest is not None]
    kind = selection.instrument.kind
    if not latest:
        return None, ""
    if kind == "histogram":
        return latest[-1], current[-1].label
    if len(latest) == 1:
        return latest[0], "now"
    if kind == "gauge" and selection.instrument.name not in _SUMMED:
        return max(latest), "highest"
    return sum(latest), "together"


def _is_current(line: Series, lines: Sequence[Series], window: Window) -> bool:
    """Whether a line goes on, and has not ended long before the others, as that of a program that has ended."""
    times = [point.time for point in line.points]
    intervals = [later - earlier for earlier, later in pairwise(times)]
    usual = statistics.median(intervals) if intervals else window.step
    newest = max(each.points[-1].time for each in lines)
    return newest - times[-1] <= max(_ENDED_INTERVALS * max(usual, window.step), _ENDED_SECONDS)


def _on_lines(selection: Selection, found: Iterable[ExemplarView], lines: Sequence[Series]) -> Iterator[ExemplarView]:
    """The exemplars as they are drawn: where it is counted how many failed, on the line, and not at their durations."""
    if not selection.counts_measurements:
        yield from found
    elif selection.instrument.name == titles.FAILED_REQUESTS:
        for exemplar in found:
            points = [point for line in lines if line.resource == exemplar.resource for point in line.points]
            if points:
                nearest = min(points, key=lambda point: abs(point.time - exemplar.time))
                yield replace(exemplar, value=nearest.value or 0.0)


def exemplars(selection: Selection, window: Window, is_kept: Callable[[str], bool]) -> Iterator[ExemplarView]:
    """The largest measurement of each step that leads to a trace."""
    largest: dict[int, ExemplarView] = {}
    for series in selection.series:
        for sample in series.samples:
            for each in sample.exemplars:
                place = window.place(each.time)
                if each.trace_id is None or not 0 <= place < window.count or not is_kept(each.trace_id):
                    continue
                known = largest.get(place)
                if known is None or each.value > known.value:
                    resource, span_id = series.sender.resource, each.span_id or ""
                    largest[place] = ExemplarView(each.time, each.value, resource, each.trace_id, span_id)
    for _, exemplar in sorted(largest.items()):
        yield exemplar
