"""Charts of others that are releases of their own, before the app or after it: their files and their commands."""

from __future__ import annotations

import shlex

from fairlead.publish.chart.chart import Chart, SeparateRelease
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.context import PlanningContext, is_left_out
from fairlead.publish.own_objects.chart_sources import Source, chart_reference, chart_source, check_source, fill_values
from fairlead.resources.kubernetes import HelmChart

#: The folder, in what is published, of their values and of charts that are copied.
FOLDER = "releases"


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


def copied_files(chart: Chart) -> dict[str, str]:
    """The files of charts that are folders of the project, by their paths in what is published."""
    return {
        f"{FOLDER}/{release.alias}/{path}": text
        for release in chart.separate_releases
        for path, text in release.files.items()
    }


def values_path(release: SeparateRelease) -> str:
    """The file with the values of a release, below the published folder."""
    return f"{FOLDER}/{release.alias}.values.yaml"


def given_values_name(release: SeparateRelease) -> str:
    """The file that the user writes with the values that have to be given."""
    return f"{release.release}-values.yaml"


def release_commands(chart: Chart, folder: str, *, before: bool, with_given: bool) -> list[str]:
    """The commands that install the releases before the app, or those after it.

    Args:
        chart: The app's chart.
        folder: Where what is published is, as a shell takes it.
        before: Which of them.
        with_given: Whether values that have to be given come from a file of the user's.
    """
    return [
        release_command(release, folder, release.namespace, with_given=with_given)
        for release in chart.separate_releases
        if release.is_before == before
    ]


def release_command(release: SeparateRelease, folder: str, namespace: str | None, *, with_given: bool) -> str:
    """The command that installs or upgrades one release; one before the app is waited for.

    Args:
        release: The release.
        folder: Where what is published is, as a shell takes it.
        namespace: Its namespace; None for the one that helm takes by itself.
        with_given: Whether values that have to be given come from a file of the user's.
    """
    is_open = with_given and any(passed.required for passed in release.passed_parameters)
    words = [
        f"helm upgrade --install {release.release}",
        release.reference or f"{folder}/{FOLDER}/{release.alias}",
        *([f"--namespace {namespace} --create-namespace"] if namespace else []),
        f"--values {folder}/{values_path(release)}",
        *([f"--values {given_values_name(release)}"] if is_open else []),
        *(["--wait"] if release.is_before else []),
    ]
    return " ".join(words)
