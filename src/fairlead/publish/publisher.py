"""Publishing an app: :func:`render` is pure, :func:`publish` writes what it gives into a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from fairlead.errors import DefinitionError, ModelError, UsageError
from fairlead.model.app import App
from fairlead.model.names import listing, nearest, normal_form
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Diagnostic, Report
from fairlead.publish.checks.shared_objects import report_shared_objects
from fairlead.publish.environments import declared_or_default_environments, select_environments
from fairlead.publish.formats.format import Format, RenderedFiles, ValuesFile
from fairlead.publish.formats.notes import summary, write_notes
from fairlead.publish.output_folder import OWNED, Changes, write
from fairlead.publish.own_objects.release_files import copied_files
from fairlead.publish.own_objects.subchart_files import chart_files
from fairlead.publish.planning import plan_chart
from fairlead.publish.translation.callbacks import Callbacks
from fairlead.records import record
from fairlead.resources.kubernetes import KubernetesEnvironment

DEFAULT_FOLDER = "fairlead-output"


def _helm() -> Format:
    from fairlead.publish.formats import helm
    from fairlead.publish.formats.helm_commands import install_commands
    from fairlead.publish.formats.required_values import values_files

    return Format(
        lambda chart, _values, _report: RenderedFiles(helm.render(chart)), install_commands, False, values_files
    )


def _manifests() -> Format:
    from fairlead.publish.formats import manifests

    return Format(manifests.render, manifests.commands, True)


def _kustomize() -> Format:
    from fairlead.publish.formats import kustomize

    return Format(kustomize.render, kustomize.commands, True)


#: The ways to write a chart down; each is loaded when it is asked for.
FORMATS: Mapping[str, Callable[[], Format]] = {"helm": _helm, "manifests": _manifests, "kustomize": _kustomize}


@record
class Rendered:
    """What an app is published as.

    Args:
        files: Contents by path, with slashes.
        charts: The chart of each environment by the subfolder it is in; ``""`` where there is one environment only.
        kept: Subfolders of environments that were not asked for, whose files are to be left alone.
        warnings: What the definition says that does not get into the cluster.
        notes: What else there is to know.
        private: The files that nobody but their owner may read.
    """

    files: dict[str, str]
    charts: dict[str, Chart]
    kept: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    notes: tuple[Diagnostic, ...]
    private: frozenset[str] = frozenset()


class PublishResult(NamedTuple):
    """What publishing did, or with ``check`` would do.

    Args:
        folder: The output folder.
        written: The files that are new or different, relative to the folder.
        removed: The files that are no longer made.
        unchanged: The files that were so already.
        warnings: What the definition says that does not get into the cluster.
        notes: What else there is to know.
        commands: What installs it.
        contents: How many objects of each kind there are, in words, for each environment.
        values_files: The files that the commands take values from, with the values that have to be given.
    """

    folder: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    notes: tuple[Diagnostic, ...]
    commands: tuple[str, ...]
    contents: tuple[str, ...]
    values_files: tuple[ValuesFile, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is, or would be, different from before."""
        return bool(self.written or self.removed)


def render(
    app: App,
    *,
    target: str | None = None,
    format: str = "helm",
    strict: bool = False,
    values: Mapping[str, Any] | None = None,
    groups: Collection[str] = (),
) -> Rendered:
    """Publish an app into memory. Reads no variable and no clock: one definition, with its files, gives one result.

    Args:
        app: An app that was built for publishing.
        target: Name of the environment to publish for; by default all of them.
        format: What to make: ``helm``, ``manifests`` or ``kustomize``.
        strict: Whether a warning is an error.
        values: Values for the formats without values of their own, like those of a ``values.yaml``.
        groups: The groups that are published beside those that each environment asks for; ``*`` for all.

    Raises:
        PublishError: With everything that speaks against publishing in its ``errors``.
        UsageError: There is no such environment, format or group, or the format takes no values.
    """
    way = _format(format)
    if values is not None and not way.takes_values:
        raise UsageError(
            f"the format {format!r} takes no values.", remedy="Give them to helm when you install the chart: -f FILE."
        )
    report = Report()
    known = declared_or_default_environments(app, report)
    chosen = select_environments(known, target)
    if groups:
        from fairlead.model.composition.inactive import requested_groups

        groups = requested_groups(app, groups)
    callbacks = Callbacks()
    charts: dict[str, Chart] = {}
    published: list[tuple[KubernetesEnvironment, Chart]] = []
    files: dict[str, str] = {}
    private: set[str] = set()
    for environment in chosen:
        found = Report()
        chart = plan_chart(app, environment, callbacks, found, groups)
        if not found.errors and not report.errors:
            write_notes(chart, found.warnings)
            folder = normal_form(environment.name) if len(known) > 1 else ""
            charts[folder] = chart
            published.append((environment, chart))
            prefix = f"{folder}/" if folder else ""
            made = way.render(chart, values or {}, found)
            files |= {f"{prefix}{path}": text for path, text in made.texts.items()}
            others = chart_files(chart) | copied_files(chart)
            files |= {f"{prefix}{path}": text for path, text in others.items()}
            files |= {f"{prefix}{path}": text for build in chart.builds for path, text in build.files.items()}
            private |= {f"{prefix}{path}" for path in made.private}
        report.include(found)
    report_shared_objects(published, report)
    if len(published) > 1:
        from fairlead.publish.checks.rival_builds import report_rival_builds

        report_rival_builds(published, report)
    report.settle(strict=strict)
    kept = tuple(normal_form(other.name) for other in known if other not in chosen)
    return Rendered(files, charts, kept, tuple(report.warnings), tuple(report.notes), frozenset(private))


