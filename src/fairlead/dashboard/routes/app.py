"""The app as a whole: what runs, what the definition says, what can be asked, and the end of the run."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

from aiohttp import web

from fairlead.dashboard.answers import answer
from fairlead.dashboard.documents.app import app_document
from fairlead.dashboard.model_document import model_document
from fairlead.dashboard.openapi import openapi_document
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.drivers.containers.engine import EngineConnection
from fairlead.engines.git import current_branch
from fairlead.errors import UsageError


async def show_app(served: Served, request: Request) -> web.StreamResponse:
    """Answer with what runs."""
    run = served.host.run
    branch = await asyncio.to_thread(current_branch, Path(run.app.directory))
    connection = run.shared.known(EngineConnection)
    engine = f"{connection.engine.name.capitalize()} {connection.engine.version}" if connection else None
    document = app_document(served.host.record, served.page, branch, engine, served.host.definition.state.changed)
    return answer(asdict(document))


async def show_model(served: Served, request: Request) -> web.StreamResponse:
    """Answer with what the definition says."""
    return answer(model_document(served.host.run))


async def show_openapi(served: Served, request: Request) -> web.StreamResponse:
    """Answer with what can be asked."""
    return answer(openapi_document(served.routes))


async def reload_app(served: Served, request: Request) -> web.StreamResponse:
    """Read the app file again, and answer with what differs; apply it, unless it is only asked for."""
    check = (await request.body()).get("check", False)
    if not isinstance(check, bool):
        raise UsageError("check is neither true nor false", remedy='Send {"check": true}, or leave it out.')
    return answer(asdict(await served.host.reload(check=check)))


async def stop_run(served: Served, request: Request) -> web.StreamResponse:
    """End the run; the answer comes before that."""
    await request.body()
    served.stop()
    return answer({"message": "stopping"})
