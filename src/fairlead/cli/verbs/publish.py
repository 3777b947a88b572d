"""``fairlead publish``: write the app as a Helm chart, as plain manifests, or as a base for Kustomize."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli.completion import ENVIRONMENT
from fairlead.cli.interrupts import quiet_interrupts
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.start_choice import published_group_option
from fairlead.cli.terminal import display_path, say, style
from fairlead.errors import UsageError

if TYPE_CHECKING:
    from fairlead.publish.chart.diagnostics import Diagnostic
    from fairlead.publish.publisher import PublishResult


@click.command()
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Output folder. Default: fairlead-output beside the app file.",
)
@click.option("--target", "environment", metavar="ENV", type=ENVIRONMENT, help="Only this environment. Default: all.")
@click.option(
    "--format",
    "form",
    default="helm",
    show_default=True,
    metavar="FORMAT",
    help="Output format: helm, manifests or kustomize.",
)
@click.option(
    "--values",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="YAML file with values, for the formats manifests and kustomize; a chart gets them from helm.",
)
@published_group_option
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file would change.")
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@json_option
@apphost_option
@click.pass_obj
def publish(
    selected_app: SelectedApp,
    output: Path | None,
    environment: str | None,
    form: str,
    values: Path | None,
    groups: tuple[str, ...],
    check: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Write the app as a Helm chart, as plain manifests, or as a base for Kustomize.

    Files of an earlier publish that are no longer made are removed.
    """
    gc.disable()  # all that is made is kept until the end, so to look for garbage finds none
    definition = selected_app.load()
    with quiet_interrupts():
        from fairlead.publish.definition import build_for_publishing
        from fairlead.publish.publisher import DEFAULT_FOLDER
        from fairlead.publish.publisher import publish as publish_app

    published = publish_app(
        build_for_publishing(definition, environment),
        output or Path(display_path(definition.file.parent / DEFAULT_FOLDER)),
        target=environment,
        format=form,
        check=check,
        strict=strict,
        values=None if values is None else _read(values),
        groups=groups,
    )
    for diagnostic in published.warnings:
        say(style("warning: ", fg="yellow", bold=True) + _sentence(diagnostic), err=True)
    for diagnostic in published.notes:
        say(style("note: ", fg="cyan", bold=True) + _sentence(diagnostic), err=True)
    if as_json:
        say(json.dumps(_document(published, check), indent=2))
    else:
        _tell(published, check)
    return 1 if check and published.changed else 0


def _sentence(diagnostic: Diagnostic) -> str:
    place = f"{display_path(diagnostic.where.file)}:{diagnostic.where.line}: " if diagnostic.where.file else ""
    resource = f"{diagnostic.resource}: " if diagnostic.resource else ""
    message = diagnostic.message if diagnostic.message.endswith(".") else f"{diagnostic.message}."
    return place + resource + message + (f" {diagnostic.remedy}" if diagnostic.remedy else "")


def _tell(published: PublishResult, check: bool) -> None:
    folder = display_path(published.folder)
    changes = [("+", "green", name) for name in published.written] + [("-", "red", name) for name in published.removed]
    count = len(published.written) + len(published.unchanged)
    if check:
        for sign, color, name in changes:
            say(style(f"{sign} {name}", fg=color))
        say(f"{folder} is up to date." if not changes else f"{folder} would change: {len(changes)} of {count} files.")
        return
    unchanged = f", {len(published.unchanged)} unchanged" if published.unchanged else ""
    removed = f", {len(published.removed)} removed" if published.removed else ""
    say(f"{style(folder, bold=True)}: {len(published.written)} files written{unchanged}{removed}.")
    for line in published.contents:
        say(f"  {line}")
    for file in published.values_files:
        say(f"Fill in what it needs, in a file {style(file.name, bold=True)} that only you can read:")
        say("  " + file.text.rstrip("\n").replace("\n", "\n  "))
    say("Install it with:")
    for command in published.commands:
        say("  " + command.replace("\n", "\n  "))


def _document(published: PublishResult, check: bool) -> dict[str, Any]:
    return {
        "folder": str(published.folder),
        "check": check,
        "written": list(published.written),
        "removed": list(published.removed),
        "unchanged": list(published.unchanged),
        "warnings": [str(warning) for warning in published.warnings],
        "notes": [str(note) for note in published.notes],
        "commands": list(published.commands),
        "contents": list(published.contents),
        "values_files": [{"name": file.name, "text": file.text} for file in published.values_files],
    }


def _read(file: Path) -> dict[str, Any]:
    """The values of a file.

    Raises:
        UsageError: It can't be read, or is not a mapping.
    """
    import yaml

    from fairlead.publish.own_objects.yaml_reading import yaml_problem

    try:
        values = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(
            f"--values {display_path(file)}: {getattr(error, 'strerror', None) or yaml_problem(error)}"
        ) from error
    if not isinstance(values, dict):
        raise UsageError(
            f"--values {display_path(file)} is not a mapping", remedy="Write it like the values.yaml of a chart."
        )
    return values
