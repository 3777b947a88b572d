"""``fairlead traces``: the traces of a running app, one of them as a waterfall, and their way to other runs."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from fairlead.cli.client import Client, Query, resource_path
from fairlead.cli.completion import RESOURCE
from fairlead.cli.options import apphost_option, follow_option, json_option
from fairlead.cli.screens.telemetry.trace_list import trace_line, trace_table
from fairlead.cli.screens.telemetry.waterfall import USUAL_WIDTH, waterfall_lines
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import display_path, is_terminal, say, use_color
from fairlead.cli.trace_ids import whole_trace_id
from fairlead.errors import FairleadError, UsageError

_PATH = "/api/telemetry/traces"
_MOST = 5_000
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|)\s*", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "": 1.0}
_FILE = click.Path(path_type=Path)


class Duration(click.ParamType[float]):
    """Reads ``500ms``, ``1.5s`` or ``2min``; a number alone is in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds."""
        match = _DURATION.fullmatch(str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration, such as 500ms or 1.5s", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


@click.command()
@click.argument("trace_id", required=False)
@follow_option
@click.option("-n", "--tail", type=click.IntRange(1, _MOST), default=50, show_default=True, help="Show the last N.")
@click.option("--resource", "resources", multiple=True, type=RESOURCE, help="Only those a resource has part in.")
@click.option("--errors", is_flag=True, help="Only those with an error.")
@click.option("--min", "least", type=Duration(), metavar="DURATION", help="Only those that took so long, as 500ms.")
@click.option("--search", "text", metavar="TEXT", help="Only those with a text in a name or value, or `a.b = value`.")
@click.option(
    "--export", "export_file", type=click.Path(path_type=Path), metavar="FILE", help="Write a trace to a file."
)
@click.option(
    "--import", "import_file", type=click.Path(path_type=Path), metavar="FILE", help="Show the traces of a file."
)
@json_option
@apphost_option
@click.pass_obj
def traces(
    selected_app: SelectedApp,
    trace_id: str | None,
    follow: bool,
    tail: int,
    resources: tuple[str, ...],
    errors: bool,
    least: float | None,
    text: str | None,
    export_file: Path | None,
    import_file: Path | None,
    as_json: bool,
) -> None:
    """Show the traces that resources send by OTLP, or one of them span by span.

    A trace is named by its id, or the first characters of it.
    """
    _check(trace_id, follow, export_file, import_file)
    client = Client.of(selected_app)
    if import_file is not None:
        _import(client, import_file, as_json)
    elif trace_id is not None:
        id = whole_trace_id(client, trace_id)
        if export_file is not None:
            _export(client, id, export_file)
        else:
            _show(client, id, as_json)
    else:
        query: list[tuple[str, str | int | float]] = [("r", _resource_id(client, name)) for name in resources]
        query += [("errors", 1)] if errors else []
        query += [("min", least)] if least is not None else []
        query += [("q", text)] if text else []
        _list(client, query, tail, follow, as_json)


def _check(trace_id: str | None, follow: bool, export_file: Path | None, import_file: Path | None) -> None:
    if export_file is not None and trace_id is None:
        raise UsageError("--export needs a trace", remedy="Name it: `fairlead traces TRACE_ID --export FILE`.")
    if import_file is not None and (trace_id is not None or export_file is not None):
        raise UsageError("--import goes with no trace and no --export")
    if follow and (trace_id is not None or import_file is not None):
        raise UsageError("--follow is for the list of traces", remedy="Leave it out, or leave the trace out.")


def _resource_id(client: Client, name: str) -> str:
    id: str = client.get(resource_path(name))["id"]
    return id


def _list(client: Client, query: Query, tail: int, follow: bool, as_json: bool) -> None:
    answer = client.get(_PATH, [*query, ("limit", tail)], seconds=None)
    if not follow:
        if as_json:
            say(json.dumps(answer))
            return
        oldest_first = answer["traces"][::-1]
        for line in trace_table(oldest_first, _width(), use_color()) if oldest_first else ():
            say(line)
        _say_rest(answer, len(oldest_first), bool(query))
        return
    for trace in answer["traces"][::-1]:
        say(json.dumps(trace) if as_json else trace_line(trace))
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        _follow(client, [*query, ("after", answer["cursor"])], as_json, {each["trace_id"] for each in answer["traces"]})


def _say_rest(answer: dict[str, Any], shown: int, filtered: bool) -> None:
    """Say what is not in the table, and why it may be empty."""
    total, dropped = answer["counts"]["total"], answer["kept"]["dropped"]
    if not shown:
        say("No trace matches." if filtered else "No traces yet. Resources that send OTLP appear here.", err=True)
    elif total > shown and not filtered:
        say(f"{total:,} traces are kept; --tail {min(total, _MOST)} shows more of them.", err=True)
    if dropped:
        say(f"{dropped:,} older traces were dropped: the last {answer['kept']['limit']:,} are kept.", err=True)


def _follow(client: Client, query: Query, as_json: bool, shown: set[str]) -> None:
    """Write each trace once it is complete, as JSON each time it changes."""
    for trace in client.follow(_PATH, query, cursor_field="version"):
        if as_json:
            say(json.dumps(trace))
        elif not trace["running"] and trace["trace_id"] not in shown:
            shown.add(trace["trace_id"])
            say(trace_line(trace))
        sys.stdout.flush()


def _show(client: Client, id: str, as_json: bool) -> None:
    document = client.get(f"{_PATH}/{id}", seconds=None)
    if as_json:
        say(json.dumps(document))
        return
    for line in waterfall_lines(document, _width() or USUAL_WIDTH):
        say(line)


def _export(client: Client, id: str, file: Path) -> None:
    text = json.dumps(client.get(f"{_PATH}/{id}/export", seconds=None))
    if str(file) == "-":
        say(text)
        return
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise FairleadError(f"{display_path(file)} can't be written: {error.strerror}") from error
    say(f"Wrote trace {id} to {display_path(file)}.", err=True)


def _import(client: Client, file: Path, as_json: bool) -> None:
    try:
        document = json.loads(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{display_path(file)} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise UsageError(f"{display_path(file)} is not JSON") from None
    answer = client.post("/api/telemetry/import", document)
    if as_json:
        say(json.dumps(answer))
        return
    for id in answer["traces"]:
        say(id)
    _say_imported(answer["traces"])


def _say_imported(ids: Sequence[str]) -> None:
    say(f"Imported {len(ids)} {'trace' if len(ids) == 1 else 'traces'}. `fairlead traces {ids[0]}` shows it.", err=True)


def _width() -> int | None:
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
