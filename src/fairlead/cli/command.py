"""``fairlead command``: give a resource one of its own commands."""

from __future__ import annotations

import json
import sys

import click

from fairlead.cli.client import Client
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import is_terminal, say
from fairlead.errors import UsageError


@click.command()
@click.argument("name")
@click.argument("command", metavar="COMMAND")
@click.option("--yes", "-y", is_flag=True, help="Don't ask whether it is meant.")
@json_option
@apphost_option
@click.pass_obj
def command(selected_app: SelectedApp, name: str, command: str, yes: bool, as_json: bool) -> int:
    """Give a resource one of its own commands; `describe` lists them. Shows what it answers."""
    client = Client.of(selected_app)
    if not yes:
        offered = client.get(f"/api/resources/{name}")["commands"]
        question = next((entry["confirm"] for entry in offered if entry["name"] == command), None)
        if question and not is_terminal(sys.stdin):
            raise UsageError(f"{command} asks first: {question}", resource=name, remedy="Say --yes if it is meant.")
        if question and not click.confirm(question, err=True):
            return 1
    answer = client.post(f"/api/resources/{name}/commands/{command}")
    if as_json:
        say(json.dumps(answer))
    elif answer["message"]:
        say(answer["message"])
    return 0
