"""The Helm renderer: the only place that writes ``{{ }}``.

Every text goes through ``quote``, every number through ``int`` and every structure through ``toJson``, so no value of
the chart's user can break the document it is put in. Paths are written with ``index``, which takes keys as they are.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii
from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject, Subchart
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
from fairlead.publish.chart.object_kinds import CRD
from fairlead.publish.chart.sections import Section
from fairlead.publish.chart.values_yaml import TEXT_SCHEMA, ValuesKey
from fairlead.publish.formats.notes import install_command, missing_of_others, missing_values, option, option_of
from fairlead.publish.formats.paths import object_paths
from fairlead.publish.formats.separate_values import render_separate_values
from fairlead.publish.formats.yaml import Commented, Emitter, Enclosed, Raw, quoted
from fairlead.publish.own_objects.chart_sources import helm_path
from fairlead.publish.own_objects.subcharts import objects_of_unknown_kinds
from fairlead.publish.own_objects.user_manifests import is_plain

#: The oldest Kubernetes that has, as stable APIs, all that a chart uses: networking.k8s.io/v1 and seccompProfile.
KUBE_VERSION = 19
#: And the oldest that has what only some charts use.
_NEEDED = {
    ("autoscaling/v2", "HorizontalPodAutoscaler"): 23,
    ("batch/v1", "CronJob"): 21,
    ("policy/v1", "PodDisruptionBudget"): 21,
    # What waits for a Job finds the certificate of the API server in kube-root-ca.crt.
    ("rbac.authorization.k8s.io/v1", "Role"): 20,
}

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


def render(chart: Chart) -> dict[str, str]:
    """The files of a chart, by their paths below its folder."""
    emitter = HelmEmitter()
    plain = Emitter()
    files = {
        "Chart.yaml": plain.document(_chart_yaml(chart)),
        "values.yaml": plain.document(_values_yaml(chart)),
        "values.schema.json": json_text(_schema(chart)) + "\n",
        ".helmignore": _HELMIGNORE + (_OTHER_CHARTS if any(one.files for one in chart.separate_releases) else ""),
        "templates/_helpers.tpl": _HELPERS + "".join(_definition(named) for named in chart.names),
        "templates/NOTES.txt": _notes(chart),
    }
    files |= render_separate_values(chart).texts
    if required := _required(chart):
        files["templates/required-values.yaml"] = required
    late = {id(made) for made in objects_of_unknown_kinds(chart)}
    for made, path in object_paths(chart.objects):
        if made.kind == CRD and is_plain(made.body):
            files[f"{path}.yaml"] = plain.document(made.body)  # Helm installs what is in crds/ before all the rest
        else:
            files[f"templates/{path}.yaml"] = _template(made, emitter, late=id(made) in late)
    return files


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


def _oldest(chart: Chart) -> int:
    """The minor version of the oldest Kubernetes that a chart can be installed in."""
    needed = (_NEEDED.get((made.body.get("apiVersion", ""), made.kind), 0) for made in chart.objects)
    return max([KUBE_VERSION, *needed])


def _definition(named: Named) -> str:
    return f"{{{{- define {constant(named.name)} -}}}}\n{{{{- {pipeline(named.text)} -}}}}\n{{{{- end -}}}}\n"


def _printf(joined: Joined) -> str:
    layout = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in joined.parts)
    holes = " ".join(term(part) for part in joined.parts if not isinstance(part, str))
    return f"printf {constant(layout)} {holes}"


def _all(conditions: tuple[ChartValue, ...]) -> str:
    return pipeline(conditions[0]) if len(conditions) == 1 else f"and {' '.join(term(one) for one in conditions)}"


def _template(made: ChartObject, emitter: HelmEmitter, *, late: bool) -> str:
    conditions = [] if made.unless is None else [f"not ({pipeline(made.unless)})"]
    if late:  # Helm looks all kinds up before it makes the first object, and fails where it doesn't know one
        conditions.append(_is_known(made))
    document = emitter.document(made.body)
    for condition in conditions:
        document = f"{{{{- if {condition} }}}}\n{document}{{{{- end }}}}\n"
    return document


def _is_known(made: ChartObject) -> str:
    """Whether the cluster has the API of an object, of which it loses sight less easily than of its kinds."""
    return f".Capabilities.APIVersions.Has {constant(made.body['apiVersion'])}"


def _chart_yaml(chart: Chart) -> dict[str, Any]:
    return {
        "apiVersion": "v2",
        "name": chart.name,
        "description": chart.description,
        "type": "application",
        "version": chart.version,
        "appVersion": chart.version,
        "kubeVersion": f">=1.{_oldest(chart)}.0-0",
        **({"dependencies": [_dependency(found) for found in chart.subcharts]} if chart.subcharts else {}),
    }


def _dependency(found: Subchart) -> dict[str, Any]:
    return {
        "name": found.name,
        **({"alias": found.alias} if found.alias != found.name else {}),
        "version": found.version,
        **({"repository": found.repository} if found.repository else {}),
        "condition": ".".join(found.enabled.path),
    }


def _values_yaml(chart: Chart) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for declared in chart.values:
        node = tree
        for key in declared.value.path[:-1]:
            node = node.setdefault(key, {})
        node[declared.value.path[-1]] = _commented(declared)
    for found in chart.subcharts:
        tree[found.alias] = found.values
    return {key: Commented(_title(key, chart), content) for key, content in tree.items()}


def _title(key: str, chart: Chart) -> str:
    section = Section.of((key,))
    if section is not None:
        return section.comment
    (found,) = (found for found in chart.subcharts if found.alias == key)
    lines = [f"Values of the chart {found.name}, which is not ours."]
    lines += [
        f"{helm_path(one.path)} is the {one.parameter.path[0].removesuffix('s')} {one.parameter.path[1]}."
        for one in found.passed_parameters
    ]
    return "\n".join(lines)


def _commented(declared: ValuesKey) -> Any:
    words = [declared.comment] if declared.comment else []
    users = ", ".join(dict.fromkeys(use.workload for use in declared.uses))
    if users and declared.value.section is not None and declared.value.section.is_given_by_user:
        words.append(f"Used by {users}.")
    comment = "\n".join(_one_line(word) for word in words)
    return Commented(comment, declared.default) if comment else declared.default


def _one_line(text: str) -> str:
    """A text that can stand in a comment: a break of lines would end it."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _schema(chart: Chart) -> dict[str, Any]:
    root = _object_schema()
    # Helm adds `global` to the values of a chart that another one depends on.
    root["properties"]["global"] = {"type": "object"}
    for declared in chart.values:
        node = root
        for key in declared.value.path[:-1]:
            node = node["properties"].setdefault(key, _object_schema())
        node["properties"][declared.value.path[-1]] = declared.schema
    for found in chart.subcharts:
        root["properties"][found.alias] = {"type": "object"}
    _require_all(root)
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": f"Values of {chart.name}", **root}


