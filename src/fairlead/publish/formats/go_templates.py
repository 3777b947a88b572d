"""The language of Helm's templates: how leaves become actions. The only place that writes what Go evaluates.

Every text goes through ``quote``, every number through ``int`` and every structure through ``toJson``, so no value of
the chart's user can break the document it is put in. Paths are written with ``index``, which takes keys as they are.
"""

from __future__ import annotations

import json
from functools import lru_cache

from fairlead.publish.chart.conditions import AnyOf, Not, OneOf, Switch
from fairlead.publish.chart.leaves import (
    Builtin,
    BuiltinName,
    ChartValue,
    Checksum,
    Concatenated,
    Conditional,
    Encoded,
    Encoding,
    Joined,
    Leaf,
    Mirrored,
    Named,
    Part,
    Text,
    WithDefault,
)
from fairlead.publish.chart.sections import Path
from fairlead.publish.formats.yaml import quoted

_BUILTINS: dict[BuiltinName, str] = {
    "release": ".Release.Name",
    "namespace": ".Release.Namespace",
    "manager": ".Release.Service",
    "chart": 'include "fairlead.chart" .',
    "version": 'include "fairlead.version" .',
}
_ENCODERS: dict[Encoding, str] = {
    "uri": 'urlquery | replace "+" "%20"',  # Go writes a blank as the plus of a form, which a path or password is not
    "dollars": 'replace "$" "$$"',
    "base64": "b64enc",
    "binary": "b64dec",
}
_FILTERS = {"text": "quote", "integer": "int", "boolean": "toJson", "integer or text": "toJson", "object": "toJson"}
#: The template that names an image in another registry.
MIRRORED = "fairlead.image"


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
        return _index(text.path)
    if isinstance(text, Joined):
        return _printf(text)
    if isinstance(text, Named):
        return f"include {constant(text.name)} ."
    if isinstance(text, Encoded):
        return f"{pipeline(text.text)} | {_ENCODERS[text.encoding]}"
    if isinstance(text, WithDefault):
        return f"{pipeline(text.value)} | default {term(text.default)}"
    if isinstance(text, Conditional):
        matches = " ".join(constant(match) for match in text.matches)
        is_chosen = f"has (lower (toString {term(text.condition)})) (list {matches})"
        return f"ternary {term(text.then)} {term(text.otherwise)} ({is_chosen})"
    if isinstance(text, Checksum):
        kept = f" | trunc {text.length}" if text.length < 64 else ""
        return f"list {' '.join(term(part) for part in text.parts)} | toJson | sha256sum{kept}"
    if isinstance(text, Builtin):
        return _BUILTINS[text.name]
    return _special(text)


@lru_cache(maxsize=4096)
def _index(path: Path) -> str:
    return "index .Values " + " ".join(constant(key) for key in path)


def _special(leaf: Leaf) -> str:
    """The leaves that few objects have."""
    if isinstance(leaf, Part):
        return _part(leaf)
    if isinstance(leaf, Switch):
        keys = " ".join(constant(key) for key in leaf.part.keys)
        return f"dig {keys} {json.dumps(leaf.default)} {term(leaf.part.value)}"
    if isinstance(leaf, Concatenated):
        return f"concat {' '.join(term(value) for value in leaf.values)} | default list"
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
        inner = condition.condition
        if isinstance(inner, OneOf) and len(inner.texts) == 1:
            return f"ne {term(inner.value)} {constant(inner.texts[0])}"
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


def every(conditions: tuple[Leaf, ...]) -> str:
    """Whether all conditions hold."""
    return pipeline(conditions[0]) if len(conditions) == 1 else f"and {' '.join(term(one) for one in conditions)}"
