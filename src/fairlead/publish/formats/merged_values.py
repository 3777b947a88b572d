"""The values that somebody gives for a format that has none of its own: checked as Helm checks them by the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from fairlead.model.names import listing, nearest
from fairlead.publish.chart.chart import Chart, SeparateRelease, Subchart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import ChartValue
from fairlead.publish.chart.sections import Path, helm_path
from fairlead.publish.chart.values_yaml import ValuesKey

Place: TypeAlias = tuple[str | int, ...]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "number": (int, float),
}


class MergedValues:
    """What is set under each path: what was given, laid over the defaults of the chart.

    Args:
        chart: The chart.
        given: The values, like those of a ``values.yaml``.
        report: Where values that nobody knows, or of a wrong type, are reported, and those that are missing.
    """

    def __init__(self, chart: Chart, given: Mapping[str, Any], report: Report) -> None:
        self._chart = chart
        self._report = report
        self._declared = {declared.value.path: declared for declared in chart.values}
        self._others: list[Subchart | SeparateRelease] = [*chart.subcharts, *chart.separate_releases]
        self._foreign = {found.alias for found in self._others}
        self._passed = {one.parameter.path for found in self._others for one in found.passed_parameters}
        self._tree: dict[str, Any] = {}
        for declared in chart.values:
            self._put(declared.value.path, deepcopy(declared.default))
        for found in self._others:
            self._tree[found.alias] = deepcopy(found.values)
        _merge(self._tree, self._known((), given))
        self._hand_on()
        self._check()

    def lookup(self, path: Place) -> Any:
        """What is set under a path; None where there is nothing."""
        node: Any = self._tree
        for key in path:
            if isinstance(node, list) and isinstance(key, int) and key < len(node):
                node = node[key]
            elif isinstance(node, Mapping):
                node = node.get(key)
            else:
                return None
        return node

    def _put(self, path: Path, value: Any) -> None:
        node = self._tree
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value

    def _known(self, path: Path, given: Mapping[str, Any]) -> dict[str, Any]:
        """What was given without the keys that are no values of the chart, which are reported."""
        found: dict[str, Any] = {}
        for key, content in given.items():
            here = (*path, str(key))
            inside = [known for known in {*self._declared, *self._passed} if known[: len(here)] == here]
            if here[0] in self._foreign or here in inside:
                found[str(key)] = content
            elif inside and isinstance(content, Mapping):
                found[str(key)] = self._known(here, content)
            elif inside:
                self._refuse(here, "is no mapping")
            else:
                names = {known[len(path)] for known in self._declared if known[: len(path)] == path}
                guess = nearest(str(key), names)
                remedy = f"Did you mean {helm_path((*path, guess))}?" if guess else "Take it out of the values."
                self._report.error(None, f"there is no value {helm_path(here)}", remedy)
        return found

    def _hand_on(self) -> None:
        """Give to other charts the parameters that were only given by their own names."""
        for found in self._others:
            for one in found.passed_parameters:
                known = self.lookup(one.parameter.path)
                if known and not self.lookup((found.alias, *one.path)):
                    _set(self._tree[found.alias], one.path, known)
                elif one.required and not self.lookup((found.alias, *one.path)):
                    self._miss(one.parameter, [found.alias])

    def _check(self) -> None:
        for path, declared in self._declared.items():
            value = self.lookup(path)
            wrong = next(_problems(path, value, declared.schema), None)
            if wrong:
                self._refuse(*wrong)
            elif declared.required and not value and self._is_needed(declared):
                self._miss(declared.value, [use.workload for use in declared.uses])

    def _is_needed(self, declared: ValuesKey) -> bool:
        return any(use.unless is None or not self.lookup(use.unless.path) for use in declared.uses)

    def _refuse(self, path: Place, problem: str) -> None:
        self._report.error(None, f"the value {helm_path(path)} {problem}", "Correct it in the file of --values.")

    def _miss(self, value: ChartValue, users: list[str]) -> None:
        self._report.error(
            None,
            f"{helm_path(value.path)} is not given, and {', '.join(dict.fromkeys(users))} can't do without it",
            "Give it in a file: --values FILE.",
        )


def _merge(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Lay one tree over another as Helm does; a null takes a key away."""
    for key, value in above.items():
        known = below.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping):
            _merge(known, value)
        elif value is None:
            below.pop(key, None)
        else:
            below[key] = deepcopy(value)


def _set(tree: Any, path: Place, value: Any) -> None:
    for key in path[:-1]:
        tree = tree[key]
    tree[path[-1]] = value


def _problems(place: Place, value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Where a value, or a part of it, is not what a schema asks for, and why."""
    if problem := _problem(value, schema):
        yield place, problem
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _problems((*place, number), entry, schema.get("items", {}))
    elif isinstance(value, dict):
        yield from _problems_in_mapping(place, value, schema)


def _problems_in_mapping(
    place: Place, value: Mapping[Any, Any], schema: Mapping[str, Any]
) -> Iterator[tuple[Place, str]]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    reserved = schema.get("propertyNames", {}).get("not", {}).get("pattern")
    for key in dict.fromkeys((*schema.get("required", ()), *value)):
        here = (*place, str(key))
        if key not in known and others is False:
            guess = nearest(str(key), known)
            yield here, f"is not known{f'; did you mean {guess!r}?' if guess else f': there are {listing(known)}'}"
        elif reserved and re.search(reserved, str(key)):
            yield here, "is set by the chart itself"
        else:
            yield from _problems(here, value.get(key), known.get(key, others))


def _is_of_type(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _problem(value: Any, schema: Mapping[str, Any]) -> str:
    """Why a value is not what a schema asks for; empty when it is."""
    expected = schema.get("type", ())
    names = (expected,) if isinstance(expected, str) else expected
    if names and not any(_is_of_type(value, name) for name in names):
        kind = "missing" if value is None else type(value).__name__
        return f"has to be of type {' or '.join(names)}, and is {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"has to be one of {', '.join(map(str, schema['enum']))}, and is {value!r}"
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        return "must not be empty"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return f"has to match {schema['pattern']}, and is {value!r}"
    if isinstance(value, int) and value < schema.get("minimum", value):
        return f"has to be {schema['minimum']} or more, and is {value}"
    return ""
