"""What the planning of one chart has in common."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.model.app import App
from fairlead.model.resource import Resource
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.ports import Port
from fairlead.publish.project.project_files import ProjectFiles
from fairlead.publish.translation.translator import Translator
from fairlead.records import record
from fairlead.resources.kubernetes import KubernetesEnvironment


@record
class PlanningContext:
    """One chart in the making, and what is known while it is planned.

    Args:
        app: The app, built for publishing.
        environment: What the chart is for.
        chart: The chart that objects are added to.
        ports: The ports of every resource, by the names of its endpoints.
        translator: Turns deferred values into leaves.
        files: Reads files of the app's folder.
        report: Collects errors, warnings and notes.
        inactive: The names of the members of groups that the chart leaves out; they are not in the app.
    """

    app: App
    environment: KubernetesEnvironment
    chart: Chart
    ports: Mapping[str, Mapping[str, Port]]
    translator: Translator
    files: ProjectFiles
    report: Report
    inactive: frozenset[str] = frozenset()


def is_left_out(context: PlanningContext, part: Resource) -> bool:
    """Whether a part of an environment is left out of a chart: by the definition, or with its groups."""
    return part.excluded_from_manifest or part.name in context.inactive
