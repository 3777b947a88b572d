"""Clusters: what their drivers tell beyond the snapshots."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict

from aiohttp import web

from fairlead.dashboard.answers import answer, send_lines
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.errors import NotRunning, UsageError
from fairlead.model.observation.cluster import ClusterDocument


async def show_cluster(served: Served, request: Request) -> web.StreamResponse:
    """Answer with a cluster as it is now; with ``follow`` again when it changes, until it stops."""
    name = request.segment("name")
    async with aclosing(served.host.supervisor.runner(name).details()) as details:
        first = await anext(details, None)
        if first is None:
            raise NotRunning("it is stopping", resource=name, remedy="Start it first.")
        document = _cluster(name, first)
        if not request.flag("follow"):
            return answer(asdict(document))
        async with aclosing(_lines(name, document, details)) as lines:
            return await send_lines(request, lines)


async def _lines(name: str, first: ClusterDocument, details: AsyncGenerator[object]) -> AsyncGenerator[list[bytes]]:
    yield [_line(first)]
    async for document in details:
        yield [_line(_cluster(name, document))]


def _line(document: ClusterDocument) -> bytes:
    return encode(asdict(document)).encode() + b"\n"


def _cluster(name: str, document: object) -> ClusterDocument:
    if not isinstance(document, ClusterDocument):
        raise UsageError("it is no cluster", resource=name)
    return document
