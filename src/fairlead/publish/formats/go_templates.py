"""The language of Helm's templates: how leaves become actions. The only place that writes what Go evaluates.

Every text goes through ``quote``, every number through ``int`` and every structure through ``toJson``, so no value of
the chart's user can break the document it is put in. Paths are written with ``index``, which takes keys as they are.
"""

from __future__ import annotations

from typing import Any

from fairlead.publish.chart.leaves import (
    Builtin,
    BuiltinName,
    ChartValue,
    Checksum,
    Conditional,
    Encoded,
    Encoding,
    Joined,
    Leaf,
    Named,
    Overlaid,
    Text,
    When,
    WithDefault,
)
from fairlead.publish.formats.yaml import Emitter, Enclosed, Raw, quoted

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
_FILTERS = {"text": "quote", "integer": "int", "object": "toJson"}


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
            return Enclosed(f"{{{{- if {_all(content.conditions)} }}}}", content.content, "{{- end }}")
        return Raw(action(content))


def action(leaf: Leaf) -> str:
    """A leaf as the scalar of a template."""
    kind = leaf.kind if isinstance(leaf, ChartValue) else "object" if isinstance(leaf, Overlaid) else "text"
    return f"{{{{ {pipeline(leaf)} | {_FILTERS[kind]} }}}}"


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
    if isinstance(text, Conditional):
        matches = " ".join(constant(match) for match in text.matches)
        is_chosen = f"has (lower (toString {term(text.condition)})) (list {matches})"
        return f"ternary {term(text.then)} {term(text.otherwise)} ({is_chosen})"
    if isinstance(text, Checksum):
        kept = f" | trunc {text.length}" if text.length < 64 else ""
        return f"list {' '.join(term(part) for part in text.parts)} | toJson | sha256sum{kept}"
    if isinstance(text, Overlaid):
        below = " ".join(f"{constant(key)} {term(entry)}" for key, entry in text.below)
        return f"merge (deepCopy ({pipeline(text.value)})) (dict {below})"
    assert isinstance(text, Builtin)
    return _BUILTINS[text.name]


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


def _all(conditions: tuple[ChartValue, ...]) -> str:
    return pipeline(conditions[0]) if len(conditions) == 1 else f"and {' '.join(term(one) for one in conditions)}"
