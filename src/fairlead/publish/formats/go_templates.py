"""The language of Helm's templates: how leaves become actions. The only place that writes what Go evaluates.

Every text goes through ``quote``, every number through ``int`` and every structure through ``toJson``, so no value of
the chart's user can break the document it is put in. Paths are written with ``index``, which takes keys as they are.
"""

from __future__ import annotations

import json
from typing import Any

from fairlead.publish.chart.conditions import AnyOf, Not, OneOf, Switch
from fairlead.publish.chart.leaves import (
    Builtin,
    BuiltinName,
    ChartValue,
    Checksum,
    Concatenated,
    Encoded,
    Encoding,
    Joined,
    Leaf,
    Mirrored,
    Named,
    Part,
    Text,
    When,
    WithDefault,
)
from fairlead.publish.chart.open_mapping import OpenMapping, content_of
from fairlead.publish.formats.yaml import Emitter, Enclosed, Raw, Spread, quoted

_BUILTINS: dict[BuiltinName, str] = {
    "release": ".Release.Name",
    "namespace": ".Release.Namespace",
    "manager": ".Release.Service",
    "chart": 'include "fairlead.chart" .',
    "version": 'include "fairlead.version" .',
}
_BUILTIN_ACTIONS = {name: Raw(f"{{{{ {written} | quote }}}}") for name, written in _BUILTINS.items()}
_ENCODERS: dict[Encoding, str] = {
    "uri": 'urlquery | replace "+" "%20"',  # Go writes a blank as the plus of a form, which a path or password is not
    "dollars": 'replace "$" "$$"',
    "base64": "b64enc",
    "binary": "b64dec",
}
_FILTERS = {"text": "quote", "integer": "int", "boolean": "toJson", "object": "toJson"}
#: The template that names an image in another registry.
MIRRORED = "fairlead.image"


class HelmEmitter(Emitter):
    """Writes templates: leaves become actions, and text that looks like an action is kept from being one."""

    def text(self, text: str, pad: str) -> str:
        """A text as a scalar; one with braces is handed to Helm as a constant."""
        return f"{{{{ {constant(text)} | quote }}}}" if "{{" in text else super().text(text, pad)

    def leaf(self, content: Any) -> Any:
        """A leaf as an action."""
        if type(content) is Builtin:
            return _BUILTIN_ACTIONS[content.name]
        if isinstance(content, When):
            return _enclosed(_all(content.conditions), content.content)
        if isinstance(content, OpenMapping):
            return _open_mapping(content)
        return Raw(action(content))


def action(leaf: Leaf) -> str:
    """A leaf as the scalar of a template."""
    return f"{{{{ {pipeline(leaf)} | {_filter(leaf)} }}}}"


def _filter(leaf: Leaf) -> str:
    if isinstance(leaf, ChartValue):
        return _FILTERS[leaf.kind]
    return "toJson" if isinstance(leaf, (Concatenated, Switch)) else "quote"


def pipeline(text: Text) -> str:
    """A text as a pipeline of Go templates, without the braces."""
    if isinstance(text, str):
        return constant(text)
    if isinstance(text, ChartValue):
        return "index .Values " + " ".join(constant(key) for key in text.path)
    if isinstance(text, Joined):
        return _printf(text)
    if isinstance(text, Named):
        return f"include {constant(text.name)} ."
    if isinstance(text, Encoded):
        return f"{pipeline(text.text)} | {_ENCODERS[text.encoding]}"
    if isinstance(text, WithDefault):
        return f"{pipeline(text.value)} | default {term(text.default)}"
    if isinstance(text, Checksum):
        kept = f" | trunc {text.length}" if text.length < 64 else ""
        return f"list {' '.join(term(part) for part in text.parts)} | toJson | sha256sum{kept}"
    if isinstance(text, Builtin):
        return _BUILTINS[text.name]
    return _special(text)


def _special(leaf: Leaf) -> str:
    """The leaves that few objects have."""
    if isinstance(leaf, Part):
        return _part(leaf)
    if isinstance(leaf, Switch):
        keys = " ".join(constant(key) for key in leaf.part.keys)
        return f"dig {keys} {json.dumps(leaf.default)} {term(leaf.part.value)}"
    if isinstance(leaf, Concatenated):
        return f"concat {' '.join(term(value) for value in leaf.values)}"
    if isinstance(leaf, Mirrored):
        return f"include {constant(MIRRORED)} (list {term(leaf.image)} {term(leaf.registry)})"
    return _condition(leaf)


