"""``fairlead start``, ``stop`` and ``restart``: of one resource; ``stop`` also of whole apps."""

from __future__ import annotations

import json
from typing import cast

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.completion import RESOURCE
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.screens.appearance import state_color
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import display_path, say, style
from fairlead.errors import UsageError
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.state_text import Resource, change_line
from fairlead.runtime.store.instance import RunRecord, definition_digest, running_instances

_ON_THE_WAY = (State.STARTING, State.BUILDING, State.STOPPING)
_FAILED = (State.FAILED_TO_START, State.VALUE_MISSING)


@click.command()
@click.argument("name", type=RESOURCE)
@json_option
@apphost_option
@click.pass_obj
def start(selected_app: SelectedApp, name: str, as_json: bool) -> int:
    """Start a resource; one that waits for others starts without them.

    Returns when it is up, has ended, or waits. Exits with 1 if it failed to start.
    """
    client = Client.of(selected_app)
    _warn_of_edit(client.record)
    client.post(resource_path(name, "commands", "start"))
    return _show(_settled(client, name), as_json)


@click.command()
@click.argument("name", type=RESOURCE)
@json_option
@apphost_option
@click.pass_obj
def restart(selected_app: SelectedApp, name: str, as_json: bool) -> int:
    """Stop a resource and start it again.

    Returns when it is up, has ended, or waits. Exits with 1 if it failed to start.
    """
    client = Client.of(selected_app)
    _warn_of_edit(client.record)
    client.post(resource_path(name, "commands", "restart"))
    return _show(_settled(client, name), as_json)


@click.command()
@click.argument("name", required=False, type=RESOURCE)
@click.option("--all", "everything", is_flag=True, help="Stop all your apps on this machine.")
@json_option
@apphost_option
@click.pass_obj
def stop(selected_app: SelectedApp, name: str | None, everything: bool, as_json: bool) -> None:
    """Stop a resource, or the app if no NAME is given. Returns when it has ended."""
    if name is not None and everything:
        raise UsageError("stop takes a name or --all, not both")
    if name is not None:
        client = Client.of(selected_app)
        client.post(resource_path(name, "commands", "stop"))
        _show(client.get(resource_path(name)), as_json)
        return
    clients = [Client(record) for record in running_instances()] if everything else [Client.of(selected_app)]
    for client in clients:
        say(f"Stopping {client.record.name}…", err=True)
        client.post("/api/stop")
    for client in clients:
        client.wait_until_gone()
        if not as_json:
            say(f"{style(client.record.name, bold=True)} has stopped.")
    if as_json:
        say(json.dumps({"stopped": [{"app": c.record.name, "app_id": c.record.app_id} for c in clients]}))
    elif not clients:
        say("No app runs.")


def _warn_of_edit(record: RunRecord) -> None:
    """Say so where the app file is another by now: a run goes by the definition that it began with."""
    if record.definition and definition_digest(record.apphost) != record.definition:
        say(
            f"{style('warning: ', fg='yellow', bold=True)}{display_path(record.apphost)} has changed, and the run does "
            "not go by that yet. `fairlead reload` applies what differs.",
            err=True,
        )


def _settled(client: Client, name: str) -> Resource:
    """A resource that has just been started, once it is known what comes of it.

    Raises:
        NotRunning: The app has ended meanwhile.
    """
    for resource in client.follow("/api/resources"):
        if resource.get("name", "").lower() == name.lower() and resource["state"] not in _ON_THE_WAY:
            return cast(Resource, resource)
    raise client.gone()


def _show(resource: Resource, as_json: bool) -> int:
    if as_json:
        say(json.dumps(resource))
    else:
        say(f"{style(resource['name'], bold=True)}  {style(change_line(resource), fg=state_color(resource))}")
    return 1 if resource["state"] in _FAILED else 0
