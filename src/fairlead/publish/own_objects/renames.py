"""Following what functions of a definition renamed: all that Fairlead wrote of it gets the new name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import Conditional, Encoded, Joined, Leaf, Text, When, WithDefault, encode, join
from fairlead.publish.chart.object_names import ObjectIdentity, ObjectKey, ObjectName, RemovedObject
from fairlead.publish.chart.open_mapping import with_entries


def follow_renames(chart: Chart, removed: Mapping[ObjectKey, RemovedObject]) -> None:
    """Give the new names to what names an object that is called differently now, or is of another kind.

    A name that a definition wrote by hand stays as it is.

    Args:
        chart: The chart, with all its objects.
        removed: The objects that functions removed or renamed, and that nothing has replaced under their names.
    """
    renames = {key: entry.successor for key, entry in removed.items() if entry.successor is not None}
    if renames:
        for chart_object in chart.objects:
            chart_object.body = _Renaming(renames).content(chart_object.body)


class _Renaming:
    def __init__(self, renames: Mapping[ObjectKey, ObjectIdentity]) -> None:
        self._renames = renames
        self._names = {key.name: identity for key, identity in renames.items() if isinstance(key.name, Leaf)}

    def content(self, content: Any) -> Any:
        """A part of an object, with the new names."""
        if isinstance(content, dict):
            return self._mapping(content)
        if isinstance(content, When):
            return When(content.conditions, self.content(content.content))
        if isinstance(content, list):
            return [self.content(entry) for entry in content]
        return self._text(content) if isinstance(content, (ObjectName, Leaf)) else content

    def _mapping(self, content: dict[str, Any]) -> dict[str, Any]:
        renamed = {key: self.content(entry) for key, entry in content.items()}
        name = content.get("name")
        identity = self._identity(name) if isinstance(name, (ObjectName, Leaf)) else None
        if identity is not None and "kind" in content:
            renamed["kind"] = identity.kind
            if "apiVersion" in content:
                renamed["apiVersion"] = identity.api_version
        return with_entries(content, renamed)

    def _identity(self, name: ObjectName | Leaf) -> ObjectIdentity | None:
        if isinstance(name, ObjectName):
            return self._renames.get(ObjectKey(name.kind, str(name)))
        return self._names.get(name)

    def _text(self, text: Text) -> Text:
        """A text, in which the new name takes the place of the old one."""
        if not isinstance(text, (ObjectName, Leaf)):
            return text
        identity = self._identity(text)
        if identity is not None:
            return ObjectName(identity.kind, identity.name) if isinstance(identity.name, str) else identity.name
        if isinstance(text, WithDefault):
            return WithDefault(text.value, self._text(text.default))
        if isinstance(text, Conditional):
            return Conditional(text.condition, text.matches, self._text(text.then), self._text(text.otherwise))
        if isinstance(text, Encoded):
            return encode(self._text(text.text), text.encoding)
        return join(self._text(part) for part in text.parts) if isinstance(text, Joined) else text
