"""Keys of values.yaml that no object uses any more, since a function replaced what did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import ChartValue, Checksum, Leaf, When, WithDefault, values_in_text
from fairlead.publish.chart.open_mapping import OpenMapping


def values_of(chart: Chart, owner: str) -> frozenset[ChartValue]:
    """The values in the objects of a resource."""
    return frozenset(
        value
        for entry in chart.objects
        if entry.owner.name == owner
        for part in (entry.body, entry.conditions)
        for value in values_in_text(part)
    )


def drop_unused_values(chart: Chart, before: Mapping[str, frozenset[ChartValue]]) -> None:
    """Take the values out of a chart that the objects of resources used before, and that nothing uses now.

    Args:
        chart: The chart, with all its objects.
        before: The values that were in the objects of each resource, by its name.
    """
    used = _used_values(chart)
    dropped: set[ChartValue] = set()
    for owner, values in before.items():
        for value in values - values_of(chart, owner):
            if value not in chart.values:
                continue
            if value in used:
                chart.values.release(value, owner)
            else:
                chart.values.remove(value)
                dropped.add(value)
    if dropped:
        for entry in chart.objects:
            entry.body = _without_values(entry.body, chart)


def _used_values(chart: Chart) -> set[ChartValue]:
    subcharts = (part for subchart in chart.subcharts for part in (subchart.enabled, *_parameters(subchart)))
    parts: Iterable[Any] = (
        *(part for entry in chart.objects for part in (entry.body, entry.conditions)),
        *chart.notes,
        *subcharts,
    )
    return {value for part in parts for value in values_in_text(part)}


def _parameters(subchart: Any) -> Iterator[ChartValue]:
    return (passed.parameter for passed in subchart.passed_parameters)


def _without_values(content: Any, chart: Chart) -> Any:
    """A part of an object in which no checksum is taken of values that are gone."""
    if isinstance(content, dict):
        entries = {key: _without_values(entry, chart) for key, entry in content.items()}
        return content.rebuilt(entries) if isinstance(content, OpenMapping) else entries
    if isinstance(content, When):
        return When(content.conditions, _without_values(content.content, chart))
    if isinstance(content, list):
        return [_without_values(entry, chart) for entry in content]
    if isinstance(content, WithDefault):
        return WithDefault(content.value, _without_values(content.default, chart))
    if isinstance(content, Checksum):
        parts = tuple(part for part in content.parts if not isinstance(part, ChartValue) or _exists(part, chart))
        return Checksum(parts, content.length) if any(isinstance(part, Leaf) for part in parts) else content.parts[0]
    return content


def _exists(value: ChartValue, chart: Chart) -> bool:
    """Whether a value, or one below it, is in values.yaml."""
    return value in chart.values or bool(chart.values.default(value.path))
