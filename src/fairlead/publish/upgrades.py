"""Upgrades that a cluster would refuse, foreseen by the chart that is in the output folder already.

Of the files that change only those are read that can hold a field which can't be changed: most publishes read none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.leaves import Leaf
from fairlead.publish.checks.refused_upgrades import KINDS, RefusedChange, refused_changes
from fairlead.publish.formats.published_objects import HELPERS, VALUES, PublishedObjects
from fairlead.publish.output_folder import Changes

_FILES = frozenset(kind.lower() for kind in KINDS)
#: What a file of a kind has to differ in for a change in it to be refused; files of other kinds are read as a whole.
_SET_ONCE = re.compile(
    r"^  (?:selector|serviceName|podManagementPolicy|volumeClaimTemplates):.*\n(?:(?:   |\{\{-).*\n)*", re.MULTILINE
)
_TYPE = re.compile(r"^(?:type|immutable): .*\n", re.MULTILINE)
_DECISIVE = {
    "configmap": _TYPE,
    "daemonset": _SET_ONCE,
    "deployment": _SET_ONCE,
    "replicaset": _SET_ONCE,
    "secret": _TYPE,
    "statefulset": _SET_ONCE,
}
#: The sections of values.yaml that such fields have values of, and the kinds that have such fields.
_SECTIONS = re.compile(r"^(?:parameters|services|storage):\n(?: .*\n)*", re.MULTILINE)
_WITH_VALUES = {"persistentvolume", "persistentvolumeclaim", "service", "statefulset"}


def report_refused_upgrades(
    folder: Path, files: Mapping[str, str], charts: Mapping[str, Chart], changes: Changes, report: Report
) -> None:
    """Warn of changes that an upgrade from the published chart to this one can't make.

    Args:
        folder: The output folder, which holds what was published before.
        files: What is published now, by paths relative to it.
        charts: The chart in each of its subfolders; ``""`` for the folder itself.
        changes: How the two differ.
        report: Collects errors, warnings and notes.
    """
    for subfolder, chart in charts.items():
        prefix = f"{subfolder}/" if subfolder else ""
        for change in _refused(folder, prefix, files, chart, changes):
            _warn(change, chart, report)


def _refused(
    folder: Path, prefix: str, files: Mapping[str, str], chart: Chart, changes: Changes
) -> Iterator[RefusedChange]:
    changed = [path for path in (*changes.written, *changes.removed) if path.startswith(prefix)]
    new = {path.removeprefix(prefix): text for path, text in files.items() if path.startswith(prefix)}
    old = {path.removeprefix(prefix): text for path in changed if (text := _text(folder / path)) is not None}
    if f"{prefix}Chart.yaml" in {*changes.written, *changes.removed} and ("Chart.yaml" in old) != ("Chart.yaml" in new):
        return  # another format, in which the same objects are written in another way
    has_new_values = VALUES in old and _SECTIONS.findall(old[VALUES]) != _SECTIONS.findall(new[VALUES])
    old = {**new, **dict.fromkeys((path.removeprefix(prefix) for path in changed), ""), **old}
    paths = [path for path in old if _may_be_refused(path, old[path], new.get(path, ""), has_new_values)]
    before, after = PublishedObjects(old), PublishedObjects(new)
    yield from refused_changes(
        [body for path in paths for body in before.read(path)],
        [body for path in paths for body in after.read(path)],
        chart.namespace,
    )


def _text(file: Path) -> str | None:
    """The text of a published file; None where there is none that can be read."""
    try:
        return file.read_text(encoding="utf-8") if _kind(str(file)) in _FILES or file.name in _NAMES else None
    except (OSError, UnicodeDecodeError):
        return None


_NAMES = {"Chart.yaml", VALUES, HELPERS.rpartition("/")[2]}


def _kind(path: str) -> str:
    """The kind that the name of a file begins with, in lower case."""
    return path.rpartition("/")[2].removesuffix(".yaml").partition("-")[0]


def _may_be_refused(path: str, old: str, new: str, has_new_values: bool) -> bool:
    kind = _kind(path)
    if kind not in _FILES or path.startswith("charts/"):
        return False
    if has_new_values and kind in _WITH_VALUES:
        return True
    if old == new:
        return False
    decisive = _DECISIVE.get(kind)
    if decisive is None or not old or not new:
        return True
    return decisive.findall(old) != decisive.findall(new) or "\nimmutable: true\n" in old


def _warn(change: RefusedChange, chart: Chart, report: Report) -> None:
    written, name = change.name, change.name
    owner = next((entry.owner for entry in chart.objects if (entry.kind, entry.name) == (change.kind, name)), None)
    for entry in chart.objects:
        if entry.kind == change.kind and isinstance(leaf := entry.key.name, Leaf):
            default = _default_name(leaf, chart)
            if written in (default, _template_name(leaf)):
                owner, name = entry.owner, default
    fields = " and ".join(change.fields)
    report.warn(
        owner,
        f"an upgrade from the chart in the folder is refused: {fields} of its {change.kind} {name!r} can't be changed",
        change.procedure.replace(written, name),
    )


def _template_name(leaf: Leaf) -> str:
    """A name as the template of an object has it."""
    from fairlead.publish.formats.go_templates import pipeline

    return f"{{{{ {pipeline(leaf)} | quote }}}}"


def _default_name(leaf: Leaf, chart: Chart) -> str:
    """The name of an object of the release that the chart is installed as unless the user says otherwise."""
    from fairlead.publish.formats.merged_values import MergedValues
    from fairlead.publish.formats.resolved_objects import ObjectResolver

    return str(ObjectResolver(chart, MergedValues(chart, {}, Report())).content(leaf))
