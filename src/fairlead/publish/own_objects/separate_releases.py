"""Charts of others that are releases of their own, before the app or after it."""

from __future__ import annotations

import shlex

from fairlead.publish.chart.chart import Chart, SeparateRelease
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.context import PlanningContext, is_left_out
from fairlead.publish.own_objects.chart_sources import Source, chart_reference, chart_source, check_source, fill_values
from fairlead.resources.kubernetes import HelmChart


def add_separate_releases(context: PlanningContext) -> None:
    """Add the charts of an environment that are releases of their own."""
    for resource in context.environment.charts:
        if resource.is_separate and not is_left_out(context, resource):
            source = chart_source(resource, context.files, context.report)
            if source is not None:
                context.chart.separate_releases.append(_release(context, resource, source))
    _check_releases(context.chart, context.report)


def _release(context: PlanningContext, resource: HelmChart, source: Source) -> SeparateRelease:
    if resource.archive is None:
        check_source(source, context.report)
    translator, namespace = context.translator, resource.namespace or context.chart.namespace
    if namespace != context.chart.namespace:
        translator = translator.from_outside(context.chart.namespace)
    values, passed_parameters = fill_values(source, translator, context.report)
    return SeparateRelease(
        resource,
        resource.name,
        resource.release_name,
        namespace,
        resource.order != "after",
        _reference(resource, source),
        values,
        passed_parameters,
        source.files,
    )


def _reference(resource: HelmChart, source: Source) -> str:
    if resource.archive is not None:
        return shlex.quote(resource.archive)
    return "" if source.files else chart_reference(source.name, source.version, source.repository)


def _check_releases(chart: Chart, report: Report) -> None:
    """Report releases that are the same for Helm: to install the second would remove the objects of the first."""
    seen = {(chart.release, chart.namespace): "the app"}
    for release in chart.separate_releases:
        first = seen.setdefault((release.release, release.namespace), repr(release.alias))
        if first != repr(release.alias):
            place = f" in {release.namespace!r}" if release.namespace else ""
            report.error(
                release.owner,
                f"its release would be {release.release!r}{place}, like that of {first}",
                "Give it another name or namespace: release_name=…, namespace=….",
            )
