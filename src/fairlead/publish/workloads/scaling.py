"""How many pods there are when it gets busy, and how many have to stay when nodes are emptied."""

from __future__ import annotations

from typing import Any

from fairlead.model.kubernetes.workload_options import Autoscaling, DisruptionBudget
from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.conditions import Not
from fairlead.publish.chart.labels import metadata, selector
from fairlead.publish.chart.leaves import ChartValue, When
from fairlead.publish.chart.object_names import ObjectName
from fairlead.publish.chart.sections import Section

_COUNT = {"type": "integer", "minimum": 1}
_AMOUNT = {"type": ["integer", "string"], "minimum": 0, "pattern": "^(100|[1-9]?[0-9])%$"}


def autoscaler(chart: Chart, resource: str, name: str, kind: str, target: str, wanted: Autoscaling) -> dict[str, Any]:
    """A HorizontalPodAutoscaler.

    Args:
        chart: The chart it is in.
        resource: The resource's own name.
        name: The name of its objects.
        kind: The kind of what it scales.
        target: The name of that.
        wanted: What the definition asks for.
    """
    key = Section.AUTOSCALING.value(resource)

    def count(what: str, default: int) -> Any:
        return chart.values.declare((*key, what), default, kind="integer", schema=_COUNT)

    metrics = [
        {"type": "Resource", "resource": {"name": what, "target": {"type": "Utilization", "averageUtilization": goal}}}
        for what, percent in (("cpu", wanted.cpu), ("memory", wanted.memory))
        if percent is not None
        for goal in (count(f"{what}Percent", percent),)
    ]
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(chart, name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": ObjectName(kind, target)},
            "minReplicas": count("minReplicas", wanted.minimum),
            "maxReplicas": count("maxReplicas", wanted.maximum),
            "metrics": metrics,
        },
    }


def is_autoscaled(chart: Chart, resource: str) -> ChartValue:
    """The value that says whether a resource's autoscaler is there."""
    return chart.values.declare(
        Section.AUTOSCALING.value(resource, "enabled"), True, kind="boolean", schema={"type": "boolean"}
    )


def replica_count(chart: Chart, workload: Workload) -> ChartValue | When:
    """How many pods a workload has; left out where an autoscaler decides, as each upgrade would set it back."""
    scaling = workload.autoscaling
    count = chart.values.declare(
        Section.REPLICAS.value(workload.name),
        max(workload.replicas, scaling.minimum) if scaling else workload.replicas,
        kind="integer",
        schema={"type": "integer", "minimum": 0},
        comment="While autoscaling is off." if scaling else "",
    )
    return When((Not(is_autoscaled(chart, workload.name)),), count) if scaling else count


def disruption_budget(chart: Chart, resource: str, name: str, wanted: DisruptionBudget) -> dict[str, Any]:
    """A PodDisruptionBudget.

    Args:
        chart: The chart it is in.
        resource: The resource's own name.
        name: The name of its objects.
        wanted: What the definition asks for.
    """
    amount = chart.values.declare(
        Section.DISRUPTION_BUDGETS.value(resource, wanted.field), wanted.amount, kind="integer or text", schema=_AMOUNT
    )
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(chart, name),
        "spec": {wanted.field: amount, "selector": {"matchLabels": selector(name)}},
    }
