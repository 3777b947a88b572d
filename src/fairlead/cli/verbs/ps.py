"""``fairlead ps``: the apps that run on this machine."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict

import click

from fairlead.cli.options import json_option
from fairlead.cli.screens.table import Cell, Column, render
from fairlead.cli.terminal import display_path, is_terminal, say, use_color
from fairlead.runtime.store.instance import running_instances

_COLUMNS = (Column("App", 8), Column("Process"), Column("Since"), Column("App file", 20))


@click.command()
@json_option
def ps(as_json: bool) -> None:
    """Show your apps that run on this machine."""
    records = running_instances()
    if as_json:
        say(json.dumps({"apps": [_document(asdict(record)) for record in records]}, indent=2))
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


def _document(record: dict[str, object]) -> dict[str, object]:
    return {"app": record.pop("name"), **record}
