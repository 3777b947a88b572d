"""Values of the chart that everybody may read: host names, classes, names of Secrets and issuers."""

from __future__ import annotations

from fairlead.model.locations import Location
from fairlead.model.resource import Resource
from fairlead.model.value import Value
from fairlead.publish.chart.leaves import Text, chart_values, is_secret
from fairlead.publish.chart.sections import Path, Section
from fairlead.publish.chart.values_yaml import TEXT_SCHEMA, RequiredBy
from fairlead.publish.context import PlanningContext
from fairlead.publish.translation.translator import ValueSite


class PublicValues:
    """Declares the values of one resource.

    Args:
        context: The chart in the making.
        resource: The resource that needs them.
        section: The section of values.yaml that they are in.
    """

    def __init__(self, context: PlanningContext, resource: Resource, section: Section) -> None:
        self._chart = context.chart
        self._resource = resource
        self._key = section.value(resource.name)
        self._translator = context.translator
        self._report = context.report

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
