"""The properties of an environment, as Helm and Kubernetes take them."""

from __future__ import annotations

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.properties import default_text
from fairlead.resources.kubernetes import KubernetesEnvironment
from fairlead.resources.kubernetes.properties import PROPERTIES, property_remedy


def check_properties(environment: KubernetesEnvironment, chart: Chart, report: Report) -> None:
    """Report properties that Helm or Kubernetes would refuse: names that come from the app's, defaults of parameters.

    A text that the definition gives is judged there.

    Args:
        environment: The environment.
        chart: Its chart.
        report: Collects errors, warnings and notes.
    """
    decided = {
        "helm_chart_name": chart.name,
        "helm_chart_version": chart.version,
        "helm_chart_description": chart.description,
        "release_name": chart.release,
        "namespace": chart.namespace,
    }
    for name in PROPERTIES:
        text = decided[name] if name in decided else default_text(getattr(environment.properties, name))
        remedy = None if text is None else property_remedy(name, text)
        if remedy is not None:
            shown = f"{text:.20}…" if name == "helm_chart_description" else text
            report.error(environment, f"{name}={shown!r} is not valid", remedy)
