"""Plots: the lines of one instrument in a window, with what stands for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from fairlead.dashboard.telemetry.documents import ExemplarView, PlotDocument, PlotPoint, Series
from fairlead.dashboard.telemetry.queries.attributes import Mask, attribute_text
from fairlead.dashboard.telemetry.queries.metrics import titles
from fairlead.dashboard.telemetry.queries.metrics.lines import quantile_lines, rate_line, sum_line, value_line
from fairlead.dashboard.telemetry.queries.metrics.selection import Selection
from fairlead.dashboard.telemetry.queries.metrics.windows import Window
from fairlead.dashboard.telemetry.store.series import KeptSeries

_MOST_LINES = 12
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
    summary, label = _summary(selection, lines)
    return PlotDocument(
        instrument=selection.instrument.name,
        unit=unit_of(selection),
        start=window.start,
        end=window.end,
        step=window.step,
        series=lines,
        exemplars=tuple(exemplars(selection, window, is_kept)),
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


def _summary(selection: Selection, lines: Sequence[Series]) -> tuple[float | None, str]:
    latest = [line.latest for line in lines if line.latest is not None]
    kind = selection.instrument.kind
    if not latest:
        return None, ""
    if kind == "histogram":
        return latest[-1], lines[-1].label
    if len(latest) == 1:
        return latest[0], "now"
    if kind == "gauge" and selection.instrument.name not in _SUMMED:
        return max(latest), "highest"
    return sum(latest), "together"


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
