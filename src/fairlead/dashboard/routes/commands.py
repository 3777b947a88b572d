"""Commands: start, stop, restart, and a resource's own."""

from __future__ import annotations

from aiohttp import web

from fairlead.dashboard.access import asker
from fairlead.dashboard.answers import answer
from fairlead.dashboard.request import Request
from fairlead.dashboard.resource_ids import require_declared
from fairlead.dashboard.route import Served
from fairlead.errors import UsageError


async def run_command(served: Served, request: Request) -> web.StreamResponse:
    """Run a command of a resource, and answer with its result."""
    inputs = (await request.body()).get("inputs") or {}
    if not isinstance(inputs, dict):
        raise UsageError("the inputs are not an object", remedy='Send {"inputs": {"name": "value"}}.')
    command = request.segment("command")
    name = require_declared(served.host, request.segment("id"), command)
    result = await served.host.supervisor.command(name, command, inputs, asked_by=asker(request.raw))
    return answer({"message": result.message, "data": result.data})
