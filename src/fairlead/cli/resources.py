"""``fairlead resources``: the resources of a running app and how they are."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from fairlead.cli.client import Client
from fairlead.cli.options import apphost_option, follow_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.table import Cell, Column, render
from fairlead.cli.terminal import is_terminal, say, style, use_color
from fairlead.cli.wording import (
    change_line,
    health_color,
    health_text,
    problem_text,
    state_color,
    state_text,
    urls_text,
)

COLUMNS = (Column("Name", 12), Column("State"), Column("Health"), Column("URL or reason", 20))


@click.command()
@follow_option
@json_option
@apphost_option
@click.pass_obj
def resources(selected_app: SelectedApp, follow: bool, as_json: bool) -> None:
    """Show the resources of the running app and how they are.

    With --follow each change is a line.
    """
    client = Client.of(selected_app)
    if follow:
        _follow(client, as_json)
        return
    answer = client.get("/api/resources")
    if as_json:
        say(json.dumps(answer, indent=2))
        return
    for line in table(answer["resources"], _width(), use_color()):
        say(line)


def _follow(client: Client, as_json: bool) -> None:
    try:
        for resource in client.follow("/api/resources"):
            if as_json:
                say(json.dumps(resource))
            else:
                text = style(change_line(resource), fg=state_color(resource))
                say(f"{time.strftime('%H:%M:%S')} {resource['name']}  {text}")
            sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _width() -> int | None:
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def table(resources: Iterable[Mapping[str, Any]], width: int | None, color: bool) -> list[str]:
    """The table of resources, children below their parents.

    Args:
        resources: As the control API shows them.
        width: How many columns there are; None for no end of them.
        color: Whether in colour.
    """
    rows = [_row(resource, depth) for resource, depth in in_tree(list(resources))]
    return render(COLUMNS, rows, width, color)


def _row(resource: Mapping[str, Any], depth: int) -> list[Cell]:
    matter = problem_text(resource)
    name = ("  " * (depth - 1) + "└ " if depth else "") + resource["name"]
    color = state_color(resource)
    return [
        Cell(name, bold=True),
        Cell(state_text(resource), color, dim=color is None),
        Cell(health_text(resource), health_color(resource)),
        Cell(matter, color if color != "green" else None) if matter else Cell(urls_text(resource)),
    ]


def in_tree(resources: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """The resources with their depth, each behind its parent, otherwise in their order."""
    names = {resource["name"] for resource in resources}
    children: dict[str | None, list[Mapping[str, Any]]] = {}
    for resource in resources:
        parent = resource["parent"] if resource["parent"] in names else None
        children.setdefault(parent, []).append(resource)
    found: list[tuple[Mapping[str, Any], int]] = []
    pending = [(resource, 0) for resource in reversed(children.get(None, []))]
    while pending:
        resource, depth = pending.pop()
        found.append((resource, depth))
        pending += [(child, depth + 1) for child in reversed(children.get(resource["name"], []))]
    return found
