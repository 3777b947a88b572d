"""``fairlead parameters``: what the parameters are, and giving one a value."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairlead.cli.client import Client, find_running
from fairlead.cli.completion import PARAMETER
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.screens.table import Cell, Column, render
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import display_path, is_terminal, say, style, use_color
from fairlead.errors import NotRunning, UsageError
from fairlead.runtime.lifecycle.state_text import is_up

if TYPE_CHECKING:
    from fairlead.model.app import App
    from fairlead.model.parameter import Parameter
    from fairlead.runtime.values.parameters import ParameterSources

_COLUMNS = (Column("Parameter", 12), Column("Value", 12), Column("From", 12), Column("For", 12))
_NOTHING = "nothing gives it a value"


@click.group(invoke_without_command=True)
@json_option
@apphost_option
@click.pass_context
def parameters(context: click.Context, as_json: bool) -> None:
    """Show the parameters, their values (secrets masked), and where these come from."""
    if context.invoked_subcommand is not None:
        return
    selected_app: SelectedApp = context.obj
    app = selected_app.load().build("run")
    sources, live = _sources(app), _live(selected_app)
    documents = [_document(parameter, sources) | live.get(parameter.name, {}) for parameter in _parameters(app)]
    if as_json:
        say(json.dumps({"parameters": documents}, indent=2))
    elif not documents:
        say(f"{app.name} has no parameters.", err=True)
    else:
        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
        for line in render(_COLUMNS, [_row(document) for document in documents], width, use_color()):
            say(line)


@parameters.command("set")
@click.argument("name", type=PARAMETER)
@click.argument("value", required=False)
@click.option("--store", is_flag=True, help="Keep the value for later runs, in a file that only you can read.")
@apphost_option
@click.pass_obj
def set_parameter(selected_app: SelectedApp, name: str, value: str | None, store: bool) -> None:
    """Set a parameter to VALUE, to the content of @FILE, or to what is typed or piped in; a secret never as VALUE.

    The running app uses it at once, and resources that wait for it continue; with --store it also counts in later runs.
    """
    app = selected_app.load().build("run")
    parameter = _named(app, name)
    try:
        client = Client(find_running(selected_app))
    except NotRunning as error:
        if not store:
            error.remedy = "Start it, or keep the value for later runs: --store."
            raise
        client = None
    text = _value(parameter, value)
    if client is not None:
        client.post(f"/api/parameters/{parameter.name}", {"value": text, "store": store})
    else:
        _sources(app).give(parameter, text, store=True)
    say(f"{style(parameter.name, bold=True)} is {'stored' if store else 'set for this run'}.")
    if client is not None:
        say("What runs with an older value gets it when it is started again.", err=True)


@parameters.command("forget")
@click.argument("name")
@apphost_option
@click.pass_obj
def forget_parameter(selected_app: SelectedApp, name: str) -> None:
    """Remove the stored value of a parameter; the running app goes on with it."""
    from fairlead.runtime.values.parameters import forgotten_text

    app = selected_app.load().build("run")
    parameter = _named(app, name)
    try:
        Client(find_running(selected_app)).post(f"/api/parameters/{parameter.name}/forget", {})
    except NotRunning:
        _sources(app).forget(parameter)
    say(forgotten_text(parameter))


def _parameters(app: App) -> list[Parameter]:
    from fairlead.model.parameter import Parameter

    return [resource for resource in app if isinstance(resource, Parameter)]


def _sources(app: App) -> ParameterSources:
    from fairlead.runtime.run_options import RunOptions, parameter_sources
    from fairlead.runtime.store.project_settings import app_identity, find_settings

    settings = find_settings(app.directory)
    return parameter_sources(app, RunOptions(), app_identity(app, settings), settings)


def _live(selected_app: SelectedApp) -> dict[str, dict[str, str]]:
    """What the parameters of the app are while it runs, if it does."""
    try:
        resources = Client.of(selected_app).get("/api/resources")["resources"]
    except NotRunning:
        return {}
    return {
        resource["name"]: {name: resource["properties"][name] for name in ("value", "source")}
        for resource in resources
        if resource["type"] == "Parameter" and is_up(resource)
    }


def _named(app: App, name: str) -> Parameter:
    known = {parameter.name.lower(): parameter for parameter in _parameters(app)}
    if name.lower() in known:
        return known[name.lower()]
    names = ", ".join(repr(parameter.name) for parameter in known.values()) or "none"
    raise UsageError(f"{app.name} has no parameter {name!r}", remedy=f"It has {names}.")


def _value(parameter: Parameter, argument: str | None) -> str:
    """The value, from where it can be given without being seen.

    Raises:
        UsageError: A secret is given in the open, or a file can't be read.
    """
    if argument is None:
        if is_terminal(sys.stdin):
            answer: str = click.prompt(parameter.name, hide_input=parameter.secret, err=True)
            return answer
        return _not_empty(parameter, sys.stdin.read().removesuffix("\n"), "standard input")
    if argument.startswith("@"):
        return _not_empty(parameter, _content(parameter, argument[1:]), display_path(argument[1:]))
    if parameter.secret:
        raise UsageError(
            "it is secret, and a command line can be seen by everyone",
            resource=parameter.name,
            remedy="Give @FILE, or leave the value out to be asked for it.",
        )
    return argument


def _content(parameter: Parameter, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{display_path(file)} can't be read: {reason}", resource=parameter.name) from error


def _not_empty(parameter: Parameter, text: str, source: str) -> str:
    """The text that was read for a parameter. An empty one is nearly always a mistake, such as ``</dev/null``.

    Raises:
        UsageError: It is empty.
    """
    if text:
        return text
    empty = "" if parameter.secret else f" An empty value is given by `parameters set {parameter.name} ''`."
    raise UsageError(
        f"{source} is empty, so there is no value", resource=parameter.name, remedy=f"Give @FILE, or pipe it in.{empty}"
    )


def _document(parameter: Parameter, sources: ParameterSources) -> dict[str, Any]:
    from fairlead.model.parameter import Generate

    known = sources.look(parameter)
    value, source = (known.value, known.source) if known else (None, None)
    if known is None and isinstance(parameter.default, Generate):
        source = "generated when it is first needed"
    elif known is None and isinstance(parameter.default, str):
        value, source = parameter.default, "default"
    return {
        "name": parameter.name,
        "secret": parameter.secret,
        "value": "***" if parameter.secret and value is not None else value,
        "source": source,
        "variable": parameter.variable,
        "description": parameter.description,
    }


def _row(document: dict[str, Any]) -> list[Cell]:
    source = document["source"]
    return [
        Cell(document["name"], bold=True),
        Cell(document["value"] or ""),
        Cell(source, dim=True) if source else Cell(_NOTHING, "red"),
        Cell(document["description"]),
    ]