def _part(part: Part) -> str:
    """A part of a mapping: nothing where one of the keys is absent."""
    written = term(part.value)
    for key in part.keys[:-1]:
        written = f"({written}.{key})"
    return f"{written}.{part.keys[-1]}"


def _condition(condition: Leaf) -> str:
    if isinstance(condition, Not):
        return f"not {term(condition.condition)}"
    if isinstance(condition, AnyOf):
        return f"or {' '.join(term(one) for one in condition.conditions)}"
    assert isinstance(condition, OneOf)
    texts = " ".join(constant(text) for text in condition.texts)
    return f"eq {term(condition.value)} {texts}"


def term(text: Text) -> str:
    """A text as an argument of a function of Go templates."""
    written = pipeline(text)
    return written if isinstance(text, str) or " " not in written else f"({written})"


#: A text as a string constant of Go.
constant = quoted


def definition(named: Named) -> str:
    """A template that others include by its name."""
    return f"{{{{- define {constant(named.name)} -}}}}\n{{{{- {pipeline(named.text)} -}}}}\n{{{{- end -}}}}\n"


def _printf(joined: Joined) -> str:
    layout = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in joined.parts)
    holes = " ".join(term(part) for part in joined.parts if not isinstance(part, str))
    return f"printf {constant(layout)} {holes}"


def _all(conditions: tuple[Leaf, ...]) -> str:
    return pipeline(conditions[0]) if len(conditions) == 1 else f"and {' '.join(term(one) for one in conditions)}"


def _open_mapping(content: OpenMapping) -> Any:
    """A mapping that the chart's user may change; left out where nothing is in it."""
    entries = {key: _open_entry(content, key, entry) for key, entry in content.items()}
    if user := _user_entries(content):
        entries[""] = Spread(lambda column: _written_out(user, column))
    if not all(isinstance(entry, When) for entry in content.values()):
        return entries
    conditions = [_all(entry.conditions) for entry in content.values()]
    return _enclosed(_any([*conditions, *map(_mapping_of, content.changes)]), entries)


def _open_entry(content: OpenMapping, key: str, entry: Any) -> Any:
    """An entry, on its own conditions and unless the user has something in its place."""
    conditions = [pipeline(condition) for condition in entry.conditions] if isinstance(entry, When) else []
    inner = content_of(entry)
    if content.is_extended(key):
        user = f"({_user_mapping(content)}).{key}"
        if all(isinstance(item, When) for item in inner):
            conditions.append(_any([*(_all(item.conditions) for item in inner), user]))
        inner = [*inner, Spread(lambda column: _written_out(user, column))]
    if rivals := content.rivals(key):
        conditions.append(f"not ({_given(content, rivals)})")
    return _enclosed(conditions[0] if len(conditions) == 1 else _every(conditions), inner) if conditions else inner


def _given(content: OpenMapping, keys: tuple[str, ...]) -> str:
    """Whether the user has an entry for one of the keys."""
    if len(keys) == 1:
        return f"hasKey ({_user_mapping(content)}) {constant(keys[0])}"
    return f"pick ({_user_mapping(content)}) {' '.join(map(constant, keys))}"


def _user_entries(content: OpenMapping) -> str:
    """The entries of a mapping that are the user's alone; empty where there can be none."""
    picked = content.picked
    if picked == () or not content.changes:
        return ""
    user = _user_mapping(content)
    return user if picked is None else f"pick ({user}) {' '.join(map(constant, picked))}"


def _user_mapping(content: OpenMapping) -> str:
    """All that the user has for a mapping; of what several have, the last."""
    last, *others = [_mapping_of(changes) for changes in reversed(content.changes)]
    return f"merge (deepCopy ({last})) {' '.join(f'({other})' for other in others)}" if others else last


def _mapping_of(value: ChartValue | Part) -> str:
    """A mapping of the user's; an empty one where it is a part that is not there."""
    if isinstance(value, ChartValue):
        return pipeline(value)
    return f"dig {' '.join(map(constant, value.keys))} dict {term(value.value)}"


def _written_out(user: str, column: int) -> list[str]:
    return [f"{{{{- with {user} }}}}", f"{{{{- toYaml . | nindent {column} }}}}", "{{- end }}"]


def _enclosed(condition: str, content: Any) -> Enclosed:
    return Enclosed(f"{{{{- if {condition} }}}}", content, "{{- end }}")


def _any(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"or {' '.join(f'({one})' for one in conditions)}"


def _every(conditions: list[str]) -> str:
    return f"and {' '.join(f'({one})' for one in conditions)}"
