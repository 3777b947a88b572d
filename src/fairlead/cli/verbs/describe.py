"""``fairlead describe``: all about one resource."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.completion import RESOURCE
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.screens.appearance import health_color, state_color
from fairlead.cli.screens.causes import CauseDocument, causes_lines, concerning
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import say, style
from fairlead.model.command import LIFECYCLE_COMMANDS
from fairlead.runtime.lifecycle.state_text import Resource, is_up, one_line, state_text

_COMING_UP = ("Starting", "Building", "Waiting")


@click.command()
@click.argument("name", type=RESOURCE)
@json_option
@apphost_option
@click.pass_obj
def describe(selected_app: SelectedApp, name: str, as_json: bool) -> None:
    """Show one resource: state and why, health checks, URLs, replicas, environment (secrets masked), and commands."""
    client = Client.of(selected_app)
    resource = client.get(resource_path(name))
    causes = concerning(client.get("/api/causes")["causes"], resource)
    if as_json:
        say(json.dumps({**resource, "causes": causes}, indent=2))
        return
    for line in _lines(resource, causes):
        say(line)


def _lines(resource: Resource, causes: Sequence[CauseDocument]) -> Iterator[str]:
    yield f"{style(resource['name'], bold=True)}  {resource['type']}"
    yield from _facts(resource)
    yield from _section("Why", causes_lines(causes, style))
    yield from _section("Waits", _waits(resource))
    yield from _section("Health checks", _reports(resource))
    yield from _section("Replicas", _replicas(resource))
    yield from _section("Properties", [f"{name} = {value}" for name, value in resource["properties"].items()])
    yield from _section("Environment", [f"{variable['name']}={variable['value']}" for variable in _sorted(resource)])
    yield from _section("Commands", _commands(resource))


def _facts(resource: Resource) -> Iterator[str]:
    yield _fact("State", style(state_text(resource), fg=state_color(resource)))
    if resource["health"] and resource["reports"]:
        yield _fact("Health", style(resource["health"], fg=health_color(resource)))
    for text in resource["waiting_for"] if not resource["waits"] else ():
        yield _fact("Waits for", text)
    if resource["reason"]:
        yield _fact("Reason", one_line(resource["reason"]))
    if resource["origin"] == "observed":
        yield _fact("Id", resource["id"])
    if resource["parent"]:
        yield _fact("Part of", resource["parent"])
    for url in resource["urls"]:
        yield _fact("URL", f"{url['url']}  ({url['name']})")
    if resource["started_at"] is not None:
        count = f", {_times(resource['starts'])}" if resource["origin"] == "declared" else ""
        yield _fact("Started", _moment(resource["started_at"]) + count)
    if resource["stopped_at"] is not None and not is_up(resource) and resource["state"] not in _COMING_UP:
        yield _fact("Ended", _moment(resource["stopped_at"]))


def _reports(resource: Resource) -> list[str]:
    return [
        f"{report['name']}  {style(report['status'], fg=health_color({'health': report['status']}))}"
        + (f"  {one_line(report['description'])}" if report["description"] else "")
        for report in resource["reports"]
    ]


def _waits(resource: Resource) -> list[str]:
    """What its last start waits for, or has waited for."""
    return [
        f"{wait['resource']} {wait['condition']}  "
        + (style("yes", fg="green") if wait["satisfied"] else style(f"not yet: {wait['why_not']}", fg="yellow"))
        for wait in resource["waits"]
    ]


def _replicas(resource: Resource) -> list[str]:
    return [
        f"{replica['id']}  {replica['state']}"
        + (f"  {replica['health']}" if replica["health"] else "")
        + "".join(f"  {name} = {value}" for name, value in replica["properties"].items())
        for replica in resource["replicas"]
    ]


def _sorted(resource: Resource) -> list[Mapping[str, Any]]:
    return sorted(resource["environment"], key=lambda variable: str(variable["name"]))


def _commands(resource: Resource) -> list[str]:
    """What can be given now, and its own commands that can't, with the reason."""
    commands = resource["commands"]
    return [_command(each) for each in commands if each["enabled"] or each["name"] not in LIFECYCLE_COMMANDS]


def _command(command: Mapping[str, Any]) -> str:
    inputs = [f"--input {entry['name']}={entry['kind'].upper()}" for entry in command["inputs"]]
    why_not = [style(f"({command['why_not']})", dim=True)] if command["why_not"] else []
    return "  ".join([f"{command['name']}: {command['display']}", *inputs, *why_not])


def _fact(title: str, text: str) -> str:
    return f"  {style(f'{title:<10}', dim=True)} {text}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"  {style(title, dim=True)}"
        yield from (f"    {line}" for line in lines)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