def further_errors(error: DefinitionError, target: str | None = None) -> list[ModelError]:
    """The publish errors of a definition that already has mistakes, so that all are shown at once.

    Errors on a line with a mistake are left out, since the mistake may cause them.

    Args:
        error: The mistakes.
        target: Name of the environment to publish for; by default all of them.
    """
    if error.app is None:
        return []
    report = Report()
    environments: list[KubernetesEnvironment] = []
    with suppress(UsageError):  # there is no such environment, which is told of when the definition is sound
        environments += select_environments(declared_or_default_environments(error.app, report), target)
    for environment in environments:
        found = Report()
        with suppress(Exception):  # of what is not sound, anything may be missing that planning takes for granted
            plan_chart(error.app, environment, Callbacks(), found)
        report.include(found)
    told = {(mistake.file, mistake.line) for mistake in error.errors}
    return [found.as_error() for found in report.errors if (found.where.file, found.where.line) not in told]


def _format(name: str) -> Format:
    if name not in FORMATS:
        guess = nearest(name, FORMATS)
        raise UsageError(
            f"there is no format {name!r}.",
            remedy=f"Did you mean {guess!r}?" if guess else f"There are {listing(FORMATS)}.",
        )
    return FORMATS[name]()


def publish(
    app: App,
    path: str | os.PathLike[str] | None = None,
    *,
    target: str | None = None,
    format: str = "helm",
    check: bool = False,
    strict: bool = False,
    values: Mapping[str, Any] | None = None,
    groups: Collection[str] = (),
) -> PublishResult:
    """Publish an app into a folder. Nothing is written unless everything is in order.

    Args:
        app: An app that was built for publishing.
        path: The output folder; by default ``fairlead-output`` beside the app file.
        target: Name of the environment to publish for; by default all of them, each into a subfolder of its own where
            there are several.
        format: What to make: ``helm``, ``manifests`` or ``kustomize``.
        check: Write nothing; only tell what would change.
        strict: Whether a warning is an error.
        values: Values for the formats without values of their own; a chart gets them when it is installed.
        groups: The groups that are published beside those that each environment asks for; ``*`` for all.

    Raises:
        PublishError: The app can't be published, or the folder can't be written.
        UsageError: There is no such environment, format or group, or the format takes no values.
    """
    rendered = render(app, target=target, format=format, strict=strict, values=values, groups=groups)
    folder = Path(path) if path is not None else app.directory / DEFAULT_FOLDER
    report = Report()

    def judge(changes: Changes) -> None:
        if (changes.written or changes.removed) and (folder / OWNED).is_file():  # not the first time
            from fairlead.publish.added_autoscalers import report_added_autoscalers
            from fairlead.publish.upgrades import report_refused_upgrades

            report_added_autoscalers(folder, rendered.charts, changes, report)
            report_refused_upgrades(folder, rendered.files, rendered.charts, changes, report)
        report.settle(strict=strict)

    changes = write(folder, rendered.files, keep=rendered.kept, check=check, private=rendered.private, judge=judge)
    way = _format(format)
    commands = tuple(
        command
        for name, chart in rendered.charts.items()
        for command in way.commands(chart, str(folder / name), values or {})
    )
    values_files = tuple(file for chart in rendered.charts.values() for file in way.values_files(chart))
    contents = tuple(f"{f'{name}: ' if name else ''}{summary(chart)}" for name, chart in rendered.charts.items())
    warnings, notes = (*rendered.warnings, *report.warnings), (*rendered.notes, *report.notes)
    return PublishResult(
        folder, changes.written, changes.removed, changes.unchanged, warnings, notes, commands, contents, values_files
    )
