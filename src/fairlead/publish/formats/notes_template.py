"""``NOTES.txt``: what helm says at the end of an installation."""

from __future__ import annotations

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import Joined, Text
from fairlead.publish.formats.generated_values import fill_in
from fairlead.publish.formats.go_templates import constant, pipeline
from fairlead.publish.own_objects.subcharts import objects_of_unknown_kinds

#: How to upgrade; not said where the chart is a part of another one, which has to be upgraded then.
_UPGRADE = """\
{{- if .Chart.IsRoot }}

To upgrade it, with CHART for the folder of this chart:
  helm upgrade {{ .Release.Name }} CHART --namespace {{ .Release.Namespace }} --reset-then-reuse-values
It keeps the values that this release was given (Helm 3.14 or later). Add others as a file: --values FILE.
{{- end }}"""


def notes_template(chart: Chart) -> str:
    """The template of the notes of a chart."""
    header = fill_in(chart) + "{{ .Release.Name }} is installed in the namespace {{ .Release.Namespace }}."
    return "\n".join([header, *(note_line(line) for line in chart.notes), *_left_out(chart), _UPGRADE, ""])


def is_known(made: ChartObject) -> str:
    """A Go expression: whether the cluster has the API of an object, which is seen longer than its kinds."""
    return f".Capabilities.APIVersions.Has {constant(made.body['apiVersion'])}"


def note_line(text: Text) -> str:
    """A line for people to read."""
    parts = text.parts if isinstance(text, Joined) else (text,)
    return "".join(
        part.replace("{{", '{{ "{{" }}') if isinstance(part, str) else f"{{{{ {pipeline(part)} }}}}" for part in parts
    )


def _left_out(chart: Chart) -> list[str]:
    """What says which objects are left out until the cluster knows their kinds."""
    late = objects_of_unknown_kinds(chart)
    if not late:
        return []
    lines = ["{{- $left := list }}"]
    for made in late:
        name = constant(f"{made.kind} {made.name}")
        lines.append(f"{{{{- if not ({is_known(made)}) }}}}{{{{ $left = append $left {name} }}}}{{{{ end }}}}")
    return [
        *lines,
        "{{- if $left }}",
        "",
        "NOT INSTALLED YET, because the cluster did not know these kinds before:",
        '  {{ join "\\n  " $left }}',
        "Once the charts that bring them are ready, the command below makes them.",
        "{{- end }}",
    ]
