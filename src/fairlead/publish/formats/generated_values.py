"""Values that a chart makes up: parameters with ``Generate()`` that are left empty when it is installed.

Helm has no place for such a value between two commands, so it is kept in the cluster, in a Secret that outlives the
release as the data do that were written with it. An upgrade, and an installation over old data, read it there. What is
given always wins and is kept as well, so that leaving it out later changes nothing.

A value is only made up where Helm can ask the cluster whether there is one already. Whatever only renders templates
(``helm template``, a dry run on the client, Argo CD) would make up another one each time; there the chart asks for it
like for any other. So does an upgrade of a release that has no such Secret, whose data may know another password.
"""

from __future__ import annotations

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import shared_labels
from fairlead.publish.chart.leaves import chart_values, encode
from fairlead.publish.chart.values_yaml import ValuesKey
from fairlead.publish.formats.existing_secrets import given_elsewhere
from fairlead.publish.formats.go_templates import constant, pipeline
from fairlead.publish.formats.helm_emitter import HelmEmitter
from fairlead.publish.formats.yaml import Enclosed

#: Its file among the templates.
GENERATED_SECRET = "templates/generated-values.yaml"


def secret_name(chart: Chart) -> str:
    """The name of the Secret; no resource can have it, as there is a dot in it."""
    return f"{chart.app}.generated"


def generated_keys(chart: Chart) -> list[ValuesKey]:
    """The keys of values.yaml whose values the chart makes up where they are left empty.

    None of an app that is spread over several environments, whose charts would make up one each; and none that another
    chart has among its values, which Helm fills in before it renders anything.
    """
    if chart.is_partial:
        return []
    passed = {parameter.parameter.path for subchart in chart.subcharts for parameter in subchart.passed_parameters}
    return [key for key in chart.values if key.generated_length and key.uses and key.value.path not in passed]


def generated_values_definition(chart: Chart) -> str:
    """The template that fills in the values that are left empty; all others can then use them like those given."""
    keys = generated_keys(chart)
    if not keys:
        return ""
    return "\n".join(
        [
            "{{- /* Fills in what is left empty: as the cluster has it, or made up by the first installation. */ -}}",
            f"{{{{- define {constant(_template_name(chart))} -}}}}",
            f"{{{{- if or {' '.join(f'(not ({pipeline(key.value)}))' for key in keys)} }}}}",
            f'{{{{- $secret := lookup "v1" "Secret" .Release.Namespace {constant(secret_name(chart))} }}}}',
            "{{- $kept := $secret.data | default dict }}",
            "{{- $asked := not (empty $kept) }}",
            "{{- if and (not $asked) .Release.IsInstall }}",
            # Where nothing can be looked up, not even the namespace is there; before it is created, another one is.
            '{{- $asked = not (empty (lookup "v1" "Namespace" "" .Release.Namespace)) }}',
            "{{- if not $asked }}",
            '{{- $asked = not (empty (lookup "v1" "Namespace" "" "default")) }}',
            "{{- end }}",
            "{{- end }}",
            *(line for key in keys for line in _fill_in_one(key)),
            "{{- end }}",
            "{{- end -}}",
            "",
        ]
    )


def fill_in(chart: Chart, content: object = None) -> str:
    """The first line of a template that may use values which are made up; empty for one that doesn't.

    Args:
        chart: The chart.
        content: What the template has; by default it uses all values.
    """
    paths = {key.value.path for key in generated_keys(chart)}
    if not paths or (content is not None and not any(value.path in paths for value in chart_values(content))):
        return ""
    return f"{{{{- $_ := include {constant(_template_name(chart))} . -}}}}\n"


def generated_values_secret(chart: Chart) -> dict[str, str]:
    """The template of the Secret, by its path; none where no value is made up."""
    keys = generated_keys(chart)
    if not keys:
        return {}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret_name(chart),
            "labels": shared_labels(chart),
            "annotations": {"helm.sh/resource-policy": "keep"},
        },
        "type": "Opaque",
        "data": {
            key.value.path[-1]: Enclosed(f"{{{{- if {_is_kept(key)} }}}}", encode(key.value, "base64"), "{{- end }}")
            for key in keys
        },
    }
    is_kept = " ".join(f"({_is_kept(key)})" for key in keys)
    document = HelmEmitter().document(body)
    return {GENERATED_SECRET: f"{fill_in(chart)}{{{{- if or {is_kept} }}}}\n{document}{{{{- end }}}}\n"}


def _template_name(chart: Chart) -> str:
    return f"{chart.name}.generated"


def _fill_in_one(key: ValuesKey) -> list[str]:
    name = constant(key.value.path[-1])
    section = " ".join(constant(part) for part in key.value.path[:-1])
    put = f"$_ := set (index .Values {section}) {name}"
    conditions = [f"(not ({pipeline(key.value)}))"]
    # A Secret of the user's own has a password already, which this one would have to be.
    conditions += [f"(not ({pipeline(secret)}))" for secret in dict.fromkeys(use.unless for use in key.uses) if secret]
    return [
        f"{{{{- if and $asked {' '.join(conditions)} }}}}",
        f"{{{{- if hasKey $kept {name} }}}}{{{{ {put} (index $kept {name} | b64dec) }}}}",
        f"{{{{- else }}}}{{{{ {put} (randAlphaNum {key.generated_length}) }}}}{{{{ end }}}}",
        "{{- end }}",
    ]


def _is_kept(key: ValuesKey) -> str:
    """A Go expression: whether there is a value, and somebody who does not have it from a Secret of the user's own."""
    elsewhere = given_elsewhere(key)
    return f"and ({pipeline(key.value)}) (not ({elsewhere}))" if elsewhere else pipeline(key.value)
