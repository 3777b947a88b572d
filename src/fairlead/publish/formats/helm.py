"""The format ``helm``: a chart, whose templates have an action wherever a value of the chart stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

from fairlead.publish.chart.chart import Chart, ChartObject, Subchart
from fairlead.publish.chart.leaves import is_plain
from fairlead.publish.chart.object_kinds import CRD
from fairlead.publish.chart.sections import Path, Section, helm_path
from fairlead.publish.chart.values_yaml import ValuesKey
from fairlead.publish.formats.generated_values import GeneratedValues
from fairlead.publish.formats.go_templates import definition, pipeline
from fairlead.publish.formats.helm_emitter import HelmEmitter
from fairlead.publish.formats.notes_template import is_known, notes_template
from fairlead.publish.formats.optional_accounts import accounts_template
from fairlead.publish.formats.paths import object_paths
from fairlead.publish.formats.required_values import key_comments, required_values_template
from fairlead.publish.formats.separate_values import render_separate_values
from fairlead.publish.formats.yaml import Commented, Emitter
from fairlead.publish.own_objects.custom_kinds import objects_of_unknown_kinds

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

#: The accounts that nothing needs by itself.
_ACCOUNTS = "templates/serviceaccounts.yaml"


def values_of_parents() -> dict[str, Any]:
    """The schemas of values that there may be, beside those of values.yaml, where another chart depends on this one.

    Helm adds ``global``; and ``condition: <name>.enabled``, by which such a chart is left out, is among its values.
    """
    return {"global": {"type": "object", "properties": {}}, "enabled": {"type": "boolean"}}


_KEYS_OF_PARENTS = frozenset(values_of_parents())


def render(chart: Chart) -> dict[str, str]:
    """The files of a chart, by their paths below its folder."""
    emitter = HelmEmitter(chart)
    plain = Emitter()
    generated = GeneratedValues(chart)
    files = {
        "Chart.yaml": plain.document(_chart_yaml(chart)),
        "values.yaml": plain.document(_values_yaml(chart, generated)),
        "values.schema.json": json_text(_schema(chart)) + "\n",
        ".helmignore": _HELMIGNORE + (_OTHER_CHARTS if any(one.files for one in chart.separate_releases) else ""),
        "templates/NOTES.txt": notes_template(chart, generated),
    }
    files |= render_separate_values(chart).texts
    if required := required_values_template(chart, generated):
        files["templates/required-values.yaml"] = required
    files |= generated.files()
    late = {id(made) for made in objects_of_unknown_kinds(chart)}
    if accounts := accounts_template(chart, emitter.metadata.include):
        files[_ACCOUNTS] = accounts
    for made, path in object_paths(chart.objects):
        if made.kind == CRD and is_plain(made.body):
            files[f"{path}.yaml"] = plain.document(made.body)  # Helm installs what is in crds/ before all the rest
        else:
            template = _template(made, emitter, late=id(made) in late)
            files[f"templates/{path}.yaml"] = generated.fill_in(made.body) + template
    files["templates/_helpers.tpl"] = _helpers(chart, generated) + emitter.definitions()
    return files


def _helpers(chart: Chart, generated: GeneratedValues) -> str:
    return _HELPERS + generated.definition() + "".join(definition(named) for named in chart.names)


def _oldest(chart: Chart) -> int:
    """The minor version of the oldest Kubernetes that a chart can be installed in."""
    needed = (_NEEDED.get((made.body.get("apiVersion", ""), made.kind), 0) for made in chart.objects)
    return max([KUBE_VERSION, *needed])


def _template(made: ChartObject, emitter: HelmEmitter, *, late: bool) -> str:
    """An object as a template."""
    conditions = [pipeline(condition) for condition in made.conditions]
    if late:  # Helm looks all kinds up before it makes the first object, and fails where it doesn't know one
        conditions.append(is_known(made))
    document = emitter.template(made.body)
    for condition in conditions:
        document = f"{{{{- if {condition} }}}}\n{document}{{{{- end }}}}\n"
    return document


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


def _values_yaml(chart: Chart, generated: GeneratedValues) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    nodes: dict[Path, dict[str, Any]] = {(): tree}
    for declared in chart.values:
        path = declared.value.path
        node = _node(nodes, path[:-1], lambda node, key: node.setdefault(key, {}))
        node[path[-1]] = _commented(declared, generated)
    for found in chart.subcharts:
        tree[found.alias] = found.values
    return {key: Commented(_title(key, chart), content) for key, content in tree.items()}


def _node(nodes: dict[Path, dict[str, Any]], path: Path, below: Callable[[Any, str], dict[str, Any]]) -> dict[str, Any]:
    """The mapping under a path of a tree, made with those above it when it is asked for first.

    Args:
        nodes: Those that are there, by path.
        path: The keys.
        below: Gives, and makes, the mapping under one key of another.
    """
    node = nodes.get(path)
    if node is None:
        node = nodes[path] = below(_node(nodes, path[:-1], below), path[-1])
    return node


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


def _commented(declared: ValuesKey, generated: GeneratedValues) -> Any:
    comment = "\n".join(key_comments(declared, generated) + declared.remarks)
    return Commented(comment, declared.default) if comment else declared.default


def _schema(chart: Chart) -> dict[str, Any]:
    root = _object_schema()
    root["properties"] |= values_of_parents()
    definitions: dict[str, Any] = {}
    nodes: dict[Path, dict[str, Any]] = {(): root["properties"]}
    for declared in chart.values:
        path, schema = declared.value.path, declared.schema
        if "properties" in schema:  # all keys of a section have the same one, which is long
            definitions[path[0]] = schema
            schema = {"$ref": f"#/definitions/{path[0]}"}
        node = _node(nodes, path[:-1], lambda node, key: node.setdefault(key, _object_schema())["properties"])
        node[path[-1]] = schema
    for found in chart.subcharts:
        root["properties"][found.alias] = {"type": "object"}
    for section in root["properties"].values():
        _share_alike(section)
    _require_all(root)
    shared = {"definitions": definitions} if definitions else {}
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": f"Values of {chart.name}", **root, **shared}


def _share_alike(section: dict[str, Any]) -> None:
    """Let the keys of a section have one schema where theirs are alike, so that it is written once."""
    entries, known = section.get("properties", {}), dict[tuple[object, ...], dict[str, Any]]()
    for key, schema in entries.items():
        if "properties" in schema:
            parts = tuple([(name, id(part)) for name, part in schema["properties"].items()])
            entries[key] = known.setdefault(parts, schema)


def json_text(content: dict[str, Any]) -> str:
    """JSON for people to read: a mapping of mappings has a line for each, anything else is on one line."""
    return _json_lines(content, "", {})


def _json_lines(content: dict[str, Any], pad: str, known: dict[tuple[int, str], str]) -> str:
    """A mapping of mappings; ``known`` has what was written, as the same schemas come again and again."""
    inner = pad + "  "
    lines = []
    for key, value in content.items():
        written = known.get((id(value), inner))
        if written is None:
            nested = type(value) is dict and _has_mappings(value)
            written = known[id(value), inner] = _json_lines(value, inner, known) if nested else json.dumps(value)
        lines.append(f"{inner}{encode_basestring_ascii(key)}: {written}")
    return "\n".join(["{", ",\n".join(lines), f"{pad}}}"])


def _has_mappings(content: dict[str, Any]) -> bool:
    return any(type(value) is dict for value in content.values())


def _object_schema() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _require_all(schema: dict[str, Any]) -> None:
    """A key that was taken away (``--set key=null``) is as wrong as one of another type."""
    if "properties" in schema:
        schema["required"] = [key for key in schema["properties"] if key not in _KEYS_OF_PARENTS]
        for content in {id(content): content for content in schema["properties"].values()}.values():
            _require_all(content)


_HELPERS = """\
{{- /* The name of an image, in another registry where one is named. */ -}}
{{- define "fairlead.image" -}}
{{- $registry := index . 1 -}}
{{- if $registry -}}
{{- printf "%s/%s" $registry (regexReplaceAll "^([^/]*[.:][^/]*|localhost)/" (index . 0) "") -}}
{{- else -}}
{{- index . 0 -}}
{{- end -}}
{{- end -}}
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
