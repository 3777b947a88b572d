"""``fairlead exec``: run a command where a resource runs, in place of this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from fairlead.cli.client import Client, resource_path
from fairlead.cli.completion import RESOURCE
from fairlead.cli.options import apphost_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import is_terminal
from fairlead.engines.command import ProcessSpec, explain, find_executable


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("name", type=RESOURCE)
@click.argument("command", nargs=-1, required=True, metavar="COMMAND [ARGUMENT]...", type=click.UNPROCESSED)
@apphost_option
@click.pass_obj
def exec_(selected_app: SelectedApp, name: str, command: tuple[str, ...]) -> NoReturn:
    """Run a command inside a resource's container or, for a process, in its folder with its environment.

    Exits with the exit code of the command. Of several replicas it takes the first.
    """
    if command[0] == "--":  # `exec api -- ls -l`, as of kubectl and docker compose
        command = command[1:]
    if not command:
        raise click.UsageError("Missing argument 'COMMAND [ARGUMENT]...'.")
    terminal = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    body = {"argv": command, "terminal": terminal}
    host_command = Client.of(selected_app).post(resource_path(name, "exec"), body)
    folder = host_command["cwd"] or str(Path.cwd())
    spec = ProcessSpec(tuple(host_command["argv"]), folder, {**os.environ, **host_command["env"]})
    program = find_executable(spec)
    os.chdir(spec.cwd)
    try:
        os.execve(program, spec.argv, dict(spec.env))  # noqa: S606 - no shell is what is wanted
    except OSError as error:
        raise explain(spec, program, error) from error
