"""``fairlead reload``: apply a changed app file to the running app."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from fairlead.cli.client import Client
from fairlead.cli.failures import print_document, report
from fairlead.cli.options import apphost_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import say, style
from fairlead.errors import DefinitionError, ModelError
from fairlead.runtime.reload.words import COLORS, done_text, summary_text, would_text


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if something differs.")
@json_option
@apphost_option
@click.pass_obj
def reload(selected_app: SelectedApp, check: bool, as_json: bool) -> int:
    """Read the app file again, show what differs from what runs, and apply just that.

    What is unchanged goes on. A resource that differs in what it is started with is started again, a new one is
    started, one that is no longer there is stopped; what only charts are told changes nothing. With a mistake in the
    definition nothing changes, and it exits with 3.
    """
    client = Client.of(selected_app)
    answer: dict[str, Any] = client.post("/api/reload", {"check": check})
    if answer["errors"]:
        return _refuse(answer["errors"], client.record.name, as_json)
    if as_json:
        say(json.dumps(answer))
    else:
        _show(answer["differences"], applied=answer["applied"])
        say(summary_text(answer["differences"], answer["unchanged"], applied=answer["applied"]))
    return 1 if check and answer["differences"] else 0


def _show(differences: Sequence[Mapping[str, Any]], *, applied: bool) -> None:
    width = max((len(each["name"]) for each in differences), default=0)
    for each in differences:
        deed = done_text(each["action"]) if applied else would_text(each["action"])
        text = style(deed, fg=COLORS[each["action"]])
        note = f" ({each['note']})" if each["note"] else ""
        say(f"{style(each['name'].ljust(width), bold=True)}  {text}: {', '.join(each['parts'])}{note}")


def _refuse(errors: Sequence[Mapping[str, Any]], name: str, as_json: bool) -> int:
    mistakes = [
        ModelError(each["message"], **{name: each[name] for name in ("resource", "file", "line", "remedy")})
        for each in errors
    ]
    error = DefinitionError(mistakes)
    if as_json:
        print_document(error)
        return error.exit_code
    code = report(error)
    say(f"{name} goes on as it is.", err=True)
    return code
