"""Applications of well-known shapes, written as compose files and imported, run as their app files are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.support.containers import containers
from tests.support.engines import EngineHost
from tests.support.imported_apps import SECRETS, imported
from tests.support.waiting import until_seen

from fairlead.testing import Running

pytestmark = pytest.mark.docker


async def text(app: Running, name: str, path: str = "") -> str:
    """What a resource answers, once it does: one without a health check runs before its program listens."""
    address = app.endpoint(name) + path

    def look() -> str:
        with suppress(OSError), urlopen(address, timeout=5) as answer:
            return str(answer.read().decode())
        return ""

    return await until_seen(look, f"{address} answers")


async def check_template(app: Running) -> None:
    """The front end is built with the address at which people find the API, which knows that of the front end."""
    await app.wait_healthy("frontend")
    await app.wait_healthy("backend")
    assert app.endpoint("backend") in await text(app, "frontend", "/config.json")
    told = await text(app, "backend")
    assert f'"FRONTEND_HOST": "{app.endpoint("frontend")}"' in told
    assert f'"CORS_ORIGINS": "{app.endpoint("frontend")},https://localhost"' in told


async def check_workflows(app: Running) -> None:
    """All programs come up after the one that prepares the database, with what they share."""
    await app.wait_healthy("workflows-webserver")
    await app.wait_healthy("workflows-worker")
    assert await text(app, "workflows-webserver") == "postgresql+psycopg2://flow:flow@postgres/flow"
    assert "WORKFLOWS_UID is not set" not in "\n".join(line.text for line in app.logs("workflows-init"))


async def check_traces(app: Running) -> None:
    """Page and worker come up when four stores are healthy, and know where people find the page and the blobs."""
    for name in ("traces-web", "traces-worker"):
        await app.wait_healthy(name)
        assert await text(app, name) == f"{app.endpoint('traces-web')} {app.endpoint('blobs')}"


async def check_board(app: Running) -> None:
    """The gateway leads to the back end, which has reached its database and its broker."""
    await app.wait_healthy("board-gateway")
    assert await text(app, "board-gateway") == app.endpoint("board-gateway")
    assert "async" in [line.text for line in app.logs("board-async")]


APPS: dict[str, Callable[[Running], Awaitable[None]]] = {
    "template": check_template,
    "workflows": check_workflows,
    "traces": check_traces,
    "board": check_board,
}


async def run_unedited(name: str, docker: EngineHost, folder: Path) -> None:
    """Run an application as importing wrote it, and look at what it promises."""
    try:
        async with containers(imported(name, folder), folder, docker, parameters=SECRETS[name]) as app:
            await APPS[name](app)
    except BaseException as error:
        error.add_note(f"It was the application {name!r}.")
        raise


async def test_imported_applications_run_unedited(docker: EngineHost, tmp_path: Path) -> None:
    """What importing writes must run as it is, with the application's own waits, health checks and addresses.

    The applications run at the same time, as most of theirs is waiting.
    """
    async with asyncio.TaskGroup() as group:
        for name in APPS:
            group.create_task(run_unedited(name, docker, tmp_path / name))