def json_text(content: dict[str, Any], pad: str = "") -> str:
    """JSON for people to read: a mapping of mappings has a line for each, anything else is on one line."""
    inner = pad + "  "
    known = {id(TEXT_SCHEMA): json.dumps(TEXT_SCHEMA)}  # that is what nearly all of them are
    lines = []
    for key, value in content.items():
        written = known.get(id(value))
        if written is None:
            written = json_text(value, inner) if type(value) is dict and _has_mappings(value) else json.dumps(value)
        lines.append(f"{inner}{encode_basestring_ascii(key)}: {written}")
    return "\n".join(["{", ",\n".join(lines), f"{pad}}}"])


def _has_mappings(content: dict[str, Any]) -> bool:
    return any(type(value) is dict for value in content.values())


def _object_schema() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _require_all(schema: dict[str, Any]) -> None:
    """A key that was taken away (``--set key=null``) is as wrong as one of another type."""
    if "properties" in schema:
        schema["required"] = [key for key in schema["properties"] if key != "global"]
        for content in schema["properties"].values():
            _require_all(content)


def _required(chart: Chart) -> str:
    """A template that makes nothing, and fails with a list of all the values that are missing."""
    lines = ["{{- $missing := list }}", *_required_of_others(chart)]
    for declared in chart.values:
        if not declared.required or not declared.uses:
            continue
        missing = f"not ({pipeline(declared.value)})"
        if elsewhere := _elsewhere(declared):
            missing = f"and ({missing}) (not ({elsewhere}))"
        users = ", ".join(dict.fromkeys(use.workload for use in declared.uses))
        lines.append(_when(missing, f"{option_of(declared)}  (used by {users})"))
    if len(lines) == 1:
        return ""
    layout = constant(f"\n\n{chart.name} needs values that it was not given. Add them to the command:\n  %s\n")
    lines += [
        "{{- if $missing }}",
        f'{{{{- fail (printf {layout} (join "\\n  " $missing)) }}}}',
        "{{- end }}",
    ]
    return "\n".join([*lines, ""])


