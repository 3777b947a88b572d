"""``fairlead resources``: the resources of a running app and how they are."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from fairlead.cli.client import Client
from fairlead.cli.options import apphost_option, follow_option, json_option
from fairlead.cli.screens.appearance import display_name, health_color, is_settled_parameter, state_color
from fairlead.cli.screens.causes import causes_lines
from fairlead.cli.screens.table import Cell, Column, Row, render, rich_lines, rich_table
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import is_terminal, say, style, use_color
from fairlead.runtime.lifecycle.state_text import (
    Resource,
    change_line,
    health_text,
    problem_text,
    state_text,
    urls_text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

COLUMNS = (Column("Name", 12), Column("State"), Column("Health"), Column("URL or reason", 20))


@click.command()
@follow_option
@json_option
@apphost_option
@click.pass_obj
def resources(selected_app: SelectedApp, follow: bool, as_json: bool) -> None:
    """Show the resources of the running app and their states, and what needs a person, with the reasons.

    With --follow, print a line for each change.
    """
    client = Client.of(selected_app)
    if follow:
        _follow(client, as_json)
        return
    answer = {**client.get("/api/resources"), **client.get("/api/causes")}
    if as_json:
        say(json.dumps(answer, indent=2))
        return
    for line in table(answer["resources"], _width(), use_color()):
        say(line)
    if causes := causes_lines(answer["causes"], style):
        say("\n" + "\n".join(causes))
    if changed := client.get("/api/app")["changed"]:
        say(f"\n{', '.join(changed)} changed since: `fairlead reload` applies what differs.")


def _follow(client: Client, as_json: bool) -> None:
    try:
        for resource in client.follow("/api/resources"):
            say(json.dumps(resource) if as_json else f"{time.strftime('%H:%M:%S')} {_change(resource)}")
            sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _change(resource: Resource) -> str:
    if resource.get("removed"):
        return f"{resource['id']}  {style('gone', dim=True)}"
    return f"{resource['id']}  {style(change_line(resource), fg=state_color(resource))}"


def _width() -> int | None:
    return shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None


def table(resources: Sequence[Resource], width: int | None, color: bool) -> list[str]:
    """The table of resources, children below their parents, and below it the parameters that have their values.

    Args:
        resources: As the control API shows them.
        width: How many columns there are; None for no end of them.
        color: Whether in colour.
    """
    if width is not None:
        return rich_lines(rich_parts(resources, width), width, color)
    parameters = parameters_line(resources)
    lines = render(COLUMNS, rows(resources), None, color)
    return [*lines, style(parameters, dim=True) if color else parameters] if parameters else lines


def rich_parts(resources: Sequence[Resource], width: int) -> list[RenderableType]:
    """The same for rich to draw."""
    from rich.text import Text

    parameters = parameters_line(resources)
    parts: list[RenderableType] = [rich_table(COLUMNS, rows(resources), width)]
    return [*parts, Text(parameters, "dim", no_wrap=True, overflow="ellipsis")] if parameters else parts


def rows(resources: Iterable[Resource]) -> list[Row]:
    """The rows of the table. Parameters have one only while something is the matter with them."""
    shown = [resource for resource in resources if not is_settled_parameter(resource)]
    return [_row(resource, branch) for resource, branch in in_tree(shown)]


def parameters_line(resources: Iterable[Resource]) -> str:
    """The parameters that have no row, in a line; empty without any."""
    names = [resource["name"] for resource in resources if is_settled_parameter(resource)]
    return f"Parameters: {', '.join(names)}" if names else ""


def _row(resource: Resource, branch: str) -> Row:
    problem = problem_text(resource)
    color = state_color(resource)
    return [
        Cell(branch + display_name(resource), bold=True),
        Cell(state_text(resource), color, dim=color is None),
        Cell(health_text(resource), health_color(resource)),
        Cell(problem, color if color != "green" else None) if problem else Cell(urls_text(resource)),
    ]


def in_tree(resources: Sequence[Resource]) -> list[tuple[Resource, str]]:
    """The resources, each behind its parent and otherwise in their order, with the branch that leads to each.

    Args:
        resources: Those to show; one whose parent is not among them stands by itself.
    """
    ids = {resource["id"] for resource in resources}
    children: dict[str | None, list[Resource]] = {}
    for resource in resources:
        parent = resource["parent"] if resource["parent"] in ids else None
        children.setdefault(parent, []).append(resource)
    tree: list[tuple[Resource, str]] = []

    def add(resource: Resource, branch: str, indent: str) -> None:
        tree.append((resource, branch))
        below = children.get(resource["id"], [])
        for child in below:
            is_last = child is below[-1]
            add(child, indent + ("└ " if is_last else "├ "), indent + ("  " if is_last else "│ "))

    for root in children.get(None, []):
        add(root, "", "")
    return tree
