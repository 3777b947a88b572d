"""``fairlead command``: run a custom command of a resource."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.completion import COMMAND, RESOURCE
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import display_path, is_terminal, say
from fairlead.errors import UsageError

Declared = Mapping[str, Any]


@click.command()
@click.argument("name", type=RESOURCE)
@click.argument("command", metavar="COMMAND", type=COMMAND)
@click.option(
    "--input",
    "-i",
    "input_texts",
    metavar="NAME=VALUE",
    multiple=True,
    help="Give one of the command's inputs; a secret one by NAME=@FILE.",
)
@click.option("--yes", "-y", is_flag=True, help="Run without asking for confirmation.")
@json_option
@apphost_option
@click.pass_obj
def command(
    selected_app: SelectedApp, name: str, command: str, input_texts: tuple[str, ...], yes: bool, as_json: bool
) -> int:
    """Run a custom command of a resource and print its answer; `describe` lists the commands.

    Required inputs that are not given are asked for in a terminal.
    """
    client = Client.of(selected_app)
    offered = client.get(resource_path(name))["commands"]
    view: Declared = next((entry for entry in offered if entry["name"] == command), {})
    declared = {entry["name"]: entry for entry in view.get("inputs", ())}
    inputs = dict(_read(name, text, declared) for text in input_texts)
    inputs |= _ask(declared, inputs)
    if not yes and not _is_confirmed(name, command, view.get("confirm")):
        return 1
    answer = client.post(resource_path(name, "commands", command), {"inputs": inputs})
    if as_json:
        say(json.dumps(answer))
    else:
        if answer["message"]:
            say(answer["message"])
        if answer["data"] is not None:
            say(json.dumps(answer["data"], indent=2))
    return 0


def _read(resource: str, text: str, declared: Mapping[str, Declared]) -> tuple[str, str]:
    """An input as the command line has it.

    Raises:
        UsageError: It has no value, is a secret in the open, or names a file that can't be read.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--input {name} has no value", resource=resource, remedy="Write --input NAME=VALUE.")
    if value.startswith("@"):
        return name, _content(resource, Path(value[1:]))
    if declared.get(name, {}).get("kind") == "secret":
        raise UsageError(
            f"the input {name!r} is secret, and a command line can be seen by everyone",
            resource=resource,
            remedy=f"Give --input {name}=@FILE, or leave it out to be asked for it.",
        )
    return name, value


def _content(resource: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{display_path(file)} can't be read: {reason}", resource=resource) from error


def _ask(declared: Mapping[str, Declared], inputs: Mapping[str, str]) -> dict[str, str]:
    """The required inputs that were not given, from the user, where there is one."""
    if not is_terminal(sys.stdin):
        return {}
    return {
        name: click.prompt(
            entry["label"],
            hide_input=entry["kind"] == "secret",
            type=click.Choice(entry["choices"]) if entry["choices"] else str,
            err=True,
        )
        for name, entry in declared.items()
        if entry["required"] and entry["default"] is None and name not in inputs
    }


def _is_confirmed(resource: str, command: str, question: str | None) -> bool:
    if not question:
        return True
    if not is_terminal(sys.stdin):
        raise UsageError(f"{command} asks first: {question}", resource=resource, remedy="Confirm it with --yes.")
    return click.confirm(question, err=True)
