"""The Kustomize renderer: a base, whose ConfigMaps and Secrets are generated, so that pods roll when an entry changes.

Those of Jobs are not: the pods of a Job can't be changed, so no name in them may.

Kustomize knows fields, not values: what is composed of a parameter is a text like any other there. So such a text is
filled in with what was given at publish, and a note says where that is.
"""

from __future__ import annotations

import re
import shlex
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart, ChartObject
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.labels import NAME
from fairlead.publish.chart.leaves import ChartValue, chart_values, conditions_in, values_in_text, yaml_refuses
from fairlead.publish.chart.names import object_name
from fairlead.publish.chart.sections import Path, helm_path
from fairlead.publish.formats.format import RenderedFiles
from fairlead.publish.formats.manifests import create_namespace
from fairlead.publish.formats.merged_values import MergedValues
from fairlead.publish.formats.namespaces import report_default_namespace
from fairlead.publish.formats.paths import object_paths
from fairlead.publish.formats.resolved_objects import ObjectResolver
from fairlead.publish.formats.separate_values import render_separate_values
from fairlead.publish.formats.yaml import Commented, Emitter
from fairlead.publish.own_objects.chart_sources import repository_alias
from fairlead.publish.own_objects.custom_kinds import objects_of_unknown_kinds
from fairlead.publish.own_objects.release_files import release_commands
from fairlead.publish.own_objects.subchart_files import chart_folder, enabled_subcharts
from fairlead.publish.workloads.accounts import account_objects

FILE = "kustomization.yaml"
NAMESPACE_FILE = "namespace.yaml"
_GENERATED = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}
#: The kinds whose pods are replaced when a name in them changes, and in which Kustomize follows names.
_ROLLING = {"Deployment", "StatefulSet", "DaemonSet", "CronJob"}
#: Keys that Kustomize forgets to quote in what it generates, and then takes for something else than text.
_UNQUOTED = re.compile(r"null|true|false|[-+.]?[0-9][-+.:0-9_a-fox]*|\.inf|\.nan", re.IGNORECASE)
_SHOWN = 3
#: What a line of an env file says without being understood as anything else.
_SIMPLE = re.compile(r"[!#%-~]([ -~]*[!#%-~])?", re.ASCII)


def render(chart: Chart, given: Mapping[str, Any], report: Report) -> RenderedFiles:
    """The files of a base.

    Args:
        chart: The chart.
        given: The values that are set.
        report: Where values that are missing or wrong are reported, and what no overlay can change.
    """
    settings = MergedValues(chart, given, report)
    if report.errors:
        return RenderedFiles({})
    base = _Base(chart, ObjectResolver(chart, settings), report)
    for made, path in object_paths([*chart.objects, *account_objects(chart)]):
        base.add(made, path)
    base.add_charts(chart, given, settings)
    separate = render_separate_values(chart, lambda release: settings.lookup((release.alias,)))
    report_default_namespace(chart, report)
    _report_composed(chart, report)
    _report_switched(chart, settings, report)
    _report_jobs(chart, report)
    files = base.files()
    return RenderedFiles({**files.texts, **separate.texts}, files.private | separate.private)


def commands(chart: Chart, folder: str, given: Mapping[str, Any]) -> list[str]:
    """What brings a base into a cluster.

    Args:
        chart: The chart.
        folder: Where the files are.
        given: The values that are set.
    """
    place = shlex.quote(folder)
    before = release_commands(chart, place, before=True, with_given=False)
    after = release_commands(chart, place, before=False, with_given=False)
    return [*create_namespace(chart), *before, *_apply(chart, folder, given), *after]


def _apply(chart: Chart, folder: str, given: Mapping[str, Any]) -> list[str]:
    place = shlex.quote(folder)
    charts = enabled_subcharts(chart, given)
    if not charts:
        return [f"kubectl apply --kustomize {place}"]
    lines = []
    for found in charts:
        source = chart_folder(found, folder)
        if source and not found.files:  # kustomize reads nothing outside of its folder
            copy = shlex.quote(f"{folder}/charts/{found.name}")
            lines.append(f"mkdir -p {copy} && cp -R {shlex.quote(source)}/. {copy}")
    command = f"kustomize build --enable-helm {place} | kubectl apply --filename -"
    # Where kubectl doesn't know a kind yet, it makes all else, which is what brings it.
    return [*lines, command, *([command] if objects_of_unknown_kinds(chart) else [])]


