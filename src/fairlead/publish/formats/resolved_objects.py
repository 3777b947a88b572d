"""Objects with all their leaves resolved: what a cluster gets when these values are set."""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import BuiltinName, ChartValue, Leaf, Overlaid, When, resolve
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
        return made.unless is None or not self._settings.lookup(made.unless.path)

    def body(self, made: ChartObject) -> dict[str, Any]:
        """The object's fields as plain data."""
        body: dict[str, Any] = self.content(made.body)
        return body

    def content(self, content: Any) -> Any:
        """Any part of an object as plain data."""
        if isinstance(content, dict):
            return {
                key: self.content(entry.content if isinstance(entry, When) else entry)
                for key, entry in content.items()
                if self._is_there(entry)
            }
        if isinstance(content, list):
            return [
                self.content(entry.content if isinstance(entry, When) else entry)
                for entry in content
                if self._is_there(entry)
            ]
        return self._leaf(content) if isinstance(content, Leaf) else content

    def _is_there(self, entry: Any) -> bool:
        if not isinstance(entry, When):
            return True
        return all(self._settings.lookup(value.path) for value in entry.conditions)

    def _leaf(self, leaf: Leaf) -> Any:
        if isinstance(leaf, Overlaid):
            below = {key: self.content(text) for key, text in leaf.below}
            return {**below, **self._settings.lookup(leaf.value.path)}
        if isinstance(leaf, ChartValue) and leaf.kind != "text":
            return self._settings.lookup(leaf.path)
        return resolve(leaf, self._settings.lookup, self._builtins)


def _label(text: str) -> str:
    """A text as far as a label can hold it."""
    return text.replace("+", "_")[:_LABEL].strip("-._")
