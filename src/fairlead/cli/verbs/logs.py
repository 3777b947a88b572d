"""``fairlead logs``: the logs of resources."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import click

from fairlead.cli.client import Client
from fairlead.cli.completion import RESOURCE
from fairlead.cli.options import apphost_option, follow_option, json_option
from fairlead.cli.screens.appearance import PREFIX_COLORS, is_own
from fairlead.cli.screens.open_line import OpenLine, Record
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.structured_logs import Selected, print_entries
from fairlead.cli.terminal import can_redraw, say, style
from fairlead.errors import UsageError

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", type=RESOURCE)
@follow_option
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="N", help="Start with the last N lines of each.")
@click.option("-t", "--timestamps", is_flag=True, help="Print the time of each line.")
@click.option("--structured", is_flag=True, help="Print the entries that resources send by OTLP instead.")
@click.option("--level", type=click.Choice(LEVELS), help="With --structured: only this level, and those above.")
@click.option("--where", "filters", multiple=True, metavar="FILTER", help="With --structured: as 'order.total>100'.")
@click.option("--trace", metavar="TRACE_ID", help="With --structured: only the entries of a trace.")
@json_option
@apphost_option
@click.pass_obj
def logs(
    selected_app: SelectedApp,
    names: tuple[str, ...],
    follow: bool,
    tail: int | None,
    timestamps: bool,
    structured: bool,
    level: str | None,
    filters: tuple[str, ...],
    trace: str | None,
    as_json: bool,
) -> None:
    """Print the logs of all resources, or of those named. The last 10,000 lines of each are kept.

    An observed object, such as a pod, is named by its id, which `resources` shows.

    With --structured, print the entries that resources send by OTLP, of which the last 100,000 are kept. A filter is an
    attribute, one of = != > < >= <= ~ (contains), and a value; it may be given several times, and all have to hold.
    """
    given = {"--level": level, "--where": filters, "--trace": trace}
    if not structured and (needless := [option for option, value in given.items() if value]):
        raise UsageError(f"{needless[0]} is for structured logs", remedy="Add --structured.")
    client = Client.of(selected_app)
    if structured:
        selected = Selected(names, level, filters, trace, tail)
        prefix = _prefix(client) if len(names) != 1 else lambda name: ""
        print_entries(client, selected, prefix, follow=follow, timestamps=timestamps, as_json=as_json)
        return
    query: list[tuple[str, str | int | float]] = [("name", name) for name in names]
    if tail is not None:
        query.append(("tail", tail))
    if follow:
        with suppress(KeyboardInterrupt):
            _follow(client, query, None if as_json else _text(client, names, timestamps))
        return
    answer = client.get("/api/logs", query, seconds=None)
    if as_json:
        say(json.dumps(answer))
        return
    text = _text(client, names, timestamps)
    for record in (*answer["lines"], *answer["open"]):
        say(text(record))


def _follow(client: Client, query: list[tuple[str, str | int | float]], text: Callable[[Record], str] | None) -> None:
    """Write what comes: as text, or as JSON where there is none."""
    if text is None or not can_redraw():
        for record in client.follow("/api/logs", query):
            say(json.dumps(record) if text is None else text(record))
            sys.stdout.flush()
        return
    open_line = OpenLine()
    try:
        for record in client.follow("/api/logs", [*query, ("open", 1)]):
            _show(record, text(record), open_line)
    finally:
        open_line.end()


def _show(record: Record, text: str, open_line: OpenLine) -> None:
    if record["kind"] == "open":
        open_line.show(record, text)
    else:
        open_line.forget(record)
        open_line.wipe()
        say(text)
        open_line.redraw()
    sys.stdout.flush()


def _text(client: Client, names: tuple[str, ...], timestamps: bool) -> Callable[[Record], str]:
    prefix = _prefix(client) if len(names) != 1 else lambda name: ""

    def text(record: Record) -> str:
        if record["kind"] == "gap":
            return prefix(record["resource"]) + style(gap_text(record["lost"]), dim=True)
        written = style(record["text"], dim=True) if is_own(record["stream"]) else record["text"]
        moment = style(_moment(record["time"]), dim=True) + " " if timestamps else ""
        return f"{moment}{prefix(record['resource'])}{written}"

    return text


def gap_text(lost: int) -> str:
    """What to say of lines that were dropped before they were read."""
    return f"… {lost:,} {'line' if lost == 1 else 'lines'} lost: the log keeps the last 10,000 lines only"


def _prefix(client: Client) -> Callable[[str], str]:
    resources = list(_declared(client))
    width = max(map(len, resources), default=0)
    colors = {name: PREFIX_COLORS[place % len(PREFIX_COLORS)] for place, name in enumerate(resources)}

    def prefix(name: str) -> str:
        return style(f"{name:<{width}}", fg=colors.get(name)) + " | "

    return prefix


def _declared(client: Client) -> Iterator[str]:
    for resource in client.get("/api/resources")["resources"]:
        if resource["origin"] == "declared":
            yield resource["name"]


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) + f".{int(seconds * 1000) % 1000:03}"
