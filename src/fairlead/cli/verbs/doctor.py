"""``fairlead doctor``: whether this machine has what the app needs, before it is run."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import click

from fairlead.cli.app_file import AppFileError
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import display_path, say, style
from fairlead.definition import Definition
from fairlead.drivers import doctor_checks
from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.nodes.cluster_checks import check_clusters
from fairlead.errors import DefinitionError, FairleadError, UsageError
from fairlead.model.app import App
from fairlead.runtime.run_options import RunOptions, parameter_sources
from fairlead.runtime.store.instance import running_instance
from fairlead.runtime.store.project_settings import app_identity, find_settings

_MARKS = {"fine": ("✓", "green"), "note": ("!", "yellow"), "problem": ("✗", "red")}


@click.command()
@json_option
@apphost_option
@click.pass_obj
def doctor(selected_app: SelectedApp, as_json: bool) -> int:
    """Check that this machine has what the app needs: engine, programs, folders, parameter values, clusters.

    Starts nothing. Exits with 1 if a part of the app could not run. Without an app file it checks the machine alone.
    """
    findings = asyncio.run(_look(selected_app))
    problems = sum(finding.result == "problem" for finding in findings)
    if as_json:
        say(json.dumps({"ok": not problems, "checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            _show(finding, width)
        say(f"{problems} {'problem' if problems == 1 else 'problems'} found." if problems else "No problem found.")
    return 1 if problems else 0


async def _look(selected_app: SelectedApp) -> list[Finding]:
    definition, findings = _app_file(selected_app)
    app: App | None = None
    if definition is not None:
        try:
            app = definition.build("run")
            app_findings, is_running = _app(app)
            findings += app_findings + await check_clusters(app, is_running)
        except (DefinitionError, AppFileError) as error:
            text = f"{error.message}; fairlead run shows {'it' if len(getattr(error, 'errors', ())) == 1 else 'them'}"
            findings.append(Finding("App", "problem", text, error.remedy or ""))
    machine = [doctor_checks.check_python(), await doctor_checks.check_engine(app)]
    machine += [*doctor_checks.check_folders(), *doctor_checks.check_limits()]
    return machine + findings


def _app_file(selected_app: SelectedApp) -> tuple[Definition | None, list[Finding]]:
    try:
        return selected_app.load(), []
    except UsageError as error:
        if selected_app.apphost_option is not None:
            raise
        return None, [Finding.of("App", error, "note")]
    except FairleadError as error:
        return None, [Finding.of("App", error)]


def _app(app: App) -> tuple[list[Finding], bool]:
    """What there is to say of an app, and whether it runs."""
    try:
        settings = find_settings(app.directory)
        app_id = app_identity(app, settings)
        record = running_instance(app_id)
        foreign_lines: list[str] = []
        sources = parameter_sources(app, RunOptions(warn=foreign_lines.append), app_id, settings)
    except FairleadError as error:
        return [Finding.of("App", error)], False
    state = f", running as process {record.pid}" if record is not None else ""
    findings = [
        Finding("App", "fine", f"{app.name} in {display_path(app.file)}, {len(app.resources)} resources{state}"),
        *(Finding("Files", "note", text) for text in foreign_lines),
        *doctor_checks.check_env_files(app),
        *doctor_checks.check_parameters(app, sources),
        *doctor_checks.check_programs(app),
    ]
    return findings, record is not None


def _show(finding: Finding, width: int) -> None:
    mark, color = _MARKS[finding.result]
    say(f"{style(mark, fg=color, bold=True)} {style(finding.check.ljust(width), bold=True)}  {finding.text}")
    if finding.remedy:
        for line in finding.remedy.splitlines():
            say(f"  {' ' * width}  {line}")
