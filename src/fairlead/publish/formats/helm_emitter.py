"""Templates of Helm: objects as YAML in which leaves are actions, and conditions are lines of their own."""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.leaves import Builtin, BuiltinName, ChartValue, Part, When
from fairlead.publish.chart.open_mapping import OpenMapping
from fairlead.publish.chart.sections import Section
from fairlead.publish.formats.go_templates import action, constant, every, pipeline
from fairlead.publish.formats.open_mappings import OpenMappings, enclosed, user_part, users_mapping
from fairlead.publish.formats.shared_templates import SharedContexts, SharedMetadata
from fairlead.publish.formats.yaml import Emitter, Raw, Spread

#: What a template calls the value of a section that most of its entries ask.
_NAMES = {Section.PODS: "$pod", Section.SERVICES: "$service"}


class HelmEmitter(Emitter):
    """Writes the templates of one chart: leaves become actions, and text that looks like an action is none.

    Args:
        chart: The chart.
    """

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.metadata = SharedMetadata(chart)
        self._contexts = SharedContexts(chart)
        self._builtins: dict[BuiltinName, Raw] = {}
        self._named: dict[Section, ChartValue] = {}
        self._common: dict[ChartValue, Spread] = {}
        self._written_metadata: dict[tuple[object, ...], Spread] = {}
        self._open_mappings = OpenMappings(self._value)

    def template(self, body: dict[str, Any]) -> str:
        """An object as a template."""
        self._named.clear()
        metadata = self.metadata.included(body["metadata"], self._users_mapping)
        document = self.document(body if metadata is None else {**body, "metadata": metadata})
        names = (f"{{{{- {_NAMES[section]} := {pipeline(value)} }}}}\n" for section, value in self._named.items())
        return "".join([*names, document])

    def definitions(self) -> str:
        """The named templates that the templates include."""
        return self.metadata.definition(self.document) + self._contexts.definitions(self.document)

    def text(self, text: str, pad: str) -> str:
        """A text as a scalar; one with braces is handed to Helm as a constant."""
        return f"{{{{ {constant(text)} | quote }}}}" if "{{" in text else super().text(text, pad)

    def leaf(self, content: Any) -> Any:
        """A leaf as an action."""
        kind = type(content)
        if kind is Builtin:
            written = self._builtins.get(content.name)
            if written is None:
                written = self._builtins[content.name] = Raw(action(content))
            return written
        if kind is When:
            return enclosed(every(content.conditions), content.content)
        if kind is OpenMapping:
            return self._open_mapping(content)
        return Raw(action(content))

    def _open_mapping(self, content: OpenMapping) -> Any:
        if content.shared_as is not None:
            (changes,) = content.changes
            assert isinstance(changes, Part)
            included = self._contexts.included(content, self._value(changes.value))
            return self._open_mappings.written(content, included)
        return self._common_mapping(content) if content.is_common else self._open_mappings.written(content)

    def _common_mapping(self, content: OpenMapping) -> Any:
        """The labels or annotations of an object, to which the user adds those of all objects."""
        (value,) = content.changes
        assert isinstance(value, ChartValue)
        spread = self._common.get(value)
        if spread is None:
            spread = self._common[value] = user_part(pipeline(value))
        if not content:
            return enclosed(pipeline(value), {"": spread})
        key = value, *content.items()
        written = self._written_metadata.get(key)
        if written is None:
            lines: list[str] = []
            self._mapping(lines, content, "")
            if any("\n" in line for line in lines):  # a block is written for one indentation
                return {**content, "": spread}
            written = self._written_metadata[key] = Spread(lambda column: (*lines, *spread.lines(column)))
        return {"": written}

    def _users_mapping(self, changes: ChartValue | Part) -> str:
        return users_mapping(changes, self._value)

    def _value(self, value: ChartValue) -> str:
        """A value; one that is asked often has a name of its own in a template."""
        section = value.section
        if section not in _NAMES:
            return pipeline(value)
        named = self._named.setdefault(section, value)
        return _NAMES[section] if value is named or value == named else pipeline(value)
