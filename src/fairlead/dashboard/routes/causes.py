"""What needs a person."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from fairlead.dashboard.answers import answer
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served


async def list_causes(served: Served, request: Request) -> web.StreamResponse:
    """Answer with the causes, worst first."""
    return answer({"causes": [asdict(cause) for cause in served.host.causes.current()]})
