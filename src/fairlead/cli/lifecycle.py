"""``fairlead start``, ``stop`` and ``restart``: of one resource; ``stop`` also of whole apps."""

from __future__ import annotations

import json
from typing import Any

import click

from fairlead.cli.client import Client
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.target import Target
from fairlead.cli.terminal import say, style
from fairlead.cli.wording import change_line, state_color
from fairlead.errors import UsageError
from fairlead.runtime.instance import running_instances


@click.command()
@click.argument("name")
@json_option
@apphost_option
@click.pass_obj
def start(target: Target, name: str, as_json: bool) -> None:
    """Start a resource; one that is waiting for others starts without them."""
    _command(Client.of(target), name, "start", as_json)


@click.command()
@click.argument("name")
@json_option
@apphost_option
@click.pass_obj
def restart(target: Target, name: str, as_json: bool) -> None:
    """Stop a resource and start it again."""
    _command(Client.of(target), name, "restart", as_json)


@click.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Stop all apps of yours on this machine.")
@json_option
@apphost_option
@click.pass_obj
def stop(target: Target, name: str | None, everything: bool, as_json: bool) -> None:
    """Stop a resource, or without a name the app; returns when it has ended."""
    if name is not None and everything:
        raise UsageError("stop takes a name or --all, not both")
    if name is not None:
        _command(Client.of(target), name, "stop", as_json)
        return
    clients = [Client(record) for record in running_instances()] if everything else [Client.of(target)]
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


def _command(client: Client, name: str, command: str, as_json: bool) -> None:
    client.post(f"/api/resources/{name}/commands/{command}")
    resource: dict[str, Any] = client.get(f"/api/resources/{name}")
    if as_json:
        say(json.dumps(resource))
    else:
        say(f"{style(resource['name'], bold=True)}  {style(change_line(resource), fg=state_color(resource))}")
