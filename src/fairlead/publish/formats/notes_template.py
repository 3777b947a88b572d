"""``NOTES.txt``: what helm says at the end of an installation."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.leaves import Joined, Text, chart_values, encode
from fairlead.publish.chart.sections import helm_path
from fairlead.publish.formats.generated_values import GeneratedValues
from fairlead.publish.formats.go_templates import constant, pipeline, term
from fairlead.publish.formats.scaling_notes import scaling_notes
from fairlead.publish.own_objects.custom_kinds import objects_of_unknown_kinds

#: How to upgrade; not said where the chart is a part of another one, which has to be upgraded then.
_UPGRADE = """\
{{- if .Chart.IsRoot }}

To upgrade it, with CHART for the folder of this chart:
  helm upgrade {{ .Release.Name }} CHART --namespace {{ .Release.Namespace }} --reset-then-reuse-values
It keeps the values that this release was given (Helm 3.14 or later). Add others as a file: --values FILE.
{{- end }}"""


def notes_template(chart: Chart, generated: GeneratedValues) -> str:
    """The template of the notes of a chart.

    Args:
        chart: The chart.
        generated: The values that it makes up.
    """
    header = generated.fill_in() + "{{ .Release.Name }} is installed in the namespace {{ .Release.Namespace }}."
    lines = [note_line(line) for line in chart.notes]
    if generated.keys:
        paths = ", ".join(map(helm_path, generated.keys))
        lines += ["", f"The Secret {generated.secret} keeps what was made up where it was left empty:", f"  {paths}"]
    return "\n".join([header, *lines, *_first_start(chart), *scaling_notes(chart), *_left_out(chart), _UPGRADE, ""])


def is_known(chart_object: ChartObject) -> str:
    """A Go expression: whether the cluster has the API of an object, which is seen longer than its kinds."""
    return f".Capabilities.APIVersions.Has {constant(chart_object.body['apiVersion'])}"


def note_line(text: Text) -> str:
    """A line for people to read."""
    parts = text.parts if isinstance(text, Joined) else (text,)
    return "".join(
        part.replace("{{", '{{ "{{" }}') if isinstance(part, str) else f"{{{{ {pipeline(part)} }}}}" for part in parts
    )


def _first_start(chart: Chart) -> Iterator[str]:
    """What can't just be changed; and, once helm sees that it was, that the data have to follow."""
    for value in chart.first_start_values:
        paths = " and ".join(helm_path(found.path) for found in dict.fromkeys(chart_values(value.text)))
        text = encode(value.text, "base64") if value.kind == "Secret" else value.text
        lines = [
            "",
            f"{value.workload} keeps {value.variable} with its data. Before you change {paths}, change it there:",
            f"  {value.change}",
            f'{{{{- $object := lookup "v1" {constant(value.kind)} .Release.Namespace {constant(value.name)} }}}}',
            f"{{{{- $before := get ($object.data | default dict) {constant(value.variable)} }}}}",
            f"{{{{- if and $before (ne $before {term(text)}) }}}}",
            "CHANGED in this upgrade: if it was not changed there before, nothing can log in until it is.",
            "{{- end }}",
        ]
        yield from [f"{{{{- if not ({pipeline(value.unless)}) }}}}", *lines, "{{- end }}"] if value.unless else lines


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
