"""What became of the objects that functions of a definition removed: some are only called differently now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fairlead.model.kubernetes.customization import CustomizableObjects
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import Leaf
from fairlead.publish.chart.object_names import ObjectIdentity, ObjectKey, RemovedObject


class OriginalObject(NamedTuple):
    """An object before a function changed it.

    Args:
        key: Its kind and name.
        conditions: It is there when all of them hold.
        has_pods: Whether it is the controller of pods.
    """

    key: ObjectKey
    conditions: tuple[Leaf, ...]
    has_pods: bool

    @staticmethod
    def of(chart_object: ChartObject) -> OriginalObject:
        """The object as it is now."""
        return OriginalObject(chart_object.key, chart_object.conditions, _has_pods(chart_object.body))


def removed_objects(
    owner: CustomizableObjects,
    originals: Iterable[OriginalObject],
    remaining: Sequence[tuple[ChartObject, OriginalObject | None]],
) -> dict[ObjectKey, RemovedObject]:
    """The objects of a resource that are no longer there, or have another name or kind.

    Args:
        owner: The resource.
        originals: Its objects before.
        remaining: Those it has now, each with what it was before; None for those that were added.
    """
    objects = [chart_object for chart_object, _ in remaining]
    keys = {chart_object.key for chart_object in objects}
    removed = [original for original in originals if original.key not in keys]
    renamed = {original.key: chart_object for chart_object, original in remaining if original is not None}
    added = [chart_object for chart_object, original in remaining if original is None]
    found: dict[ObjectKey, RemovedObject] = {}
    for original in removed:
        successor = renamed.get(original.key) or _replacement(
            original, removed, added, [entry for entry, _ in remaining]
        )
        found[original.key] = RemovedObject(owner, _identity(successor) if successor else None)
    return found


def _replacement(
    original: OriginalObject, removed: list[OriginalObject], added: list[ChartObject], remaining: list[ChartObject]
) -> ChartObject | None:
    """The object that can only be meant to take the place of another: the only other one with pods, or of its kind."""
    if original.has_pods:
        candidates = [chart_object for chart_object in remaining if _has_pods(chart_object.body)]
    else:
        alike = [other for other in removed if other.key.kind == original.key.kind]
        candidates = [entry for entry in added if entry.kind == original.key.kind] if len(alike) == 1 else []
    return candidates[0] if len(candidates) == 1 else None


def still_removed(chart: Chart, removed: Mapping[ObjectKey, RemovedObject]) -> dict[ObjectKey, RemovedObject]:
    """The removed objects that nothing else in the chart has replaced under their names since."""
    keys = {chart_object.key for chart_object in chart.objects}
    return {key: entry for key, entry in removed.items() if key not in keys}


def _identity(chart_object: ChartObject) -> ObjectIdentity:
    return ObjectIdentity(chart_object.body["apiVersion"], *chart_object.key)


def _has_pods(body: Mapping[str, Any]) -> bool:
    spec = body.get("spec")
    if isinstance(spec, dict) and isinstance(job := spec.get("jobTemplate"), dict):
        spec = job.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    return isinstance(template, dict) and "spec" in template
