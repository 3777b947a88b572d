"""``fairlead ps``: the apps that run on this machine."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict

import click

from fairlead.cli.client import Client
from fairlead.cli.options import json_option
from fairlead.cli.screens.table import Cell, Column, render
from fairlead.cli.terminal import display_path, is_terminal, say, use_color
from fairlead.errors import FairleadError
from fairlead.runtime.store.instance import RunRecord, running_instances

_ANSWER_SECONDS = 2.0
_COLUMNS = (Column("App", 8), Column("Process"), Column("Since"), Column("App file", 20))


@click.command()
@json_option
def ps(as_json: bool) -> None:
    """Show your apps that run on this machine, and the addresses of their dashboards."""
    records = running_instances()
    pages = {record.app_id: _page(record) for record in records}
    if as_json:
        apps = [{**_document(asdict(record)), "dashboard": pages[record.app_id]} for record in records]
        say(json.dumps({"apps": apps}, indent=2))
        return
    if not records:
        say("No app runs.", err=True)
        return
    rows = [
        [
            Cell(record.name, bold=True),
            Cell(str(record.pid)),
            Cell(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.started))),
            Cell(display_path(record.apphost)),
        ]
        for record in records
    ]
    width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
    for line in render(_COLUMNS, rows, width, use_color()):
        say(line)
    for record in records:
        if page := pages[record.app_id]:
            say(f"Dashboard of {record.name}:\n{page}")


def _page(record: RunRecord) -> str | None:
    """The address of an app's page with its token; None if it has none, or its host does not answer."""
    try:
        address: str | None = Client(record).get("/api/app", seconds=_ANSWER_SECONDS)["dashboard"]
    except FairleadError:
        return None
    return address


def _document(record: dict[str, object]) -> dict[str, object]:
    return {"app": record.pop("name"), **record}