class _Base:
    def __init__(self, chart: Chart, resolver: ObjectResolver, report: Report) -> None:
        self._chart = chart
        self._resolver = resolver
        self._report = report
        self._emitter = Emitter()
        self._texts: dict[str, str] = {}
        self._private: set[str] = set()
        self._resources: list[str] = []
        self._generators: dict[str, list[dict[str, Any]]] = {}
        self._charts: list[dict[str, Any]] = []
        self._rolling = {made.owner.name for made in chart.objects if made.kind in _ROLLING}
        self._with_fixed_names = {
            made.owner.name for made in chart.objects if made.kind in _GENERATED and not self._is_generated(made)
        }

    def add(self, made: ChartObject, path: str) -> None:
        if not self._resolver.is_wanted(made):
            return
        body = self._resolver.body(made)
        _check_texts(made, body, self._report)
        if self._is_generated(made):
            self._generate(made, body, path)
            return
        if made.owner.name not in self._with_fixed_names:
            _drop_checksums(body)  # the names of what is generated change with its content, and do what these do
        self._texts[f"{path}.yaml"] = self._emitter.document(body)
        self._resources.append(f"{path}.yaml")
        if made.kind == "Secret":
            self._private.add(f"{path}.yaml")

    def _is_generated(self, made: ChartObject) -> bool:
        """Whether it is a ConfigMap or Secret of a workload, whose pods may get to know it by another name."""
        is_text = made.kind in _GENERATED and not made.body.get("binaryData")
        data = made.body.get("data", {})
        is_text = is_text and not any(_UNQUOTED.fullmatch(key) for key in data)
        if made.kind == "Secret":  # an entry that is a value as it stands is base64 of what may be no text
            is_text = is_text and not any(isinstance(entry, ChartValue) for entry in data.values())
        return is_text and isinstance(made.owner, Workload) and made.owner.name in self._rolling

    def _generate(self, made: ChartObject, body: dict[str, Any], path: str) -> None:
        is_secret = made.kind == "Secret"
        data: dict[str, str] = body.get("data", {})
        if is_secret:
            data = {key: b64decode(text).decode() for key, text in data.items()}
        lines = {key: text for key, text in data.items() if _SIMPLE.fullmatch(text)}
        entry: dict[str, Any] = {"name": body["metadata"]["name"]}
        made_here: dict[str, str] = {}
        if lines:
            made_here[f"{path}.env"] = "".join(f"{key}={text}\n" for key, text in lines.items())
            entry["envs"] = [f"{path}.env"]
        others = {key: text for key, text in data.items() if key not in lines}
        if others:
            made_here |= {f"{path}/{key}": text for key, text in others.items()}
            entry["files"] = [f"{key}={path}/{key}" for key in others]
        if is_secret:
            entry["type"] = body["type"]
            self._private |= made_here.keys()
        entry["options"] = {"labels": body["metadata"].get("labels", {})}
        self._texts |= made_here
        self._generators.setdefault(_GENERATED[made.kind], []).append(entry)

    def add_charts(self, chart: Chart, given: Mapping[str, Any], settings: MergedValues) -> None:
        for found in enabled_subcharts(chart, given):
            if repository_alias(found.repository):
                self._report.error(
                    found.owner,
                    f"Kustomize does not know the repository {found.repository!r}, which is a name of helm repo add",
                    "Write its address: repo='https://…'.",
                )
            if not chart.namespace:
                self._report.note(
                    found.owner,
                    "Kustomize renders it for the namespace 'default', as none is named",
                    "Name the namespace: with_properties(namespace=…).",
                )
            self._charts.append(
                {
                    "name": found.name,
                    **({} if chart_folder(found, "") else {"repo": found.repository, "version": found.version}),
                    "releaseName": found.alias,
                    "includeCRDs": True,
                    "skipTests": True,
                    **({"namespace": chart.namespace} if chart.namespace else {}),
                    "valuesInline": settings.lookup((found.alias,)),
                }
            )
            if any(one.parameter.secret for one in found.passed_parameters):
                self._private.add(FILE)

    def files(self) -> RenderedFiles:
        content: dict[str, Any] = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            **self._namespace(),
            "resources": self._resources,
            **self._generators,
            **({"helmCharts": self._charts} if self._charts else {}),
        }
        comment = f"The base of {self._chart.app}. An overlay of yours names this folder under resources."
        content["resources"] = Commented(comment, content["resources"])
        return RenderedFiles({FILE: self._emitter.document(content), **self._texts}, frozenset(self._private))

    def _namespace(self) -> dict[str, Any]:
        """What puts everything into the namespace, except what names another one.

        The objects themselves don't say it: an overlay's patches and generators would then have to say it as well.
        """
        namespace = self._chart.namespace
        if not namespace:
            return {}
        if not self._charts and not any(made.namespace for made in self._chart.objects):
            return {"namespace": namespace}
        transformer = {
            "apiVersion": "builtin",
            "kind": "NamespaceTransformer",
            "metadata": {"name": "namespace", "namespace": namespace},
            "unsetOnly": True,
            "fieldSpecs": [{"path": "metadata/namespace", "create": True}],
        }
        comment = "Puts everything into the namespace, except what names another one."
        self._texts[NAMESPACE_FILE] = self._emitter.document(transformer)
        return {"transformers": Commented(comment, [NAMESPACE_FILE])}


