"""Values of the chart that everybody may read: host names, classes, names of Secrets and issuers."""

from __future__ import annotations

from fairlead.model.locations import Location
from fairlead.model.resource import Resource
from fairlead.model.value import Value
from fairlead.publish.chart.chart import TEXT_SCHEMA, Chart, RequiredBy
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Path, Text, chart_values, is_secret
from fairlead.publish.translation.translator import Translator, ValueSite


class PublicValues:
    """Declares the values of one resource.

    Args:
        chart: The chart they are in.
        resource: The resource that needs them.
        section: The section of values.yaml that they are in.
        translator: Turns deferred values into leaves.
        report: Collects errors, warnings and notes.
    """

    def __init__(self, chart: Chart, resource: Resource, section: str, translator: Translator, report: Report) -> None:
        self._chart = chart
        self._resource = resource
        self._key = section, resource.name
        self._translator = translator
        self._report = report

    def value(
        self, key: Path, given: str | Value, what: str, where: Location, *, minimum: int = 0, comment: str = ""
    ) -> Text | None:
        """A text as a value of its own, or a parameter as what it is anyway; None, reported, where it can't be used.

        Args:
            key: The keys below the resource's section for a text.
            given: The text, or a parameter.
            what: What it is for, in messages.
            where: The line in the app file.
            minimum: How long a text has to be at least.
            comment: What values.yaml says about it.
        """
        if isinstance(given, str):
            schema = {**TEXT_SCHEMA, "minLength": minimum} if minimum else None
            return self._chart.values.declare((*self._key, *key), given, schema=schema, comment=comment)
        text = self._translator.translate(given, ValueSite(self._resource, where, what))
        if text is not None and is_secret(text):
            self._report.error(
                self._resource,
                f"{what} is secret, and everybody could read it in the {self._resource.kind}",
                "Use a parameter that is not secret.",
                where,
            )
            return None
        for value in chart_values([text]):
            self._chart.values.use(value, RequiredBy(self._resource.name, None))
        return text