def _elsewhere(declared: ValuesKey) -> str | None:
    """A template condition: every user of the value reads an existing Secret instead. None if some user never can."""
    secrets = dict.fromkeys(pipeline(use.unless) if use.unless else None for use in declared.uses)
    return None if None in secrets else f"and {' '.join(f'({secret})' for secret in secrets)}"


def _required_of_others(chart: Chart) -> list[str]:
    """The same for the values of other charts that are parameters of the app, and have to be the same as there."""
    lines = []
    for found in chart.subcharts:
        for passed in found.passed_parameters:
            value = "index .Values " + " ".join(
                str(key) if isinstance(key, int) else constant(key) for key in (found.alias, *passed.path)
            )
            given = option((found.alias, *passed.path))
            said = f"(the parameter {passed.parameter.path[1]}, used by {found.alias})"
            is_enabled = f"({pipeline(found.enabled)})"
            if passed.required:
                lines.append(_when(f"and {is_enabled} (not ({value}))", f"{given}  {said}"))
            if passed.parameter in chart.values:
                same = f"{given}  (the same as {'.'.join(passed.parameter.path)})"
                lines.append(_when(f"and {is_enabled} (ne (toString ({value})) ({pipeline(passed.parameter)}))", same))
    return lines


def _when(condition: str, line: str) -> str:
    return f"{{{{- if {condition} }}}}\n{{{{- $missing = append $missing {constant(line)} }}}}\n{{{{- end }}}}"


def _notes(chart: Chart) -> str:
    header = "{{ .Release.Name }} is installed in the namespace {{ .Release.Namespace }}."
    command = install_command("{{ .Release.Name }}", "CHART", "{{ .Release.Namespace }}") + _given_again(chart)
    again = ["", "To upgrade it, with CHART for the folder of this chart:", f"  {command}"]
    return "\n".join([header, *(_said(line) for line in chart.notes), *_left_out(chart), *again, ""])


def _given_again(chart: Chart) -> str:
    """The options of an upgrade: what had to be given, and the Secrets that were named instead."""
    words = []
    for found in missing_values(chart):
        elsewhere, given = _elsewhere(found), f" {option_of(found)}"
        words.append(f"{{{{ if not ({elsewhere}) }}}}{given}{{{{ end }}}}" if elsewhere else given)
    words += [f" {given}" for given in missing_of_others(chart)]
    for declared in chart.values:
        if declared.value.section is Section.EXISTING_SECRETS:
            named = option(declared.value.path, "{{ . }}")
            words.append(f"{{{{ with {pipeline(declared.value)} }}}} {named}{{{{ end }}}}")
    return "".join(words)


def _left_out(chart: Chart) -> list[str]:
    """What says which objects are left out until the cluster knows their kinds."""
    late = objects_of_unknown_kinds(chart)
    if not late:
        return []
    lines = ["{{- $left := list }}"]
    for made in late:
        name = constant(f"{made.kind} {made.name}")
        lines.append(f"{{{{- if not ({_is_known(made)}) }}}}{{{{ $left = append $left {name} }}}}{{{{ end }}}}")
    return [
        *lines,
        "{{- if $left }}",
        "",
        "NOT INSTALLED YET, because the cluster did not know these kinds before:",
        '  {{ join "\\n  " $left }}',
        "Once the charts that bring them are ready, the command below makes them.",
        "{{- end }}",
    ]


def _said(text: Text) -> str:
    """A line for people to read."""
    parts = text.parts if isinstance(text, Joined) else (text,)
    return "".join(
        part.replace("{{", '{{ "{{" }}') if isinstance(part, str) else f"{{{{ {pipeline(part)} }}}}" for part in parts
    )


_HELPERS = """\
{{- /* The chart's name and version, and the app's version, as far as a label can hold them. */ -}}
{{- define "fairlead.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-._" -}}
{{- end -}}
{{- define "fairlead.version" -}}
{{- .Chart.AppVersion | replace "+" "_" | trunc 63 | trimAll "-._" -}}
{{- end -}}
"""

_HELMIGNORE = """\
# What is in this folder and not in the chart.
.fairlead-files
*.fairlead-part
/images/
.git/
.gitignore
.DS_Store
/*.tgz
*.orig
*.swp
"""
_OTHER_CHARTS = """\
# Charts that are releases of their own.
/releases/*/
"""
