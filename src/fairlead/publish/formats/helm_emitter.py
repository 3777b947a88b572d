"""Templates of Helm: objects as YAML in which leaves are actions, and conditions are lines of their own."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from fairlead.publish.chart.leaves import Builtin, ChartValue, Part, When
from fairlead.publish.chart.open_mapping import OpenMapping, content_of
from fairlead.publish.chart.sections import Section
from fairlead.publish.formats.go_templates import action, constant, every, pipeline
from fairlead.publish.formats.yaml import Emitter, Enclosed, Raw, Spread

#: What a template calls the value under ``pods`` that most of a pod's entries ask.
_POD = "$pod"


class HelmEmitter(Emitter):
    """Writes templates: leaves become actions, and text that looks like an action is kept from being one."""

    def __init__(self) -> None:
        super().__init__()
        self._builtins: dict[Builtin, Raw] = {}
        self._pod: ChartValue | None = None
        self._common: dict[ChartValue, Spread] = {}

    def template(self, body: dict[str, Any]) -> str:
        """An object as a template."""
        self._pod = None
        document = self.document(body)
        return f"{{{{- {_POD} := {pipeline(self._pod)} }}}}\n{document}" if self._pod is not None else document

    def text(self, text: str, pad: str) -> str:
        """A text as a scalar; one with braces is handed to Helm as a constant."""
        return f"{{{{ {constant(text)} | quote }}}}" if "{{" in text else super().text(text, pad)

    def leaf(self, content: Any) -> Any:
        """A leaf as an action."""
        if type(content) is Builtin:
            if content not in self._builtins:
                self._builtins[content] = Raw(action(content))
            return self._builtins[content]
        if isinstance(content, When):
            return _enclosed(every(content.conditions), content.content)
        if isinstance(content, OpenMapping):
            return self._open_mapping(content)
        return Raw(action(content))

    def _open_mapping(self, content: OpenMapping) -> Any:
        """A mapping that the chart's user may change; left out where nothing is in it."""
        if content.is_common:
            return self._common_mapping(content)
        entries: dict[str, Any] = {
            # What the user can't change, and what takes in the user's part by itself, is written like any other.
            key: self._open_entry(content, key, entry) if content.is_open(key) else entry
            for key, entry in content.items()
        }
        if user := self._user_entries(content):
            entries[""] = Spread(lambda column: _written_out(user, column))
        if any(type(entry) is not When for entry in content.values()):
            return entries
        conditions = [every(entry.conditions) for entry in content.values()]
        return _enclosed(_any([*conditions, *map(self._mapping_of, content.changes)]), entries)

    def _common_mapping(self, content: OpenMapping) -> Any:
        """The labels or annotations of an object, to which the user adds those of all objects."""
        (value,) = content.changes
        assert isinstance(value, ChartValue)
        spread = self._common.get(value)
        if spread is None:
            user = pipeline(value)
            spread = self._common[value] = Spread(lambda column: _written_out(user, column))
        entries = {**content, "": spread}
        return entries if content else _enclosed(pipeline(value), entries)

    def _open_entry(self, content: OpenMapping, key: str, entry: Any) -> Any:
        """An entry, on its own conditions and unless the user has something in its place."""
        if content.is_plain(key):
            (changes,) = content.changes
            return Raw(f"{{{{ {self._dig(changes, key, json.dumps(entry))} | toJson }}}}")
        conditions = [pipeline(condition) for condition in entry.conditions] if isinstance(entry, When) else []
        inner = content_of(entry)
        if content.is_extended(key):
            (changes,) = content.changes
            user = self._dig(changes, key, "list")
            if all(isinstance(item, When) for item in inner):
                conditions.append(_any([*(every(item.conditions) for item in inner), user]))
            inner = [*inner, Spread(lambda column: _written_out(user, column))]
        if rivals := content.rivals(key):
            conditions.append(f"not ({self._given(content, rivals)})")
        if not conditions:
            return inner
        return _enclosed(conditions[0] if len(conditions) == 1 else _every(conditions), inner)

    def _given(self, content: OpenMapping, keys: tuple[str, ...]) -> str:
        """Whether the user has an entry for one of the keys."""
        if len(keys) == 1:
            return f"hasKey {_argument(self._user_mapping(content))} {constant(keys[0])}"
        return f"pick {_argument(self._user_mapping(content))} {' '.join(map(constant, keys))}"

    def _user_entries(self, content: OpenMapping) -> str:
        """The entries of a mapping that are the user's alone; empty where there can be none."""
        picked = content.picked
        if picked == () or not content.changes:
            return ""
        user = self._user_mapping(content)
        if picked is not None:
            return f"pick {_argument(user)} {_constants(picked)}"
        plain = [key for key in content if content.is_plain(key)]
        return f"omit {_argument(user)} {' '.join(map(constant, plain))}" if plain else user

    def _user_mapping(self, content: OpenMapping) -> str:
        """All that the user has for a mapping; of what several have, the last."""
        last, *others = [self._mapping_of(changes) for changes in reversed(content.changes)]
        return f"merge (deepCopy {_argument(last)}) {' '.join(map(_argument, others))}" if others else last

    def _mapping_of(self, value: ChartValue | Part) -> str:
        """A mapping of the user's; an empty one where it is a part that is not there."""
        return self._dig(value, None, "dict") if isinstance(value, Part) else self._value(value)

    def _dig(self, value: ChartValue | Part, key: str | None, default: str) -> str:
        """What the user has in a mapping, or a default where any of the keys is absent."""
        keys = [*(value.keys if isinstance(value, Part) else ()), *([key] if key is not None else [])]
        whole = value.value if isinstance(value, Part) else value
        return f"dig {' '.join(map(constant, keys))} {default} {_argument(self._value(whole))}"

    def _value(self, value: ChartValue) -> str:
        """A value; one of ``pods`` has a name of its own in a template, as it is asked so often."""
        if value.section is not Section.PODS:
            return pipeline(value)
        if self._pod is None:
            self._pod = value
        return _POD if value is self._pod or value == self._pod else pipeline(value)


@lru_cache
def _constants(texts: tuple[str, ...]) -> str:
    return " ".join(map(constant, texts))


def _argument(written: str) -> str:
    return f"({written})" if " " in written else written


@lru_cache
def _written_out(user: str, column: int) -> tuple[str, ...]:
    return f"{{{{- with {user} }}}}", f"{{{{- toYaml . | nindent {column} }}}}", "{{- end }}"


def _enclosed(condition: str, content: Any) -> Enclosed:
    return Enclosed(f"{{{{- if {condition} }}}}", content, "{{- end }}")


def _any(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"or {' '.join(map(_argument, conditions))}"


def _every(conditions: list[str]) -> str:
    return f"and {' '.join(map(_argument, conditions))}"
