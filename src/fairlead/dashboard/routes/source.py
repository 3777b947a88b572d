"""The app file: the lines that declare a resource."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

from aiohttp import web

from fairlead.dashboard.answers import answer
from fairlead.dashboard.documents.source import SourceDocument, SourceLine, excerpt
from fairlead.dashboard.request import Request
from fairlead.dashboard.resource_ids import find_snapshot
from fairlead.dashboard.route import Served
from fairlead.errors import UsageError
from fairlead.runtime.host import Host
from fairlead.runtime.store.instance import definition_digest


async def show_source(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the lines that declare a resource; of an observed one, those of its owner."""
    snapshot = find_snapshot(served.host, request.segment("id"))
    document = await asyncio.to_thread(_source, served.host, snapshot.owner or snapshot.id)
    return answer(asdict(document))


def _source(host: Host, name: str) -> SourceDocument:
    where = host.run.app[name].where
    if not where.file:
        raise UsageError("no line of the app file declares it", resource=name)
    record = host.record
    changed = where.file == record.apphost and definition_digest(where.file) != record.definition
    return SourceDocument(where.file, where.line, changed, _lines(host, where.file, where.line))


def _lines(host: Host, file: str, line: int) -> tuple[SourceLine, ...]:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ()
    masked = host.run.logs.masked
    return tuple(SourceLine(each.number, masked(each.text), each.declares) for each in excerpt(text, line))