def _check_texts(made: ChartObject, body: dict[str, Any], report: Report) -> None:
    """Report what Kustomize could not write down; Secrets are base64 by now, and hold anything."""
    for place, text in _texts(body, ""):
        if refused := yaml_refuses(text):
            character = f"the character {refused!a}"
            report.error(
                made.owner,
                f"{_called(made)} has {character} in {place}, and Kustomize takes it nowhere",
                "Leave it out, give it by a secret parameter, or publish another format.",
            )


def _texts(content: Any, place: str) -> Iterator[tuple[str, str]]:
    """All texts with where they are: ``spec.template.spec.containers[0].args[1]``."""
    if isinstance(content, str):
        yield place, content
    elif isinstance(content, dict):
        for key, entry in content.items():
            yield from _texts(entry, f"{place}.{key}" if place else key)
    elif isinstance(content, list):
        for number, entry in enumerate(content):
            yield from _texts(entry, f"{place}[{number}]")


def _drop_checksums(content: Any) -> None:
    if isinstance(content, dict):
        annotations = content.get("annotations")
        if isinstance(annotations, dict):
            for key in [key for key in annotations if key.startswith("checksum/")]:
                del annotations[key]
            if not annotations:
                del content["annotations"]
        for entry in content.values():
            _drop_checksums(entry)
    elif isinstance(content, list):
        for entry in content:
            _drop_checksums(entry)


def _report_composed(chart: Chart, report: Report) -> None:
    """Say of each value that stands in several places, or in a part of one, that an overlay can't just set it."""
    switched = _switched_places(chart)
    places: dict[Path, list[str]] = {}
    for made in chart.objects:
        for where, path in _uses(made):
            if where not in switched.get(path, ()):
                places.setdefault(path, []).append(where)
    for path, uses in places.items():
        shown = list(dict.fromkeys(uses))
        if len(shown) > 1:
            report.note(
                None,
                f"an overlay can't set {helm_path(path)}: it is filled in in {_shown(shown)}",
                "Publish again with other --values, or let the overlay change each of these.",
            )


def _shown(places: list[str]) -> str:
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"{', '.join(places[:_SHOWN])}{more}"


def _report_switched(chart: Chart, settings: MergedValues, report: Report) -> None:
    """Say of each value that switches texts that it did so when the base was written."""
    for path, places in _switched_places(chart).items():
        value = "a secret" if ChartValue(path).secret else repr(settings.lookup(path))
        report.note(
            None,
            f"{helm_path(path)} switches {_shown(places)}, and a base holds the text for {value} alone",
            "For the other text publish again with other --values, or let the overlay write it.",
        )


def _switched_places(chart: Chart) -> dict[Path, list[str]]:
    """Where each value switches a text, by its path."""
    places: dict[Path, dict[str, None]] = {}
    for chart_object in chart.objects:
        for key, entry in _entries(chart_object):
            for condition in conditions_in(entry):
                for value in chart_values(condition):
                    places.setdefault(value.path, {})[_place(chart_object, key)] = None
    return {path: list(found) for path, found in places.items()}


def _uses(made: ChartObject) -> Iterator[tuple[str, Path]]:
    for key, entry in _entries(made):
        for value in values_in_text(entry):
            if value.section is not None and value.section.is_given_by_user:
                yield _place(made, key), value.path


def _place(made: ChartObject, key: str) -> str:
    return f"{_called(made)}{f' {key}' if key else ''}"


def _entries(made: ChartObject) -> Iterator[tuple[str, Any]]:
    """The fields of an object; of its data each entry, with its key."""
    for field, content in made.body.items():
        if field in ("data", "stringData") and isinstance(content, dict):
            yield from content.items()
        else:
            yield "", content


def _called(made: ChartObject) -> str:
    """An object for people to read; of a name that is a checksum, what it was made for."""
    name = made.body["metadata"]["name"]
    return f"{made.kind} {name if isinstance(name, str) else object_name(made.owner.name)}"


def _report_jobs(chart: Chart, report: Report) -> None:
    """Say of each Job that an overlay can't just change it: its pods are fixed, and it keeps its name."""
    option = f" --namespace {chart.namespace}" if chart.namespace else ""
    for made in chart.objects:
        if made.kind != "Job" or made.is_given:
            continue
        what = "by their image"
        if made.owner.created_by_job and made.owner.parent is not None:
            what += f" or an entry of what is generated for {made.owner.parent.name!r}"
        report.note(
            made.owner,
            f"an overlay that changes the pods of its Job, {what}, can't be applied while the Job is there",
            f"Delete it first: kubectl delete job{option} --selector {NAME}={object_name(made.owner.name)}. Or publish "
            "again with other --values, which gives a changed Job another name.",
        )
