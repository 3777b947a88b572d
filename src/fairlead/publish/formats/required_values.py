"""The values that have to be given to a chart: as a file to fill in, and as what the chart says when they are missing.

They are only ever asked for as a file. ``--set`` shows a password to everybody on the machine, takes a comma in it for
the end of the value and a backslash for an escape, and ``--set-file`` keeps the newline at the end of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from fairlead.publish.chart.chart import Chart, PassedParameter, SeparateRelease, Subchart
from fairlead.publish.chart.values_yaml import ValuesKey
from fairlead.publish.formats.existing_secrets import given_elsewhere
from fairlead.publish.formats.format import ValuesFile
from fairlead.publish.formats.generated_values import GeneratedValues
from fairlead.publish.formats.go_templates import constant, pipeline
from fairlead.publish.formats.yaml import Emitter
from fairlead.publish.own_objects.release_files import given_values_name
from fairlead.records import record


@record
class RequiredValue:
    """A value that has to be given.

    Args:
        path: Its keys, outermost first.
        content: What a file to fill in says: an empty text, or the list that has the value in it, as Helm replaces
            lists as a whole.
        comment: What it is, on one line.
        missing: A Go expression: whether it is missing.
        is_open: Whether it is missing until it is given; else values.yaml has a text that must not be emptied.
    """

    path: tuple[str, ...]
    content: Any
    comment: str
    missing: str
    is_open: bool


_Tree: TypeAlias = "dict[str, _Tree | RequiredValue]"


def values_files(chart: Chart) -> list[ValuesFile]:
    """The files with the values that have to be given, of the app's release and of those beside it."""
    files = [app_values_file(chart), *(_release_values_file(chart, release) for release in chart.separate_releases)]
    return [file for file in files if file.text]


def app_values_file(chart: Chart) -> ValuesFile:
    """The file with the values that have to be given to the chart, with empty texts to be filled in."""
    return _file(
        f"{chart.release}-values.yaml",
        (value for value in _required_values(chart, GeneratedValues(chart)) if value.is_open),
    )


def _release_values_file(chart: Chart, release: SeparateRelease) -> ValuesFile:
    values = (_value_of_release(chart, release, passed) for passed in release.passed_parameters if passed.required)
    return _file(given_values_name(release), values)


def _file(name: str, values: Iterable[RequiredValue]) -> ValuesFile:
    return ValuesFile(name, "".join(f"{line}\n" for line in _lines(_tree(values), "")))


def required_values_template(chart: Chart, generated: GeneratedValues) -> str:
    """A template that makes nothing, and fails with all values that are missing; empty where none can be."""
    tree = _tree(_required_values(chart, generated))
    if not tree:
        return ""
    template = _Template()
    template.add(tree, "$missing", "")
    first = f"{generated.fill_in()}{{{{- $missing := list }}}}"
    return "\n".join([first, *template.lines, _failure(chart, generated), ""])


def key_comments(key: ValuesKey, generated: GeneratedValues | None = None) -> list[str]:
    """What there is to say about a key of values.yaml, a line each.

    Args:
        key: The key.
        generated: The values that the chart makes up; None to say nothing of that.
    """
    if not key.comment and not key.uses and not (generated and generated.keys):
        return []  # as of most
    users = ", ".join(dict.fromkeys(use.workload for use in key.uses))
    is_asked_for = key.value.section is not None and key.value.section.is_given_by_user
    lines = [key.comment, f"Used by {users}." if users and is_asked_for else ""]
    if generated and key.value.path in generated.keys:
        lines.append(f"Left empty, it is made up by the first installation, and kept in the Secret {generated.secret}.")
    return [_one_line(line) for line in lines if line]


def _required_values(chart: Chart, generated: GeneratedValues) -> Iterator[RequiredValue]:
    for key in chart.values.not_empty():
        if key.required and key.uses:
            missing, elsewhere = f"not ({pipeline(key.value)})", given_elsewhere(key)
            if elsewhere:
                missing = f"and ({missing}) (not ({elsewhere}))"
            is_open = not key.default and key.value.path not in generated.keys
            yield RequiredValue(key.value.path, "", " ".join(key_comments(key)), missing, is_open)
    for subchart in chart.subcharts:
        for passed in subchart.passed_parameters:
            if passed.required or passed.parameter in chart.values:
                yield _value_of_subchart(chart, subchart, passed)


def _value_of_subchart(chart: Chart, subchart: Subchart, passed: PassedParameter) -> RequiredValue:
    """A value of another chart that is a parameter of the app; where the app uses it too, both have to be the same."""
    keys = (subchart.alias, *passed.path)
    value = "index .Values " + " ".join(str(key) if isinstance(key, int) else constant(key) for key in keys)
    problems = [f"(not ({value}))"] if passed.required else []
    comment = f"The parameter {passed.parameter.path[1]}, used by {subchart.alias}."
    if passed.parameter in chart.values:
        problems.append(f"(ne (toString ({value})) ({pipeline(passed.parameter)}))")
        comment = f"The same as {'.'.join(passed.parameter.path)}, used by {subchart.alias}."
    missing = f"and ({pipeline(subchart.enabled)}) (or {' '.join(problems)})"
    path, content = _whole_list(subchart.values, passed)
    return RequiredValue((subchart.alias, *path), content, comment, missing, passed.required)


