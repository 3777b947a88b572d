"""Calling the functions of ``publish_as_kubernetes_service`` with the finished objects of their workloads."""

from __future__ import annotations

from inspect import iscoroutine
from typing import Any

from fairlead.model.kubernetes.customization import CustomizableObjects, Customization, KubernetesObjects
from fairlead.publish.chart.chart import ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Text
from fairlead.publish.context import PlanningContext
from fairlead.publish.own_objects.acceptance import Acceptor
from fairlead.publish.translation.translator import ValueSite


def customize(context: PlanningContext) -> None:
    """Let the definition change the objects of a chart.

    Args:
        context: The chart, with all its objects but those that are given as they are.
    """
    owners = dict.fromkeys(made.owner for made in context.chart.objects)
    for owner in owners:
        if isinstance(owner, CustomizableObjects) and owner.customizations:
            _customize(context, owner)


def _customize(context: PlanningContext, owner: CustomizableObjects) -> None:
    chart = context.chart
    before = [made for made in chart.objects if made.owner is owner]
    unless = {id(made.body): made.unless for made in before}
    known = [_key(made) for made in before]  # now, because what is changed is the same bodies
    objects = KubernetesObjects()
    for made in before:
        objects.add(made.body)
    for customization in owner.customizations:
        if not _call(customization, objects, owner, context.report):
            return
    after = []
    asker = ValueSite(owner, owner.customizations[-1].where, "an object that publish_as_kubernetes_service() left")
    acceptor = Acceptor(context, asker)
    for content in _left(objects):
        body = acceptor.accept(content)
        if body is not None:
            after.append(ChartObject(owner, body, unless.get(id(content))))
    left = {_key(made) for made in after}
    gone = [key for key in known if key not in left]
    _let_scaling_follow(after, gone)
    chart.removed_objects |= dict.fromkeys(gone, owner)
    first = chart.objects.index(before[0])
    others = [made for made in chart.objects if made.owner is not owner]
    chart.objects[:] = [*others[:first], *after, *others[first:]]


def _key(made: ChartObject) -> tuple[str, Text]:
    name: Text = made.body["metadata"]["name"]
    return made.kind, name


def _let_scaling_follow(objects: list[ChartObject], gone: list[tuple[str, Text]]) -> None:
    """Let an autoscaler scale what has the pods now, where what it scaled is of another kind or name since."""
    holders = [made.body for made in objects if _has_pods(made.body)]
    for made in objects:
        spec = made.body.get("spec")
        target = spec.get("scaleTargetRef") if isinstance(spec, dict) else None
        if isinstance(target, dict) and len(holders) == 1 and (target.get("kind"), target.get("name")) in gone:
            (holder,) = holders
            target |= {key: holder[key] for key in ("apiVersion", "kind")} | {"name": holder["metadata"]["name"]}


def _has_pods(body: dict[str, Any]) -> bool:
    spec = body.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    return isinstance(template, dict) and "spec" in template


def _left(objects: Any) -> list[Any]:
    """What a function left, which may be of any shape."""
    return [content for entry in objects.values() for content in (entry if isinstance(entry, list) else [entry])]


def _call(customization: Customization, objects: KubernetesObjects, owner: CustomizableObjects, report: Report) -> bool:
    """Whether a function could be called; what it raised is reported."""
    try:
        result = customization.function(objects)
    except Exception as error:
        report.error(
            owner,
            f"the function of publish_as_kubernetes_service() raised {type(error).__name__}: {error}",
            "Correct it; it gets the objects by their kinds, each kind as a list.",
            customization.where,
        )
        return False
    if not iscoroutine(result):
        return True
    result.close()
    report.error(
        owner,
        "the function of publish_as_kubernetes_service() is async",
        "Write a plain function that changes the objects it gets.",
        customization.where,
    )
    return False
