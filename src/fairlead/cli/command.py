"""``fairlead command``: run a custom command of a resource."""

from __future__ import annotations

import json
import sys

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import is_terminal, say
from fairlead.errors import UsageError


@click.command()
@click.argument("name")
@click.argument("command", metavar="COMMAND")
@click.option("--yes", "-y", is_flag=True, help="Run without asking for confirmation.")
@json_option
@apphost_option
@click.pass_obj
def command(selected_app: SelectedApp, name: str, command: str, yes: bool, as_json: bool) -> int:
    """Run a custom command of a resource and print its answer; `describe` lists the commands."""
    client = Client.of(selected_app)
    if not yes:
        offered = client.get(resource_path(name))["commands"]
        question = next((entry["confirm"] for entry in offered if entry["name"] == command), None)
        if question and not is_terminal(sys.stdin):
            raise UsageError(f"{command} asks first: {question}", resource=name, remedy="Confirm it with --yes.")
        if question and not click.confirm(question, err=True):
            return 1
    answer = client.post(resource_path(name, "commands", command))
    if as_json:
        say(json.dumps(answer))
    elif answer["message"]:
        say(answer["message"])
    return 0