def _value_of_release(chart: Chart, release: SeparateRelease, passed: PassedParameter) -> RequiredValue:
    """A value of a release beside the app's, which no template of the chart can look at."""
    comment = f"The parameter {passed.parameter.path[1]}."
    if passed.parameter in chart.values:
        comment = f"The same as {'.'.join(passed.parameter.path)} of {chart.release}."
    path, content = _whole_list(release.values, passed)
    return RequiredValue(path, content, comment, "", True)


def _whole_list(values: Any, passed: PassedParameter) -> tuple[tuple[str, ...], Any]:
    """The keys down to the value, or to the outermost list that has it, and what stands there."""
    path: list[str] = []
    content = values
    for key in passed.path:
        if isinstance(key, int):
            break
        path.append(key)
        content = content[key]
    return tuple(path), content


def _tree(values: Iterable[RequiredValue]) -> _Tree:
    tree: _Tree = {}
    for value in values:
        node = tree
        for key in value.path[:-1]:
            inner = node.setdefault(key, {})
            assert isinstance(inner, dict), "no value is within another"
            node = inner
        known = node.get(value.path[-1])
        node[value.path[-1]] = _both(known, value) if isinstance(known, RequiredValue) else value
    return tree


def _both(one: RequiredValue, other: RequiredValue) -> RequiredValue:
    """Two values in one list, which is given as a whole."""
    comment = f"{one.comment} {other.comment}"
    return RequiredValue(
        one.path, one.content, comment, f"or ({one.missing}) ({other.missing})", one.is_open or other.is_open
    )


def _lines(tree: _Tree, pad: str) -> Iterator[str]:
    for key, entry in tree.items():
        if isinstance(entry, RequiredValue):
            yield from _value_lines(key, entry, pad)
        else:
            yield pad + _head(key)
            yield from _lines(entry, f"{pad}  ")


def _value_lines(key: str, value: RequiredValue, pad: str) -> list[str]:
    first, *others = Emitter().document({key: value.content}).splitlines()
    comment = f"  # {value.comment}" if value.comment else ""
    return [f"{pad}{first}{comment}", *(pad + line for line in others)]


def _head(key: str) -> str:
    """A key with a mapping below it."""
    return Emitter().document({key: ""}).partition(' ""')[0]


class _Template:
    """Collects the lines of what is missing; a section has a line only where something in it is missing."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._sections = 0

    def add(self, tree: _Tree, collected: str, pad: str) -> None:
        for key, entry in tree.items():
            if isinstance(entry, RequiredValue):
                self._collect(entry.missing, collected, f"list {_constants(_value_lines(key, entry, pad))}")
            else:
                self._sections += 1
                section = f"$section{self._sections}"
                self.lines.append(f"{{{{- {section} := list }}}}")
                self.add(entry, section, f"{pad}  ")
                self._collect(section, collected, f"concat (list {constant(pad + _head(key))}) {section}")

    def _collect(self, condition: str, collected: str, lines: str) -> None:
        self.lines += [
            f"{{{{- if {condition} }}}}",
            f"{{{{- {collected} = concat {collected} ({lines}) }}}}",
            "{{- end }}",
        ]


def _constants(lines: list[str]) -> str:
    return " ".join(map(constant, lines))


def _failure(chart: Chart, generated: GeneratedValues) -> str:
    """The end of the template: what helm says where something is missing.

    The path of a chart's templates names the charts that it is in, by whose names its values are.
    """
    said = (
        f"\n\n{chart.name} needs values that it was not given. Write them to a file, and add it: --values FILE\n\n%s\n"
    )
    if generated.keys:
        said += (
            f"\nWhat is made up by an installation is in the Secret {generated.secret}. It has to be given where an "
            "upgrade finds none, and where helm can't ask the cluster (helm template, --dry-run=client, Argo CD).\n"
        )
    kept = "\nTo keep those of the installed release, add --reset-then-reuse-values (Helm 3.14 or later).\n"
    return "\n".join(
        [
            "{{- if $missing }}",
            '{{- $charts := rest (splitList "/charts/" (trimSuffix "/templates" .Template.BasePath)) }}',
            '{{- $pad := repeat (int (mul 2 (len $charts))) " " }}',
            "{{- $lines := list }}",
            "{{- range $depth, $name := $charts }}",
            '{{- $lines = append $lines (printf "%s%s:" (repeat (int (mul 2 $depth)) " ") $name) }}',
            "{{- end }}",
            "{{- range $missing }}",
            "{{- $lines = append $lines (print $pad .) }}",
            "{{- end }}",
            f'{{{{- $said := printf {constant(said)} (join "\\n" $lines) }}}}',
            f"{{{{- fail (ternary (print $said {constant(kept)}) $said .Release.IsUpgrade) }}}}",
            "{{- end }}",
        ]
    )


def _one_line(text: str) -> str:
    """A text that can stand in a comment: a break of lines would end it."""
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
