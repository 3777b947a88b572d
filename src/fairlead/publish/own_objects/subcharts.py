"""Charts of others in the app's own release: what ``add_helm_chart`` becomes by itself.

A parameter among their values is set under the subchart's key. If the app uses it too, ``required-values.yaml`` fails
while the subchart is enabled and the two differ.
"""

from __future__ import annotations

from fairlead.publish.chart.chart import Chart, Subchart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.sections import Section
from fairlead.publish.context import PlanningContext, is_left_out
from fairlead.publish.own_objects.chart_sources import Source, chart_source, check_source, fill_values


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
