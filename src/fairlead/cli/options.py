"""Options that many verbs have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from fairlead.cli.overview import APPHOST_HELP
from fairlead.cli.selected_app import SelectedApp
from fairlead.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def _note_apphost(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    if path is not None:
        selected_app = context.obj
        if selected_app.own_apphost is not None:
            raise UsageError(f"this is the command line of {selected_app.own_apphost.name}; it needs no --apphost")
        selected_app.apphost_option = path


def _note_json(context: click.Context, parameter: click.Parameter, wanted: bool) -> bool:
    if wanted:
        context.ensure_object(SelectedApp).as_json = True
    return wanted


apphost_option: Callable[[F], F] = click.option(
    "--apphost",
    metavar="PATH",
    type=click.Path(path_type=Path),
    callback=_note_apphost,
    expose_value=False,
    is_eager=True,
    help=APPHOST_HELP,
)

json_option: Callable[[F], F] = click.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,  # so that what is wrong with the other arguments is JSON as well
    callback=_note_json,
    help="Print JSON, also for an error; with --follow one object per line.",
)

follow_option: Callable[[F], F] = click.option(
    "-f", "--follow", is_flag=True, help="Keep printing new output until the app ends or you press Ctrl+C."
)
