"""Values of the chart that everybody may read: host names, classes, names of Secrets and issuers."""

from __future__ import annotations

from fairlead.model.locations import Location
from fairlead.model.resource import Resource
from fairlead.model.values.value import Value
from fairlead.publish.chart.leaves import Text
from fairlead.publish.chart.sections import Path, Section
from fairlead.publish.chart.values_yaml import TEXT_SCHEMA
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
        """A text as a value of its own, or a value as what it is anyway; None, reported, where it can't be used.

        Args:
            key: The keys below the resource's section for a text.
            given: The text, or a value.
            what: What it is for, in messages.
            where: The line in the app file.
            minimum: How long a text has to be at least.
            comment: What values.yaml says about it.
        """
        if isinstance(given, str):
            schema = {**TEXT_SCHEMA, "minLength": minimum} if minimum else None
            return self._chart.values.declare((*self._key, *key), given, schema=schema, comment=comment)
        site = ValueSite(self._resource, where, what)
        return self._translator.translate_public(given, site, self._resource.kind)
