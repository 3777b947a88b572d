"""The properties of an environment: what the chart is written with, and what its user may set."""

from __future__ import annotations

from typing import Any

from fairlead.model.parameter import Parameter
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import ChartValue
from fairlead.publish.chart.sections import Path
from fairlead.publish.chart.values_yaml import TEXT_SCHEMA, RequiredBy, published_default
from fairlead.resources.kubernetes import KubernetesEnvironment

Given = str | Parameter | None


def property_value(
    chart: Chart, user: str, path: Path, given: Given, *, schema: dict[str, Any] | None = None, comment: str = ""
) -> ChartValue:
    """The chart value of a property.

    The parameter's key if it is a parameter, otherwise a key at ``path`` with the text as its default.

    Args:
        chart: The chart.
        user: The resource that can't do without it.
        path: The keys, outermost first.
        given: What the definition gives.
        schema: What it has to be, as JSON schema.
        comment: What values.yaml says about it.
    """
    if isinstance(given, Parameter):
        value = chart.values.parameter(given)
        chart.values.use(value, RequiredBy(user, None))
        return value
    return chart.values.declare(path, given or "", schema=schema or TEXT_SCHEMA, comment=comment)


def publish_time_text(environment: KubernetesEnvironment, name: str, report: Report) -> str | None:
    """The text of a property that must be known at publish time.

    For a parameter that is its published default; without one, an error is reported.

    Args:
        environment: Whose property it is.
        name: The property.
        report: Where a parameter without default is reported.
    """
    given: Given = getattr(environment.properties, name)
    if not isinstance(given, Parameter):
        return given
    known = default_text(given)
    if known is None:
        report.error(
            environment,
            f"{name} is the parameter {given.name!r}, and the chart can't be written without it",
            "Give the parameter a default that is published, or write the text itself.",
        )
    return known


def default_text(given: Given) -> str | None:
    """A property as it is when nobody sets a value; None where nobody has said."""
    if not isinstance(given, Parameter):
        return given
    return published_default(given)
