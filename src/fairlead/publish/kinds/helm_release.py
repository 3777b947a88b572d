"""Helm releases of local clusters that are published as charts that the app's chart depends on."""

from __future__ import annotations

from typing import Any

from fairlead.model.resource import Resource
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.cluster_kind import ClusterKind
from fairlead.publish.context import PlanningContext
from fairlead.publish.own_objects.chart_sources import Source
from fairlead.publish.own_objects.local_charts import ChartError, read_chart
from fairlead.publish.own_objects.subcharts import add_dependency
from fairlead.publish.own_objects.yaml_reading import YamlProblem, yaml_documents
from fairlead.publish.project.project_files import ProjectFiles, SourceError
from fairlead.resources.k3s.helm_release import HelmRelease


class ReleaseClusterKind(ClusterKind):
    """A Helm release of a local cluster; as a dependency its chart is installed with the app's."""

    def add_subchart(self, resource: Resource, context: PlanningContext) -> None:
        """Add the chart of the release, with its values."""
        assert isinstance(resource, HelmRelease)
        source = _source(resource, context.files, context.report)
        if source is not None:
            add_dependency(context, source)
            _report_differences(resource, context.report)


def _source(release: HelmRelease, sources: ProjectFiles, report: Report) -> Source | None:
    """The chart of a release with its values; None, reported, where a chart can't depend on it."""
    files = [content for file in release.values_files if (content := _values(file.path, sources, release, report))]
    values = release.layered_values(files)
    if release.is_local_chart:
        try:
            local = read_chart(sources, release.chart)
        except ChartError as error:
            report.error(release, f"the chart {release.chart} {error.problem}", error.remedy)
            return None
        return Source(release, local.name, local.version, "", values, local.files)
    repository, name = _repository(release)
    if not repository:
        report.error(
            release,
            f"the chart {release.chart!r} has no repository",
            "Name it: repo='https://…', or an oci:// address.",
        )
        return None
    if release.version is None:
        report.error(
            release,
            "its chart has no version, so a published chart would be another one each day",
            "Give it: version=….",
        )
        return None
    return Source(release, name, release.version, repository, values)


def _repository(release: HelmRelease) -> tuple[str, str]:
    """The repository and the name of a chart; that of ``helm repo add`` is written before the chart's name."""
    base, _, name = release.chart.rpartition("/")
    if release.repo is not None:
        return release.repo, release.chart
    return (base if base.startswith("oci://") else f"@{base}" if base else ""), name


def _values(path: str, sources: ProjectFiles, release: HelmRelease, report: Report) -> dict[str, Any]:
    """What a values file holds; nothing, reported, where it can't be read."""
    try:
        documents = yaml_documents(sources.file(path).decode())
    except (SourceError, UnicodeDecodeError, YamlProblem) as error:
        problem = "it is not text (UTF-8)" if isinstance(error, UnicodeDecodeError) else str(error)
        report.error(release, f"the values file {path} can't be used: {problem}", "Correct it, or its path.")
        return {}
    content = documents[0] if documents else {}
    if not isinstance(content, dict):
        report.error(release, f"the values file {path} is not a mapping", "Write it like the chart's values.yaml.")
        return {}
    return content


def _report_differences(release: HelmRelease, report: Report) -> None:
    report.note(
        release,
        "it is installed in the app's release and namespace, and not by itself as "
        f"{release.release_name} in {release.namespace}, so its objects may have other names",
        "Where it matters set them by its values, such as fullnameOverride.",
    )
    if release.explicit_start:
        report.warn(
            release,
            "with_explicit_start() has no counterpart: it starts with the rest",
            f'Set charts.{release.name}.enabled: false in the values, or leave it out with publish_as="skip".',
        )
