"""Objects that the charts of several environments have in common, so that one cluster can't hold them all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.object_kinds import is_cluster_wide
from fairlead.resources.kubernetes import KubernetesEnvironment

_SHOWN = 2
#: What tells objects of a cluster apart: group, kind, namespace and name.
_Identity = tuple[str, str, str | None, str]
_CONSEQUENCE = (
    "Helm refuses to install the second, because the objects belong to the first, and kubectl overwrites them"
)


def report_shared_objects(published: Sequence[tuple[KubernetesEnvironment, Chart]], report: Report) -> None:
    """Say which environments can't be in one cluster, or not in one namespace of it.

    It is a warning where the definition names no namespace, as the printed commands then install both into one; it is a
    note where it names the same for both, as they may be two clusters.

    Args:
        published: The environments and their charts.
        report: Collects errors, warnings and notes.
    """
    known = [(environment, chart.namespace, _objects(chart)) for environment, chart in published]
    for (first, _, first_objects), (second, namespace, second_objects) in combinations(known, 2):
        shared = [name for identity, name in second_objects.items() if identity in first_objects]
        if not shared:
            continue
        more = f" and {len(shared) - _SHOWN} more" if len(shared) > _SHOWN else ""
        message = f"it has objects of {first.name!r} too: {', '.join(shared[:_SHOWN])}{more}"
        if namespace is None:
            report.warn(
                second,
                f"{message}. In one namespace {_CONSEQUENCE}",
                "Give each environment a namespace of its own: with_properties(namespace=…).",
            )
        else:
            report.note(
                second,
                f"{message}. In one cluster {_CONSEQUENCE}",
                "Give each a namespace of its own, and what is cluster-wide a name of its own; if each is a cluster of "
                "its own, nothing has to be done.",
            )


def _objects(chart: Chart) -> dict[_Identity, str]:
    """The objects whose names are known now, each with how a message calls it."""
    return {
        _identity(chart_object, chart): f"{chart_object.kind} {chart_object.name}"
        for chart_object in chart.objects
        if isinstance(chart_object.body["metadata"]["name"], str)
    }


def _identity(chart_object: ChartObject, chart: Chart) -> _Identity:
    group, kind = chart_object.group, chart_object.kind
    namespace = "" if is_cluster_wide(group, kind) else chart_object.namespace or chart.namespace
    return group, kind, namespace, chart_object.name
