"""Charts of others in the app's own release: what ``add_helm_chart`` becomes by itself.

A parameter among their values is set under the subchart's key. If the app uses it too, ``required-values.yaml`` fails
while the subchart is enabled and the two differ.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject, Subchart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.object_kinds import IN_KUBERNETES
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext, is_left_out
from fairlead.publish.own_objects.chart_sources import Source, chart_source, check_source, fill_values
from fairlead.publish.own_objects.user_manifests import defined_kinds
from fairlead.resources.kubernetes import KubernetesEnvironment, Router

#: The group of the Gateway API.
GATEWAY_API = "gateway.networking.k8s.io"


def add_subcharts(context: PlanningContext) -> None:
    """Add the charts that an environment's chart depends on."""
    for resource in context.environment.charts:
        if not resource.is_separate and not is_left_out(context, resource):
            source = chart_source(resource, context.files, context.report)
            if source is not None:
                add_dependency(context, source)


def add_dependency(context: PlanningContext, source: Source) -> None:
    """Add one chart that the app's chart depends on.

    Args:
        context: The chart in the making.
        source: The other chart.
    """
    chart, owner, report = context.chart, source.owner, context.report
    check_source(source, report)
    _check_folder(chart, source, report)
    values, passed_parameters = fill_values(source, context.translator, report)
    enabled = chart.values.declare(
        Section.CHARTS.value(owner.name, "enabled"), True, kind="object", schema={"type": "boolean"}
    )
    chart.subcharts.append(
        Subchart(
            owner,
            owner.name,
            source.name,
            source.version,
            source.repository,
            values,
            passed_parameters,
            enabled,
            source.files,
        )
    )


def _check_folder(chart: Chart, source: Source, report: Report) -> None:
    """Report two charts whose files would be in one folder."""
    known = next((found for found in chart.subcharts if found.files and found.name == source.name), None)
    if known is not None and source.files and dict(known.files) != dict(source.files):
        report.error(
            source.owner,
            f"its chart is another one than that of {known.owner.name!r}, and has the same name {source.name!r}",
            "Name one of them differently in its Chart.yaml.",
        )


def chart_files(chart: Chart) -> dict[str, str]:
    """The files of the other charts that are written into the chart's own folder, where Helm looks for them."""
    return {
        f"{folder}/{path}": text
        for found in chart.subcharts
        if (folder := chart_folder(found, "")) and found.files
        for path, text in found.files.items()
    }


def enabled_subcharts(chart: Chart, given: Mapping[str, Any]) -> list[Subchart]:
    """The other charts that the values leave in, where a format has values filled in.

    Args:
        chart: The chart.
        given: The values that are set, in which nothing is wrong.
    """
    switches = given.get(Section.CHARTS.key, {})
    return [found for found in chart.subcharts if switches.get(found.alias, {}).get("enabled", True)]


def chart_folder(found: Subchart, base: str) -> str | None:
    """Where a chart is that is a folder; None for one from a repository.

    Args:
        found: The chart.
        base: The folder that a relative path starts at, which is the chart's that depends on it.
    """
    if not found.repository:
        return posixpath.normpath(posixpath.join(base, "charts", found.name))
    scheme, _, path = found.repository.partition("://")
    return posixpath.normpath(posixpath.join(base, path)) if scheme == "file" else None


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
