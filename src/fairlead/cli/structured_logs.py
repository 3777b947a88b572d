"""``fairlead logs --structured``: the entries that resources send by OTLP, by level, attribute and trace."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from fairlead.cli.client import Client, Query, resource_path
from fairlead.cli.screens.telemetry.entries import entry_text
from fairlead.cli.screens.telemetry.texts import clock_text
from fairlead.cli.terminal import say, style
from fairlead.cli.trace_ids import whole_trace_id

_PATH = "/api/telemetry/logs"
_PORTION = 2_000
Prefix: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Selected:
    """Which entries are asked for.

    Args:
        names: The resources; all where empty.
        level: The lowest level; None for all.
        filters: What attributes are.
        trace: The id of a trace, or the first characters of it.
        tail: Only the last so many; None for all that are kept.
    """

    names: tuple[str, ...]
    level: str | None
    filters: tuple[str, ...]
    trace: str | None
    tail: int | None

    def query(self, client: Client) -> list[tuple[str, str | int | float]]:
        """The same for the control API.

        Raises:
            UsageError: A resource or a trace is not there.
        """
        query: list[tuple[str, str | int | float]] = [
            ("r", client.get(resource_path(name))["id"]) for name in self.names
        ]
        query += [("level", self.level)] if self.level else []
        query += [("f", text) for text in self.filters]
        query += [("trace", whole_trace_id(client, self.trace))] if self.trace else []
        return query


def print_entries(
    client: Client, selected: Selected, prefix: Prefix, *, follow: bool, timestamps: bool, as_json: bool
) -> None:
    """Print entries, the oldest first.

    Args:
        client: The running app.
        selected: Which entries.
        prefix: Makes the name of a resource what stands before its entries.
        follow: Whether to go on with what comes.
        timestamps: Whether to print the time of each.
        as_json: Whether to print JSON: one document, or followed one object per line.
    """
    query = selected.query(client)

    def text(entry: dict[str, Any]) -> str:
        if entry.get("kind") == "gap":
            return style(_gap_text(entry["lost"]), dim=True)
        moment = style(clock_text(entry["time"]), dim=True) + " " if timestamps else ""
        return f"{moment}{prefix(entry['resource'])}{entry_text(entry)}"

    if follow:
        with suppress(KeyboardInterrupt):
            for entry in _follow(client, query, selected.tail):
                say(json.dumps(entry) if as_json else text(entry))
                sys.stdout.flush()
        return
    entries = _last(client, query, selected.tail)
    if as_json:
        say(json.dumps({"logs": list(entries)}))
        return
    shown = 0
    for entry in entries:
        say(text(entry))
        shown += 1
    if not shown:
        say("No entry matches." if query else "No structured logs yet. Resources that send OTLP appear here.", err=True)


def _gap_text(lost: int) -> str:
    return f"… {lost:,} {'entry' if lost == 1 else 'entries'} lost: the last 100,000 of all resources are kept"


def _follow(client: Client, query: Query, tail: int | None) -> Iterator[dict[str, Any]]:
    limit = _PORTION if tail is None else tail
    yield from client.follow(_PATH, [*query, ("limit", limit)], cursor_field="id")


def _last(client: Client, query: Query, tail: int | None) -> Sequence[dict[str, Any]] | Iterator[dict[str, Any]]:
    if tail is None:
        return _all(client, query)
    if tail <= _PORTION:
        entries: list[dict[str, Any]] = client.get(_PATH, [*query, ("limit", tail)], seconds=None)["logs"]
        return entries
    return deque(_all(client, query), maxlen=tail)


def _all(client: Client, query: Query) -> Iterator[dict[str, Any]]:
    """All that are kept, a portion at a time."""
    after = 0
    while True:
        answer = client.get(_PATH, [*query, ("after", after), ("limit", _PORTION)], seconds=None)
        yield from answer["logs"]
        if len(answer["logs"]) < _PORTION:
            return
        after = answer["logs"][-1]["id"]
