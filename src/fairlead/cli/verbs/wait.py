"""``fairlead wait``: for scripts that go on once a resource is there."""

from __future__ import annotations

import json

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.completion import RESOURCE
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.screens.appearance import state_color
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import say, style
from fairlead.runtime.lifecycle.state_text import change_line


@click.command()
@click.argument("name", type=RESOURCE)
@click.option(
    "--for",
    "condition",
    type=click.Choice(["running", "healthy", "completed"]),
    default="healthy",
    show_default=True,
    help="Condition to wait for.",
)
@click.option(
    "--timeout", type=click.FloatRange(min=0), default=120, show_default=True, metavar="SECONDS", help="Longest wait."
)
@json_option
@apphost_option
@click.pass_obj
def wait(selected_app: SelectedApp, name: str, condition: str, timeout: float, as_json: bool) -> None:
    """Wait until a resource is running, healthy or completed.

    Exits with 17 if that takes longer than the timeout, and with 18 if the resource fails.
    """
    client = Client.of(selected_app)
    resource = client.get(resource_path(name, "wait"), [("for", condition), ("timeout", timeout)], seconds=None)
    if as_json:
        say(json.dumps(resource))
    else:
        say(f"{style(resource['name'], bold=True)}  {style(change_line(resource), fg=state_color(resource))}")
