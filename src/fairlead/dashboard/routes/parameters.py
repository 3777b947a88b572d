"""Parameters: giving one a value, and showing the value of one."""

from __future__ import annotations

from aiohttp import web

from fairlead.dashboard.answers import answer
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.errors import UsageError


async def set_parameter(served: Served, request: Request) -> web.StreamResponse:
    """Give a parameter a value; what waits for it goes on."""
    body = await request.body()
    if not isinstance(body.get("value"), str):
        raise UsageError("the request has no value", remedy='Send {"value": "…"}.')
    await served.host.set_parameter(request.segment("name"), body["value"], store=bool(body.get("store")))
    return answer({"message": None})


async def reveal_parameter(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the value of one parameter in clear."""
    value = served.host.parameter_value(request.segment("name"))
    return answer({"name": request.segment("name"), "value": value})
