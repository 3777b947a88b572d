"""``fairlead logs``: what resources have written, and what they write."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from fairlead.cli.appearance import PREFIX_COLORS, is_own
from fairlead.cli.client import Client
from fairlead.cli.options import apphost_option, follow_option, json_option
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.terminal import say, style

Line = Mapping[str, Any]


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@follow_option
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="N", help="Begin with the last N lines of each.")
@click.option("-t", "--timestamps", is_flag=True, help="Show when each line was written.")
@json_option
@apphost_option
@click.pass_obj
def logs(
    selected_app: SelectedApp, names: tuple[str, ...], follow: bool, tail: int | None, timestamps: bool, as_json: bool
) -> None:
    """Show what resources have written: those named, or all. The last 10,000 lines of each are kept."""
    client = Client.of(selected_app)
    query: list[tuple[str, str | int | float]] = [("name", name) for name in names]
    if tail is not None:
        query.append(("tail", tail))
    if not follow:
        answer = client.get("/api/logs", query)
        if as_json:
            say(json.dumps(answer))
            return
        _write(answer["lines"], _text(client, names, timestamps))
        return
    try:
        _write(client.follow("/api/logs", query), _json_line if as_json else _text(client, names, timestamps), True)
    except KeyboardInterrupt:
        return


def _write(lines: Iterable[Line], text: Callable[[Line], str], flush: bool = False) -> None:
    for line in lines:
        say(text(line))
        if flush:
            sys.stdout.flush()


def _json_line(line: Line) -> str:
    return json.dumps(line)


def _text(client: Client, names: tuple[str, ...], timestamps: bool) -> Callable[[Line], str]:
    prefix = _prefix(client) if len(names) != 1 else lambda name: ""

    def text(line: Line) -> str:
        written = style(line["text"], dim=True) if is_own(line["stream"]) else line["text"]
        moment = style(_moment(line["time"]), dim=True) + " " if timestamps else ""
        return f"{moment}{prefix(line['resource'])}{written}"

    return text


def _prefix(client: Client) -> Callable[[str], str]:
    resources = [resource["name"] for resource in client.get("/api/resources")["resources"]]
    width = max(map(len, resources), default=0)
    colors = {name: PREFIX_COLORS[place % len(PREFIX_COLORS)] for place, name in enumerate(resources)}

    def prefix(name: str) -> str:
        return style(f"{name:<{width}}", fg=colors.get(name)) + " | "

    return prefix


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) + f".{int(seconds * 1000) % 1000:03}"
