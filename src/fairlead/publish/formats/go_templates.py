"""The language of Helm's templates: how leaves become actions. The only place that writes what Go evaluates.

Every text goes through ``quote``, every number through ``int`` and every structure through ``toJson``, so no value of
the chart's user can break the document it is put in. Paths are written with ``index``, which takes keys as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

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
    "no slash": 'trimSuffix "/"',
    "host": 'urlParse | dig "host" ""',
}
_FILTERS = {"text": "quote", "integer": "int", "boolean": "toJson", "integer or text": "toJson", "object": "toJson"}
#: The template that names an image in another registry.
MIRRORED = "fairlead.image"


#: A text as a string constant of Go.
constant = quoted


def action(leaf: Leaf) -> str:
    """A leaf as the scalar of a template."""
    if type(leaf) is ChartValue:  # as most are
        return f"{{{{ {_index(leaf.path)} | {_FILTERS[leaf.kind]} }}}}"
    return f"{{{{ {pipeline(leaf)} | {_filter(leaf)} }}}}"


def _filter(leaf: Leaf) -> str:
    return "toJson" if isinstance(leaf, (Concatenated, Switch)) else "quote"


def pipeline(text: Text) -> str:
    """A text as a pipeline of Go templates, without the braces."""
    return constant(text) if isinstance(text, str) else _PIPELINES[type(text)](text)


def term(text: Text) -> str:
    """A text as an argument of a function of Go templates."""
    if isinstance(text, str):
        return constant(text)
    written = pipeline(text)
    return f"({written})" if " " in written else written


def _index(path: Path) -> str:
    return f"index .Values {' '.join(map(_key, path))}"


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    return constant(key)


def _encoded(encoded: Encoded) -> str:
    return f"{pipeline(encoded.text)} | {_ENCODERS[encoded.encoding]}"


def _with_default(leaf: WithDefault) -> str:
    return f"{pipeline(leaf.value)} | default {term(leaf.default)}"


def _conditional(leaf: Conditional) -> str:
    matches = " ".join(constant(match) for match in leaf.matches)
    is_chosen = f"has (lower (toString {term(leaf.condition)})) (list {matches})"
    return f"ternary {term(leaf.then)} {term(leaf.otherwise)} ({is_chosen})"


def _checksum(checksum: Checksum) -> str:
    kept = f" | trunc {checksum.length}" if checksum.length < 64 else ""
    return f"list {' '.join(term(part) for part in checksum.parts)} | toJson | sha256sum{kept}"


def _switch(switch: Switch) -> str:
    keys = " ".join(map(constant, switch.part.keys))
    return f"dig {keys} {json.dumps(switch.default)} {term(switch.part.value)}"


def _part(part: Part) -> str:
    """A part of a mapping: nothing where one of the keys is absent."""
    written = term(part.value)
    for key in part.keys[:-1]:
        written = f"({written}.{key})"
    return f"{written}.{part.keys[-1]}"


@lru_cache(maxsize=256)  # there are few conditions, and each stands in many objects
def _not(negation: Not) -> str:
    inner = negation.condition
    if isinstance(inner, OneOf) and len(inner.texts) == 1:
        return f"ne {term(inner.value)} {constant(inner.texts[0])}"
    return f"not {term(inner)}"


@lru_cache(maxsize=256)
def _one_of(condition: OneOf) -> str:
    return f"eq {term(condition.value)} {' '.join(map(constant, condition.texts))}"


def _printf(joined: Joined) -> str:
    layout = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in joined.parts)
    holes = " ".join(term(part) for part in joined.parts if not isinstance(part, str))
    return f"printf {constant(layout)} {holes}"


#: How each kind of leaf is written.
_PIPELINES: dict[type[Leaf], Callable[[Any], str]] = {
    ChartValue: lambda value: _index(value.path),
    Joined: _printf,
    Named: lambda named: f"include {constant(named.name)} .",
    Encoded: _encoded,
    WithDefault: _with_default,
    Conditional: _conditional,
    Checksum: _checksum,
    Builtin: lambda builtin: _BUILTINS[builtin.name],
    Part: _part,
    Switch: _switch,
    Concatenated: lambda leaf: f"concat {' '.join(map(term, leaf.values))} | default list",
    Mirrored: lambda leaf: f"include {constant(MIRRORED)} (list {term(leaf.image)} {term(leaf.registry)})",
    Not: _not,
    AnyOf: lambda leaf: f"or {' '.join(map(term, leaf.conditions))}",
    OneOf: _one_of,
}


def definition(named: Named) -> str:
    """A template that others include by its name."""
    return f"{{{{- define {constant(named.name)} -}}}}\n{{{{- {pipeline(named.text)} -}}}}\n{{{{- end -}}}}\n"


def every(conditions: tuple[Leaf, ...]) -> str:
    """Whether all conditions hold."""
    return pipeline(conditions[0]) if len(conditions) == 1 else all_of([pipeline(one) for one in conditions])


def all_of(conditions: Iterable[str]) -> str:
    """Whether all conditions hold, as they are written; each is asked once."""
    first, *others = dict.fromkeys(conditions)
    return f"and {' '.join(map(argument, (first, *others)))}" if others else first


def any_of(conditions: Iterable[str]) -> str:
    """Whether any condition holds, as they are written; each is asked once."""
    first, *others = dict.fromkeys(conditions)
    return f"or {' '.join(map(argument, (first, *others)))}" if others else first


def argument(written: str) -> str:
    """A pipeline as an argument of a function."""
    return f"({written})" if " " in written else written
