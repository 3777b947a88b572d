"""What whoever installs the chart is told: where things are, and what publishing warned of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fairlead.model.programs.workload import Workload
from fairlead.publish.chart.chart import Chart, ChartObject, ExpectedSecret, SeparateRelease
from fairlead.publish.chart.conditions import holds
from fairlead.publish.chart.diagnostics import Diagnostic
from fairlead.publish.chart.leaves import Builtin, ChartValue, Text, When, WithDefault, join
from fairlead.publish.chart.sections import Section, helm_path
from fairlead.publish.own_objects.release_files import release_command
from fairlead.resources.kubernetes import Router


def write_notes(chart: Chart, warnings: Iterable[Diagnostic]) -> None:
    """Write the lines for the notes of a chart. They hold no line numbers: a comment in the app file changes nothing.

    Args:
        chart: The finished chart.
        warnings: What is left out of it, and what may surprise.
    """
    inside: list[Text] = [line for made in chart.objects for line in _addresses(made)]
    outside = [line for made in chart.objects for line in _routes(made)]
    on_request = [line for made in chart.objects for line in _commands_of_job(made)]
    missing: list[Text] = [f"  {_concerned(found)}{found.message}." for found in warnings]
    chart.notes += [f"It consists of {summary(chart)}."]
    for title, lines in (
        ("Addresses inside the cluster:", inside),
        ("Routes from outside:", outside),
        ("Addresses that people type:", _public(chart)),
        ("Secrets with certificates that have to be made:", [_expected(secret) for secret in chart.expected_secrets]),
        ("Jobs that pods wait for:", _jobs(chart)),
        ("Jobs that run when they are asked for:", on_request),
        ("Volumes that a group may write to:", _volume_groups(chart)),
        ("Releases of their own, installed before it:", _separate(chart, is_before=True)),
        ("Releases of their own, to be installed after it:", _separate(chart, is_before=False)),
        ("What publishing warned of:", missing),
    ):
        if lines:
            chart.notes += ["", title, *lines]


def _public(chart: Chart) -> list[Text]:
    """A line for each address that people type and that a program was given."""
    return [join([f"  {name} ({endpoint}): ", url]) for (name, endpoint), url in chart.public_urls.items()]


def _concerned(warning: Diagnostic) -> str:
    """The resource that a warning is about, with a colon; empty where it names several itself."""
    return "" if warning.resource is None else f"{warning.resource}: "


def _volume_groups(chart: Chart) -> list[Text]:
    """What to know about volumes of images that we don't know, if there are any."""
    path = Section.POD_SECURITY.value("fsGroup")
    if ChartValue(path) not in chart.values:
        return []
    return [
        join(
            [
                "  Programs that aren't root write to their volumes as members of the group ",
                ChartValue(path, "integer"),
                ",",
            ]
        ),
        f"  {helm_path(path)} in the values. A folder of a node (hostPath) can't be given to a group. The classes",
        "  local-path (k3s, kind), hostpath (Docker Desktop, MicroK8s) and standard (minikube) make such ones, mostly",
        "  as folders that everybody may write to.",
    ]


def _jobs(chart: Chart) -> list[Text]:
    """What to know about Jobs whose completion is noted, if there are any."""
    runs = [key.value.path for key in chart.values.section(Section.JOBS)]
    if not runs:
        return []
    from fairlead.publish.workloads.waiting.job_notes import notes_name  # for charts with such Jobs

    names = ", ".join(helm_path(path) for path in runs)
    return [
        join(["  What they completed is noted in the ConfigMap ", notes_name(), ", and not done again,"]),
        "  also by a rollback. After a database was restored from a backup the notes are wrong: upgrade once with the",
        f"  value always, and then again with auto, for {names}.",
    ]


def _commands_of_job(made: ChartObject) -> list[Text]:
    """The commands that run a job of the definition; only Fairlead's own can give it more arguments."""
    owner = made.owner
    if made.kind != "CronJob" or not isinstance(owner, Workload) or not owner.is_job:
        return []
    namespace = Builtin("namespace")
    return [
        join([f"  kubectl create job {made.name}-1 --from=cronjob/{made.name} --namespace ", namespace]),
        join([f"  fairlead run-job {owner.name} --namespace ", namespace, " -- ARGUMENTS"]),
    ]


def summary(chart: Chart) -> str:
    """How many objects there are of each kind, in words."""
    by_default = (made for made in chart.objects if all(holds(one, chart.values.default) for one in made.conditions))
    counts = Counter(made.kind for made in by_default)
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
