"""The renderer of plain manifests: the objects as a cluster gets them, with all values filled in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from fairlead.publish.chart.chart import Chart, Subchart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.object_kinds import CRD
from fairlead.publish.formats.format import RenderedFiles
from fairlead.publish.formats.merged_values import MergedValues
from fairlead.publish.formats.namespaces import Namespaces, report_default_namespace
from fairlead.publish.formats.paths import object_paths
from fairlead.publish.formats.resolved_objects import ObjectResolver
from fairlead.publish.formats.separate_values import render_separate_values
from fairlead.publish.formats.yaml import Emitter
from fairlead.publish.own_objects.chart_sources import chart_reference
from fairlead.publish.own_objects.custom_kinds import objects_of_unknown_kinds
from fairlead.publish.own_objects.release_files import release_commands
from fairlead.publish.own_objects.subchart_files import chart_folder, enabled_subcharts
from fairlead.publish.workloads.accounts import account_objects


def render(chart: Chart, given: Mapping[str, Any], report: Report) -> RenderedFiles:
    """The files of plain manifests.

    Args:
        chart: The chart.
        given: The values that are set.
        report: Where values that are missing or wrong are reported.
    """
    settings = MergedValues(chart, given, report)
    if report.errors:
        return RenderedFiles({})
    report_default_namespace(chart, report)
    resolver, scopes, emitter = ObjectResolver(chart, settings), Namespaces(chart), Emitter()
    texts: dict[str, str] = {}
    private = set()
    objects = [*chart.objects, *account_objects(chart)]
    for made, path in object_paths(made for made in objects if resolver.is_wanted(made)):
        texts[f"{path}.yaml"] = emitter.document(scopes.place(made, resolver.body(made)))
        if made.kind == "Secret":
            private.add(f"{path}.yaml")
    for found in enabled_subcharts(chart, given):
        path = values_file(found.alias)
        texts[path] = emitter.document(settings.lookup((found.alias,)))
        if any(one.parameter.secret for one in found.passed_parameters):
            private.add(path)
    separate = render_separate_values(chart, lambda release: settings.lookup((release.alias,)))
    return RenderedFiles({**texts, **separate.texts}, frozenset(private | separate.private))


def values_file(alias: str) -> str:
    """The file with the values of another chart."""
    return f"charts/{alias}.values.yaml"


def commands(chart: Chart, folder: str, given: Mapping[str, Any]) -> list[str]:
    """What brings plain manifests into a cluster.

    Args:
        chart: The chart.
        folder: Where the files are.
        given: The values that are set.
    """
    place = shlex.quote(folder)
    namespace = f" --namespace {chart.namespace}" if chart.namespace else ""
    lines = [*create_namespace(chart), *release_commands(chart, place, before=True, with_given=False)]
    if any(made.kind == CRD for made in chart.objects):
        lines.append(f"kubectl apply --server-side --filename {place}/crds")
    ready = " --wait" if objects_of_unknown_kinds(chart) else ""
    for found in enabled_subcharts(chart, given):
        lines.append(
            f"helm upgrade --install {found.alias} {_source(found, folder)}{namespace} "
            f"--values {place}/{values_file(found.alias)}{ready}"
        )
    after = release_commands(chart, place, before=False, with_given=False)
    return [*lines, f"kubectl apply {_all_but_foreign(chart, place)}", *after]


def _source(found: Subchart, folder: str) -> str:
    """The words by which helm finds a chart; of one in a folder there is one version."""
    if path := chart_folder(found, folder):
        return shlex.quote(path)
    return chart_reference(found.name, found.version, found.repository)


def create_namespace(chart: Chart) -> list[str]:
    """The command that makes the namespace unless it is there; none where the user chooses it.

    The namespace is not among the objects: to remove these would remove all else that is in it, and to apply it would
    take labels away that somebody else gave it.
    """
    name = chart.namespace
    return [f"kubectl get namespace {name} || kubectl create namespace {name}"] if name else []


def _all_but_foreign(chart: Chart, place: str) -> str:
    """The options that name all manifests, and neither the values of other charts nor what was applied before."""
    others = chart.subcharts or chart.separate_releases
    if not others and not any(made.kind == CRD for made in chart.objects):
        return f"--recursive --filename {place}"
    folders = dict.fromkeys(path.rpartition("/")[0] for made, path in object_paths(chart.objects) if made.kind != CRD)
    return " ".join(f"--filename {place}/{folder}" for folder in folders)
