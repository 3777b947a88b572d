"""Routes: entries of the table from which the server, its tests and the OpenAPI document are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from aiohttp import web

from fairlead.dashboard.encoding import EncodedSnapshots, WatchLines
from fairlead.dashboard.request import Parameter, Request
from fairlead.dashboard.telemetry.telemetry import Telemetry
from fairlead.runtime.host import Host

Schema: TypeAlias = Mapping[str, Any]
"""A JSON schema."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the handlers answer from.

    Args:
        host: The host of the run.
        stop: Ends the run.
        snapshots: Their texts, encoded once for all watchers.
        lines: The other lines of the watch stream, encoded once for all watchers.
        routes: All routes.
        telemetry: What resources have sent by OTLP.
        page: The address of the page with its token; None where none is served.
    """

    host: Host
    stop: Callable[[], None]
    snapshots: EncodedSnapshots
    lines: WatchLines
    routes: tuple[Route, ...]
    telemetry: Telemetry
    page: str | None = None


Handler: TypeAlias = Callable[[Served, Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One thing that the control API can be asked.

    Args:
        method: ``GET`` for what changes nothing.
        path: With a name in braces for each variable segment.
        handler: Answers.
        name: Names the operation in the OpenAPI document.
        summary: What it does, in a sentence.
        answer: The schema of the answer; None for one that is a stream and nothing else.
        query: The query parameters; others are refused.
        body: The schema of what is sent; None where nothing is.
        item: The schema of each line of the stream: of the answer itself, or of that with ``follow=1``; None where it
            can't be followed.
        needs_token: Whether a request over TCP is refused without the token. Over the Unix socket none needs it.
    """

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    name: str
    summary: str
    answer: Schema | None
    query: tuple[Parameter, ...] = ()
    body: Schema | None = None
    item: Schema | None = None
    needs_token: bool = True
