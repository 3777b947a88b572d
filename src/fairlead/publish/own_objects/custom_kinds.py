"""Custom kinds: those that a chart defines, and those that a cluster may only know once a chart of others is there."""

from __future__ import annotations

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.object_kinds import CRD, IN_KUBERNETES
from fairlead.resources.kubernetes import KubernetesEnvironment, Router

#: The group of the Gateway API.
GATEWAY_API = "gateway.networking.k8s.io"


def defined_kinds(chart: Chart) -> dict[tuple[str, str], str]:
    """The kinds that a chart itself defines, by group and kind, with their scope: ``Namespaced`` or ``Cluster``."""
    found: dict[tuple[str, str], str] = {}
    for made in chart.objects:
        spec = made.body.get("spec") if made.kind == CRD else None
        names = spec.get("names") if isinstance(spec, dict) else None
        if isinstance(spec, dict) and isinstance(names, dict):
            found[str(spec.get("group")), str(names.get("kind"))] = str(spec.get("scope"))
    return found


def objects_of_unknown_kinds(chart: Chart) -> list[ChartObject]:
    """The objects of custom kinds that the chart doesn't define itself.

    A subchart may bring those kinds, so the cluster may not know them yet.

    What routers are made of is not among them: the kinds of the Gateway API have to be there.
    """
    if not chart.subcharts:
        return []
    known = defined_kinds(chart)
    return [
        made
        for made in chart.objects
        if made.group not in IN_KUBERNETES
        and made.group not in chart.present_groups
        and (made.group, made.kind) not in known
        and not (isinstance(made.owner, Router) and made.group == GATEWAY_API)
    ]


def report_unknown_kinds(chart: Chart, environment: KubernetesEnvironment, report: Report) -> None:
    """Say of these objects that there have to be two steps."""
    found = [f"{made.kind} {made.name}" for made in objects_of_unknown_kinds(chart)]
    if found:
        report.note(
            environment,
            f"a chart of others may bring the kinds of {', '.join(found)}, which can only be made after that",
            "Run all the commands, in their order: the last one makes what the cluster can't know before.",
        )
