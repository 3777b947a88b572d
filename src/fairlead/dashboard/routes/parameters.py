"""Parameters: what they are, giving one a value, forgetting it, and showing the value of one."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from fairlead.dashboard.answers import answer
from fairlead.dashboard.documents.parameters import parameter_list
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.errors import UsageError


async def list_parameters(served: Served, request: Request) -> web.StreamResponse:
    """Answer with all parameters, where their values come from, and who uses them."""
    return answer(asdict(parameter_list(served.host.run, served.host.values.sources)))


async def set_parameter(served: Served, request: Request) -> web.StreamResponse:
    """Give a parameter a value; what waits for it goes on."""
    body = await request.body()
    if not isinstance(body.get("value"), str):
        raise UsageError("the request has no value", remedy='Send {"value": "…"}.')
    await served.host.values.set_parameter(request.segment("name"), body["value"], store=bool(body.get("store")))
    return answer({"message": None})


async def forget_parameter(served: Served, request: Request) -> web.StreamResponse:
    """Remove the stored value of a parameter; the run goes on with it."""
    await request.body()
    return answer({"message": await served.host.values.forget_parameter(request.segment("name"))})


async def reveal_parameter(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the value of one parameter in clear."""
    value = served.host.values.reveal_parameter(request.segment("name"))
    return answer({"name": request.segment("name"), "value": value})
