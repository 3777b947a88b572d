"""Values that a chart makes up: parameters with ``Generate()`` that are left empty when it is installed.

Helm has no place for such a value between two commands, so it is kept in the cluster, in a Secret that outlives the
release as the data do that were written with it. An upgrade, and an installation over old data, read it there. What is
given always wins and is kept as well, so that leaving it out later changes nothing.

A value is only made up where Helm can ask the cluster whether there is one already. Whatever only renders templates
(``helm template``, a dry run on the client, Argo CD) would make up another one each time; there the chart asks for it
like for any other. So does an upgrade of a release that has no such Secret, whose data may know another password.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.labels import shared_labels
from fairlead.publish.chart.leaves import chart_values, encode
from fairlead.publish.chart.values_yaml import ValuesKey
from fairlead.publish.formats.existing_secrets import given_elsewhere
from fairlead.publish.formats.go_templates import constant, pipeline
from fairlead.publish.formats.helm_emitter import HelmEmitter
from fairlead.publish.formats.yaml import Enclosed

#: The file of the Secret.
_FILE = "templates/generated-values.yaml"


class GeneratedValues:
    """The values that one chart makes up where they are left empty.

    None of an app that is spread over several environments, whose charts would make up one each; and none that another
    chart has among its values, which Helm fills in before it renders anything.

    Args:
        chart: The chart.
    """

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        passed = {parameter.parameter.path for subchart in chart.subcharts for parameter in subchart.passed_parameters}
        keys: Iterable[ValuesKey] = () if chart.is_partial else chart.values.not_empty()
        #: Their keys of values.yaml, by path.
        self.keys = {
            key.value.path: key for key in keys if key.generated_length and key.uses and key.value.path not in passed
        }
        #: The name of the Secret that keeps them; no resource can have it, as there is a dot in it.
        self.secret = f"{chart.app}.generated"

    def definition(self) -> str:
        """The template that fills in the values which are left empty; all others can then use them like those given."""
        if not self.keys:
            return ""
        is_any_empty = " ".join(f"(not ({pipeline(key.value)}))" for key in self.keys.values())
        return "\n".join(
            [
                "{{- /* Fills in what is left empty: as the cluster has it, or made up by an installation. */ -}}",
                f"{{{{- define {constant(self._template)} -}}}}",
                f"{{{{- if or {is_any_empty} }}}}",
                f'{{{{- $secret := lookup "v1" "Secret" .Release.Namespace {constant(self.secret)} }}}}',
                "{{- $kept := $secret.data | default dict }}",
                "{{- $asked := not (empty $kept) }}",
                "{{- if and (not $asked) .Release.IsInstall }}",
                # Its own namespace may have yet to be made. Where nothing can be looked up, none is there.
                '{{- $asked = not (empty (lookup "v1" "Namespace" "" .Release.Namespace)) }}',
                "{{- if not $asked }}",
                '{{- $asked = not (empty (lookup "v1" "Namespace" "" "default")) }}',
                "{{- end }}",
                "{{- end }}",
                *(line for key in self.keys.values() for line in _fill_in_one(key)),
                "{{- end }}",
                "{{- end -}}",
                "",
            ]
        )

    def fill_in(self, content: Any = None) -> str:
        """The first line of a template that may use such values; empty for one that doesn't.

        Args:
            content: What the template has; by default it uses all values.
        """
        if not self.keys:
            return ""
        if content is not None and not any(value.path in self.keys for value in chart_values(content)):
            return ""
        return f"{{{{- $_ := include {constant(self._template)} . -}}}}\n"

    def files(self) -> dict[str, str]:
        """The template of the Secret, by its path; none where no value is made up."""
        if not self.keys:
            return {}
        conditions = {key.value.path[-1]: _is_kept(key) for key in self.keys.values()}
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": self.secret,
                "labels": shared_labels(self._chart),
                "annotations": {"helm.sh/resource-policy": "keep"},
            },
            "type": "Opaque",
            "data": {
                name: Enclosed(f"{{{{- if {conditions[name]} }}}}", encode(key.value, "base64"), "{{- end }}")
                for key in self.keys.values()
                for name in key.value.path[-1:]
            },
        }
        is_kept = " ".join(f"({condition})" for condition in conditions.values())
        document = HelmEmitter(self._chart).document(body)
        return {_FILE: f"{self.fill_in()}{{{{- if or {is_kept} }}}}\n{document}{{{{- end }}}}\n"}

    @property
    def _template(self) -> str:
        return f"{self._chart.name}.generated"


def _is_kept(key: ValuesKey) -> str:
    """A Go expression: whether there is a value, and somebody who does not have it from a Secret of the user's own."""
    elsewhere = given_elsewhere(key)
    return f"and ({pipeline(key.value)}) (not ({elsewhere}))" if elsewhere else pipeline(key.value)


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
