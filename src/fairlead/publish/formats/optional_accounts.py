"""The template of the ServiceAccounts that a chart's user may ask for: one for all, as most charts need none."""

from __future__ import annotations

from collections.abc import Callable

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.sections import Section
from fairlead.publish.formats.go_templates import constant

_LOOP = """\
{{- $names := dict
%s
}}
{{- range $resource, $name := $names }}
{{- $account := dig "serviceAccount" dict (index $.Values %s $resource) }}
{{- if $account.create }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $account.name | default $name | quote }}
  {{- %s | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
{{- end }}
"""


def accounts_template(chart: Chart, include: Callable[[str, str, str], str]) -> str:
    """The template of a chart's optional accounts; empty for a chart that has none.

    Args:
        chart: The chart.
        include: Writes what includes labels and annotations: of the template's context, an object's name, and
            annotations of its own.
    """
    if not chart.optional_accounts:
        return ""
    names = sorted((account.owner.name, account.name) for account in chart.optional_accounts)
    lines = "\n".join(f"  {constant(resource)} {constant(name)}" for resource, name in names)
    return _LOOP % (lines, constant(Section.PODS.key), include("$", "$name", "($account.annotations | default dict)"))
