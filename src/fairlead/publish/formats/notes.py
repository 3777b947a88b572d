"""What whoever installs the chart is told: where things are, and what publishing warned of."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.model.workload import Workload
from fairlead.publish.chart.chart import Chart, ChartObject, ExpectedSecret, SeparateRelease
from fairlead.publish.chart.diagnostics import Diagnostic
from fairlead.publish.chart.leaves import Builtin, ChartValue, Text, When, WithDefault, join
from fairlead.publish.chart.values_yaml import ValuesKey
from fairlead.publish.own_objects.chart_sources import helm_path
from fairlead.publish.own_objects.separate_releases import release_command, release_commands
from fairlead.publish.own_objects.subcharts import objects_of_unknown_kinds
from fairlead.resources.kubernetes import Router

_PLAIN_PATH = re.compile(r"[\w./-]+")


def write_notes(chart: Chart, warnings: Iterable[Diagnostic]) -> None:
    """Write the lines for the notes of a chart. They hold no line numbers: a comment in the app file changes nothing.

    Args:
        chart: The finished chart.
        warnings: What is left out of it, and what may surprise.
    """
    inside: list[Text] = [line for made in chart.objects for line in _addresses(made)]
    outside = [line for made in chart.objects for line in _routes(made)]
    missing: list[Text] = [f"  {found.resource}: {found.message}." for found in warnings]
    chart.notes += [f"It consists of {summary(chart)}."]
    for title, lines in (
        ("Addresses inside the cluster:", inside),
        ("Routes from outside:", outside),
        ("Secrets with certificates that have to be made:", [_expected(secret) for secret in chart.expected_secrets]),
        ("Releases of their own, installed before it:", _separate(chart, is_before=True)),
        ("Releases of their own, to be installed after it:", _separate(chart, is_before=False)),
        ("What publishing warned of:", missing),
    ):
        if lines:
            chart.notes += ["", title, *lines]


def summary(chart: Chart) -> str:
    """How many objects there are of each kind, in words."""
    counts = Counter(made.kind for made in chart.objects)
    charts = [f"the chart {found.name} as {found.alias}" for found in chart.subcharts]
    beside = [f"the release {found.release} beside it" for found in chart.separate_releases]
    return ", ".join([f"{count} {kind}" for kind, count in counts.items()] + charts + beside) or "nothing"


def _separate(chart: Chart, *, is_before: bool) -> list[Text]:
    """The commands for the releases beside it, with CHART for the folder of the chart."""
    return [
        part
        for release in chart.separate_releases
        if release.is_before == is_before
        for part in [_separate_line(release)]
    ]


def _separate_line(release: SeparateRelease) -> Text:
    mark = "\0"
    command = release_command(release, "CHART", release.namespace or mark, with_given=True)
    head, found, tail = command.partition(mark)
    return join(["  ", head, *((Builtin("namespace"), tail) if found else ())])


def _addresses(made: ChartObject) -> list[Text]:
    """A line for each port of a Service that callers use. A definition may have changed it, so nothing is certain."""
    spec = made.body.get("spec") if made.kind == "Service" and isinstance(made.owner, Workload) else None
    given = spec.get("ports") if isinstance(spec, dict) and spec.get("clusterIP") != "None" else None
    ports = [port for port in given if isinstance(port, dict)] if isinstance(given, list) else []
    return [f"  {made.name}:{port.get('port')}  ({port.get('name', port.get('protocol', 'TCP'))})" for port in ports]


def _routes(made: ChartObject) -> list[Text]:
    """A line for each route of an Ingress or an HTTPRoute."""
    spec = made.body["spec"] if isinstance(made.owner, Router) else {}
    if made.kind == "Ingress":
        return [
            _route(made.name, rule.get("host"), path["path"], path["backend"]["service"]["name"])
            for rule in spec.get("rules", ())
            for path in rule["http"]["paths"]
        ]
    return [
        _route(made.name, host, rule["matches"][0]["path"]["value"], rule["backendRefs"][0]["name"])
        for rule in spec.get("rules", ())
        if "backendRefs" in rule
        for host in spec.get("hostnames", (None,))
    ]


def _route(name: str, host: Text | When | None, path: Text, service: str) -> Text:
    shown = host.content if isinstance(host, When) else host
    shown = WithDefault(shown, "*") if isinstance(shown, ChartValue) else shown or "*"
    return join([f"  {name}: ", shown, path, f" -> {service}"])


def _expected(secret: ExpectedSecret) -> Text:
    """A line for a Secret, with the command that makes it."""
    hosts = [part for host in secret.hosts for part in (", ", host)][1:] or ["all hosts"]
    command = [": kubectl create secret tls ", secret.name, " --namespace ", Builtin("namespace")]
    return join([f"  {secret.owner.name}, for ", *hosts, *command, " --cert=FILE --key=FILE"])


def missing_values(chart: Chart) -> list[ValuesKey]:
    """The values that have to be given."""
    return [found for found in chart.values if found.required and found.uses and not found.default]


def missing_of_others(chart: Chart) -> list[str]:
    """The values of other charts that have to be given, as options."""
    return [
        option((other.alias, *one.path)) for other in chart.subcharts for one in other.passed_parameters if one.required
    ]


def option_of(declared: ValuesKey) -> str:
    """The option of Helm that gives a value which has to be given."""
    if declared.file is None:
        return option(declared.value.path)
    # Helm splits at commas, and these words are written into a template too.
    shown = declared.file if _PLAIN_PATH.fullmatch(declared.file) else "…"
    return f"--set-file {_word(f'{helm_path(declared.value.path)}={shown}')}"


def option(path: tuple[str | int, ...], text: str = "…") -> str:
    """The option of Helm that gives a value."""
    return f"--set-string {_word(f'{helm_path(path)}={text}')}"


def _word(text: str) -> str:
    """An assignment as a shell takes it: what is escaped for Helm has to get past the shell."""
    return shlex.quote(text) if "\\" in text else text


def install_commands(chart: Chart, folder: str, _given: Mapping[str, Any]) -> list[str]:
    """The commands that install a chart, with every value that has to be given.

    Args:
        chart: The chart.
        folder: Where it is.
    """
    # By `build`, which keeps to Chart.lock, helm takes no repository that it was not told of before by `repo add`.
    first = (
        [f"helm dependency update {shlex.quote(folder)}"] if any(other.repository for other in chart.subcharts) else []
    )
    namespace = f"{chart.namespace} --create-namespace" if chart.namespace else None
    options = [option_of(found) for found in missing_values(chart)] + missing_of_others(chart)
    command = " ".join([install_command(chart.release, shlex.quote(folder), namespace), *options])
    place = shlex.quote(folder)
    first = [*release_commands(chart, place, before=True, with_given=True), *first]
    after = release_commands(chart, place, before=False, with_given=True)
    if objects_of_unknown_kinds(chart):  # the first makes their kinds known, the second makes them
        return [*first, f"{command} --wait", command, *after]
    return [*first, command, *after]


def install_command(release: str, folder: str, namespace: str | None) -> str:
    """The command of Helm that installs or upgrades a chart, but for the values.

    Args:
        release: The name of the release.
        folder: Where the chart is, as a shell takes it.
        namespace: The namespace; None for the one that helm takes by itself.
    """
    words = ["helm upgrade --install", release, folder]
    return " ".join([*words, *([f"--namespace {namespace}"] if namespace else [])])
