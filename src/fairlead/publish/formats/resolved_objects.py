"""Objects with all their leaves resolved: what a cluster gets when these values are set."""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.conditions import Switch, holds
from fairlead.publish.chart.leaves import (
    BuiltinName,
    ChartValue,
    Concatenated,
    Leaf,
    When,
    look_up,
    resolve,
)
from fairlead.publish.chart.open_mapping import OpenMapping, content_of
from fairlead.publish.formats.merged_values import MergedValues

_LABEL = 63
#: Where kubectl puts objects when nobody says where.
_NAMESPACE = "default"


class ObjectResolver:
    """Resolves the objects of one chart.

    Args:
        chart: The chart.
        settings: Its values.
    """

    def __init__(self, chart: Chart, settings: MergedValues) -> None:
        self._settings = settings
        self._builtins: dict[BuiltinName, str] = {
            "release": chart.release,
            "namespace": chart.namespace or _NAMESPACE,
            "manager": "Fairlead",
            "chart": _label(f"{chart.name}-{chart.version}"),
            "version": _label(chart.version),
        }

    def is_wanted(self, made: ChartObject) -> bool:
        """Whether the object is there with these values."""
        return all(holds(condition, self._settings.lookup) for condition in made.conditions)

    def body(self, made: ChartObject) -> dict[str, Any]:
        """The object's fields as plain data."""
        body: dict[str, Any] = self.content(made.body)
        return body

    def content(self, content: Any) -> Any:
        """Any part of an object as plain data."""
        if isinstance(content, OpenMapping):
            return self._open(content)
        if isinstance(content, dict):
            found = {key: self.content(content_of(entry)) for key, entry in content.items() if self._is_there(entry)}
            return {key: entry for key, entry in found.items() if entry or not _may_be_empty(content[key])}
        if isinstance(content, list):
            return [self.content(content_of(entry)) for entry in content if self._is_there(entry)]
        return self._leaf(content) if isinstance(content, Leaf) else content

    def _open(self, content: OpenMapping) -> dict[str, Any]:
        """A mapping with what the chart's user changes in it."""
        user: dict[str, Any] = {}
        for changes in content.changes:
            user |= look_up(changes, self._settings.lookup) or {}
        picked = content.picked
        found = {key: entry for key, entry in user.items() if picked is None or key in picked}
        for key, entry in content.items():
            if not self._is_there(entry) or any(rival in user for rival in content.rivals(key)):
                continue
            inner = self.content(content_of(entry))
            if content.is_extended(key):
                inner = [*inner, *user.get(key, ())]
            if inner or not (content.is_extended(key) or _may_be_empty(entry)):
                found[key] = inner
        return found

    def _is_there(self, entry: Any) -> bool:
        return not isinstance(entry, When) or all(
            holds(condition, self._settings.lookup) for condition in entry.conditions
        )

    def _leaf(self, leaf: Leaf) -> Any:
        if isinstance(leaf, ChartValue) and leaf.kind != "text":
            return self._settings.lookup(leaf.path)
        if isinstance(leaf, Concatenated):
            return [entry for value in leaf.values for entry in self._settings.lookup(value.path)]
        if isinstance(leaf, Switch):
            return holds(leaf, self._settings.lookup)
        return resolve(leaf, self._settings.lookup, self._builtins)


def _may_be_empty(entry: Any) -> bool:
    """Whether an entry is left out when nothing is in it."""
    return isinstance(content_of(entry), OpenMapping)


def _label(text: str) -> str:
    """A text as far as a label can hold it."""
    return text.replace("+", "_")[:_LABEL].strip("-._")
