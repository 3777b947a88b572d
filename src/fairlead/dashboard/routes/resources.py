"""Resources as they are now: one, all, each change, and waiting for one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from aiohttp import web

from fairlead.dashboard.answers import answer, send_lines, send_list
from fairlead.dashboard.request import Request
from fairlead.dashboard.resource_ids import find_snapshot, require_declared
from fairlead.dashboard.route import Served
from fairlead.errors import UsageError
from fairlead.runtime.lifecycle.external_waits import wait_for_condition

_BATCH = 20


async def list_resources(served: Served, request: Request) -> web.StreamResponse:
    """Answer with all snapshots; with ``follow`` also with each change, until the run ends."""
    if request.flag("follow"):
        async with aclosing(_changes(served, request)) as changes:
            return await send_lines(request, changes)
    snapshots = served.host.run.bus.all()
    texts = (
        [served.snapshots.text(each).decode().rstrip() for each in snapshots[start : start + _BATCH]]
        for start in range(0, len(snapshots), _BATCH)
    )
    return await send_list(request, "resources", texts, {})


async def show_resource(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one snapshot."""
    return answer(find_snapshot(served.host, request.segment("id")).to_json())


async def list_events(served: Served, request: Request) -> web.StreamResponse:
    """Answer with what has happened to a resource, the newest last."""
    id = find_snapshot(served.host, request.segment("id")).id
    return answer({"events": [asdict(event) for event in served.host.run.events.of(id)]})


async def wait_for_resource(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the snapshot of a resource once it meets a condition."""
    host = served.host
    id = find_snapshot(host, request.segment("id")).id
    condition: Any = request.text("for") or "healthy"
    finished_counts = id in host.run.app and host.run.app[id].ready_when_finished
    snapshot = await wait_for_condition(
        host.run.bus, id, condition, request.number("timeout"), ready_when_finished=finished_counts
    )
    return answer(snapshot.to_json())


async def prepare_exec(served: Served, request: Request) -> web.StreamResponse:
    """Answer with what to run on this machine so that a command runs where the resource does."""
    body = await request.body()
    argv = body.get("argv")
    if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
        raise UsageError("the request has no command", remedy='Send {"argv": ["…"]}.')
    id = find_snapshot(served.host, request.segment("id")).id
    command = served.host.supervisor.exec_command(id, tuple(argv), terminal=bool(body.get("terminal")))
    return answer({"argv": list(command.argv), "env": dict(command.env), "cwd": command.cwd})


async def reveal_variable(served: Served, request: Request) -> web.StreamResponse:
    """Answer with one environment variable of a resource's last start in clear."""
    name = require_declared(served.host, request.segment("id"), "describe")
    variable = request.segment("name")
    return answer({"name": variable, "value": served.host.values.reveal_variable(name, variable)})


async def _changes(served: Served, request: Request) -> AsyncGenerator[list[bytes]]:
    async with aclosing(served.host.run.bus.watch_batches(_BATCH)) as batches:
        async for batch in batches:
            await request.turns.take()
            yield [served.snapshots.text(change) for change in batch]
