"""Warns of references to objects that a ``with_kubernetes_objects`` function removed or renamed.

References to objects that the chart never had get no warning: those may exist in the cluster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.model.resource import Resource
from fairlead.publish.chart.chart import Chart, ChartObject, placeholder_name
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import parts_of
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectKey, ObjectName, RemovedObject
from fairlead.publish.own_objects.references import references


def report_broken_names(
    chart: Chart,
    removed: Mapping[ObjectKey, RemovedObject],
    connections: Iterable[tuple[str, str, str]],
    report: Report,
) -> None:
    """Warn of names that lead nowhere since a function took an object away or renamed it.

    Args:
        chart: The chart, with all its objects; renames are followed.
        removed: What functions removed or renamed, and nothing has replaced.
        connections: The (consumer, owner, endpoint) of all endpoints whose address a consumer has.
        report: Collects errors, warnings and notes.
    """
    if not removed:
        return
    warned = {
        (chart_object.owner.name, key)
        for chart_object in chart.objects
        for key in _report_object(chart_object, removed, report)
    }
    for consumer, owner in dict.fromkeys((consumer, owner) for consumer, owner, _ in connections):
        key = ObjectKey("Service", object_name(owner))
        objects = [chart_object for chart_object in chart.objects if chart_object.owner.name == consumer]
        if key in removed and (consumer, key) not in warned and any(_has_address(made.body, key) for made in objects):
            _warn(objects[0].owner, "it has the address of", key, removed[key], report)


def _report_object(
    chart_object: ChartObject, removed: Mapping[ObjectKey, RemovedObject], report: Report
) -> Iterator[ObjectKey]:
    """Warn of each broken name in an object once; yield what it names."""
    found: dict[ObjectKey, str] = {}
    for reference in references(chart_object.body):
        for key in removed:
            if reference.names(key):
                found.setdefault(key, reference.path)
    for key, path in found.items():
        _warn(chart_object.owner, f"its {chart_object.kind} names in {path}", key, removed[key], report)
        yield key


def _warn(user: Resource, what: str, key: ObjectKey, entry: RemovedObject, report: Report) -> None:
    customization, successor = entry.owner.customizations[-1], entry.successor
    change, remedy = "removed", "Let the function keep it, or change what names it as well."
    if successor is not None:
        name = placeholder_name(successor.name, shown=True)
        change = f"renamed to {name!r}" if successor.kind == key.kind else f"made the {successor.kind} {name!r}"
        remedy = "Name that instead, or let the function keep the name."
    report.warn(
        user,
        f"{what} the {key.kind} {placeholder_name(key.name, shown=True)!r}, which {customization.method}() of "
        f"{entry.owner.name!r} {change}",
        remedy,
        customization.where,
    )


def _has_address(content: Any, key: ObjectKey) -> bool:
    """Whether a text in an object has the name of a Service where addresses have the host."""
    host = re.compile(rf"(^|//|[@=,;\s]){re.escape(str(key.name))}(?=$|[:/.,;\s])")
    return any(host.search(text) for text in _texts(content))


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, entry in content.items():
            if name != "metadata":
                yield from _texts(entry)
    elif isinstance(content, str):
        if not isinstance(content, ObjectName):
            yield content
    else:
        for part in parts_of(content):
            yield from _texts(part)
