"""Calling the functions of ``publish_as_kubernetes_service`` with the finished objects of their workloads."""

from __future__ import annotations

from inspect import iscoroutine
from typing import Any

from fairlead.model.customized import Customization, Customized, KubernetesObjects
from fairlead.publish.chart import Chart, ChartObject
from fairlead.publish.diagnostics import Report
from fairlead.publish.given import Acceptor
from fairlead.publish.translation import Asker, Translator


def customize(chart: Chart, translator: Translator, report: Report) -> None:
    """Let the definition change the objects of a chart.

    Args:
        chart: The chart, with all its objects but those that are given as they are.
        translator: Knows what deferred values are in the cluster.
        report: Where is reported what a function raises, or leaves that is no object.
    """
    owners = dict.fromkeys(made.owner for made in chart.objects)
    for owner in owners:
        if isinstance(owner, Customized) and owner.customizations:
            _customize(chart, owner, translator, report)


def _customize(chart: Chart, owner: Customized, translator: Translator, report: Report) -> None:
    before = [made for made in chart.objects if made.owner is owner]
    unless = {id(made.body): made.unless for made in before}
    objects = KubernetesObjects()
    for made in before:
        objects.add(made.body)
    for customization in owner.customizations:
        if not _call(customization, objects, owner, report):
            return
    after = []
    asker = Asker(owner, owner.customizations[-1].where, "an object that publish_as_kubernetes_service() left")
    acceptor = Acceptor(chart, translator, asker, report)
    for content in _left(objects):
        body = acceptor.accept(content)
        if body is not None:
            after.append(ChartObject(owner, body, unless.get(id(content))))
    first = chart.objects.index(before[0])
    others = [made for made in chart.objects if made.owner is not owner]
    chart.objects[:] = [*others[:first], *after, *others[first:]]


def _left(objects: Any) -> list[Any]:
    """What a function left, which may be of any shape."""
    return [content for entry in objects.values() for content in (entry if isinstance(entry, list) else [entry])]


def _call(customization: Customization, objects: KubernetesObjects, owner: Customized, report: Report) -> bool:
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
