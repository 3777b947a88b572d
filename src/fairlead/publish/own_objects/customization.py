"""Calling the functions of ``with_kubernetes_objects`` with the finished objects of their resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import iscoroutine
from typing import Any

from fairlead.model.kubernetes.customization import CustomizableObjects, Customization, KubernetesObjects
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import add_labels, object_labels
from fairlead.publish.chart.leaves import When
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.object_names import ObjectKey, RemovedObject
from fairlead.publish.chart.open_mapping import with_entries
from fairlead.publish.context import PlanningContext
from fairlead.publish.own_objects.acceptance import Acceptor
from fairlead.publish.own_objects.leftovers import ChartState, clear_leftovers
from fairlead.publish.own_objects.renames import follow_renames
from fairlead.publish.own_objects.successors import OriginalObject, removed_objects, still_removed
from fairlead.publish.translation.translator import ValueSite


def customize(
    context: PlanningContext, add_manifests: Callable[[PlanningContext], None]
) -> Mapping[ObjectKey, RemovedObject]:
    """Let the definition change the objects of a chart, and let the chart follow.

    Args:
        context: The chart, with all its objects but those that are given as they are.
        add_manifests: Adds those, which no function gets.

    Returns:
        The objects that are no longer there, or have another name or kind, and that nothing has replaced.
    """
    before = ChartState.of(context.chart)
    removed: dict[ObjectKey, RemovedObject] = {}
    for owner in dict.fromkeys(chart_object.owner for chart_object in context.chart.objects):
        if isinstance(owner, CustomizableObjects) and owner.customizations:
            removed |= _customize(context, owner)
    add_manifests(context)
    removed = still_removed(context.chart, removed)
    follow_renames(context.chart, removed)
    clear_leftovers(context.chart, before, removed)
    return removed


def _customize(context: PlanningContext, owner: CustomizableObjects) -> dict[ObjectKey, RemovedObject]:
    objects = KubernetesObjects()
    originals: dict[int, OriginalObject] = {}
    for chart_object in context.chart.objects:
        if chart_object.owner is owner:
            chart_object.body = _own(chart_object.body)  # functions change the bodies
            originals[id(chart_object.body)] = OriginalObject.of(chart_object)
            objects.add(chart_object.body)
    if not all(_call(customization, objects, owner, context.report) for customization in owner.customizations):
        return {}
    remaining = list(_remaining(context, owner, objects, originals))
    _replace(context.chart, owner, [chart_object for chart_object, _ in remaining])
    return removed_objects(owner, originals.values(), remaining)


def _own(content: Any) -> Any:
    """A copy of an object, or of a part of one, that has nothing in common with other objects but leaves."""
    if isinstance(content, dict):
        return with_entries(content, {key: _own(entry) for key, entry in content.items()})
    if isinstance(content, When):
        return When(content.conditions, _own(content.content))
    return [_own(entry) for entry in content] if isinstance(content, list) else content


def _remaining(
    context: PlanningContext, owner: CustomizableObjects, objects: Any, originals: dict[int, OriginalObject]
) -> Iterator[tuple[ChartObject, OriginalObject | None]]:
    """The objects that functions left, each with what it was before; None for those that they added."""
    last = owner.customizations[-1]
    acceptor = Acceptor(context, ValueSite(owner, last.where, f"an object that {last.method}() left"))
    for content in _contents(objects):
        body = acceptor.accept(content)
        if body is None:
            continue
        original = originals.get(id(content))
        if original is None:
            add_labels(body, object_labels(context.chart, object_name(owner.name)))
        yield ChartObject(owner, body, original.conditions if original else ()), original


def _contents(objects: Any) -> list[Any]:
    """What functions left, which may be of any shape."""
    return [content for entry in objects.values() for content in (entry if isinstance(entry, list) else [entry])]


def _replace(chart: Chart, owner: CustomizableObjects, objects: list[ChartObject]) -> None:
    """Put objects in the place of all that a resource had."""
    first = next(number for number, chart_object in enumerate(chart.objects) if chart_object.owner is owner)
    others = [chart_object for chart_object in chart.objects if chart_object.owner is not owner]
    chart.objects[:] = [*others[:first], *objects, *others[first:]]


def _call(customization: Customization, objects: KubernetesObjects, owner: CustomizableObjects, report: Report) -> bool:
    """Whether a function could be called; what it raised is reported."""
    try:
        result = customization.function(objects)
    except Exception as error:
        report.error(
            owner,
            f"the function of {customization.method}() raised {type(error).__name__}: {error}",
            "Correct it; it gets the objects by their kinds, each kind as a list.",
            customization.where,
        )
        return False
    if not iscoroutine(result):
        return True
    result.close()
    report.error(
        owner,
        f"the function of {customization.method}() is async",
        "Write a plain function that changes the objects it gets.",
        customization.where,
    )
    return False
