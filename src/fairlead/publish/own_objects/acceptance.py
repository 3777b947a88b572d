"""Checks of objects that users add or change: structure, text, numbers, and secrets outside a Secret."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from fairlead.model.values.value import Value
from fairlead.publish.chart.leaves import Leaf, Text, When, chart_values, is_secret, values_in_text
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import RequiredBy
from fairlead.publish.context import PlanningContext
from fairlead.publish.translation.translator import ValueSite
from fairlead.records import replaced

_UNWRITABLE = "[\0\ud800-\udfff]"


class Acceptor:
    """Turns what a definition gave into the body of an object, and reports what can't be in one.

    Args:
        context: The chart in the making.
        asker: Whose object it is, and the line that gave it.
    """

    def __init__(self, context: PlanningContext, asker: ValueSite) -> None:
        self._chart = context.chart
        self._translator = context.translator
        self._asker = asker
        self._report = context.report
        self._is_secret = False

    def accept(self, given: object) -> dict[str, Any] | None:
        """The body of an object, or None, reported, when there is none that could be applied."""
        before = len(self._report.errors)
        if not isinstance(given, Mapping):
            self._refuse(f"is {type(given).__name__}, and no object", "Give a mapping.")
            return None
        for key in ("apiVersion", "kind"):
            if not isinstance(given.get(key), str) or not given[key]:
                self._refuse(f"has no {key}", "Write one, as every Kubernetes object has it.")
        metadata = given.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if not isinstance(name, (str, Leaf)) or not name:
            self._refuse("has no metadata.name", "Give it a name; generateName can't be upgraded.")
        if len(self._report.errors) > before:
            return None
        self._is_secret = given["kind"] == "Secret" and given["apiVersion"] == "v1"
        if given["apiVersion"] == "v1" and given["kind"] in ("ConfigMap", "Secret"):
            given = {key: entry for key, entry in given.items() if entry is not None}
        body: dict[str, Any] = self._mapping(given, str(given["kind"]))
        self._check(body)
        return body if len(self._report.errors) == before else None

    def _check(self, body: dict[str, Any]) -> None:
        """Report what the API server would refuse or drop."""
        from fairlead.publish.own_objects.field_checks import field_problems  # few definitions bring objects along
        from fairlead.publish.own_objects.pod_checks import pod_problems

        for problem, remedy, is_certain in (*field_problems(body), *pod_problems(body)):
            say = self._report.error if is_certain else self._report.warn
            say(self._asker.resource, f"{self._asker.what} {problem}", remedy, self._asker.where)

    def _refuse(self, problem: str, remedy: str) -> None:
        self._report.error(self._asker.resource, f"{self._asker.what} {problem}", remedy, self._asker.where)

    def _mapping(self, given: Mapping[Any, Any], place: str) -> dict[str, Any]:
        wrong = [key for key in given if not isinstance(key, str)]
        if wrong:
            self._refuse(f"has the key {wrong[0]!r} in {place}, which is no text", "Write it in quotes.")
        return {str(key): self._content(entry, f"{place}.{key}") for key, entry in given.items()}

    def _content(self, given: object, place: str) -> Any:
        if isinstance(given, When):
            return When(given.conditions, self._content(given.content, place))
        if isinstance(given, Mapping):
            entries = self._mapping(given, place)
            return given.rebuilt(entries) if isinstance(given, OpenMapping) else entries
        if isinstance(given, (list, tuple)):
            return [self._content(entry, f"{place}[{number}]") for number, entry in enumerate(given)]
        if isinstance(given, Value):
            return self._deferred(given, place)
        return self._scalar(given, place)

    def _scalar(self, given: object, place: str) -> Any:
        if isinstance(given, Leaf):
            if _reveals(given) and not self._is_secret:
                self._refuse_secret(place)
            self._check_values(given, place)
            return given
        if isinstance(given, date):  # which YAML makes of a text that looks like one
            return given.isoformat()
        if isinstance(given, str) and re.search(_UNWRITABLE, given):
            self._refuse(f"has bytes in {place} that are not text (UTF-8)", "Encode them, for example as base64.")
        elif isinstance(given, float) and not math.isfinite(given):
            self._refuse(f"has {given} in {place}", "Give a number.")
        elif given is not None and not isinstance(given, (str, bool, int, float)):
            self._refuse(f"has {type(given).__name__} in {place}", "Give plain data or a deferred value.")
        return given

    def _deferred(self, given: Value, place: str) -> Any:
        asker = replaced(self._asker, what=f"{place} of {self._asker.what}")
        text = self._translator.translate(given, asker)
        if text is None:
            return None
        for value in chart_values([text]):
            if value.section is not Section.CONFIG:
                self._chart.values.use(value, RequiredBy(self._asker.resource.name, None))
        if is_secret(text) and not self._is_secret:
            self._refuse_secret(place)
        return text

    def _check_values(self, leaf: Leaf, place: str) -> None:
        """Report values of the chart of another environment, which a function may have kept."""
        for value in chart_values(leaf):
            if value not in self._chart.values and not self._chart.values.default(value.path):
                self._refuse(
                    f"has the value {'.'.join(value.path)} in {place}, which is none of this chart",
                    "Take values from the objects that the function gets, or give a parameter.",
                )

    def _refuse_secret(self, place: str) -> None:
        self._refuse(
            f"has a secret in {place}, where everybody could read it",
            "Put it into the stringData of a Secret, and refer to that.",
        )


def _reveals(text: Text) -> bool:
    """Whether a secret can be read from a text; a checksum of one tells nothing."""
    return any(value.secret for value in values_in_text(text))
