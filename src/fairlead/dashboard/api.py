"""The control API over a running app: JSON over HTTP on a Unix socket that only its user can open.

It reads snapshots and logs and hands commands on; it decides nothing. The command line and tests use it, and the page
will. Streams are one JSON object per line, each of the shape that the same request gives without ``follow``.

    GET  /api/app                                  what runs
    GET  /api/resources[?follow=1]                 all resources, then each change
    GET  /api/resources/NAME                       one resource
    GET  /api/resources/NAME/wait?for=&timeout=    answers when it is so
    POST /api/resources/NAME/commands/COMMAND      start, stop, restart, or one of its own
    POST /api/resources/NAME/exec                  {"argv": ["…"], "terminal": false}: what to run here to run it there
    GET  /api/logs[?name=…][&tail=N][&follow=1]    lines of all resources, or of those named
    POST /api/parameters/NAME                      {"value": "…", "store": false}
    POST /api/stop                                 ends the run
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from fairlead.errors import FairleadError, UsageError
from fairlead.runtime.host import Host
from fairlead.runtime.lifecycle.external_waits import wait_for_condition
from fairlead.runtime.logs.book import LogLine, Portion

_LOG = logging.getLogger(__name__)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlApi:
    """Serves the control API of one host.

    Args:
        host: What is served.
        on_stop: Is called when somebody asks for the end of the run.
    """

    def __init__(self, host: Host, on_stop: Callable[[], None]) -> None:
        self._host = host
        self._on_stop = on_stop
        self._runner: web.AppRunner | None = None
        self._socket: Path | None = None

    async def start(self, socket: Path) -> None:
        """Serve on a Unix socket, which appears in its place only once it is served and closed to others.

        Raises:
            OSError: The socket can't be made.
        """
        application = web.Application(middlewares=[_errors_as_json], client_max_size=1024 * 1024)
        application.add_routes(
            [
                web.get("/api/app", self._app),
                web.get("/api/resources", self._resources),
                web.get("/api/resources/{name}", self._resource),
                web.get("/api/resources/{name}/wait", self._wait),
                web.post("/api/resources/{name}/commands/{command}", self._command),
                web.post("/api/resources/{name}/exec", self._exec),
                web.get("/api/logs", self._logs),
                web.post("/api/parameters/{name}", self._parameter),
                web.post("/api/stop", self._stop),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await self._runner.setup()
        made = socket.with_suffix(".new")
        made.unlink(missing_ok=True)
        await web.UnixSite(self._runner, str(made)).start()
        made.chmod(0o600)
        made.replace(socket)
        self._socket = socket

    async def close(self) -> None:
        """Stop serving; open streams are ended."""
        if self._socket is not None:
            self._socket.unlink(missing_ok=True)
        if self._runner is not None:
            await self._runner.cleanup()

    async def _app(self, request: web.Request) -> web.StreamResponse:
        return _answer(asdict(self._host.record))

    async def _resources(self, request: web.Request) -> web.StreamResponse:
        bus = self._host.run.bus
        if not _flag(request, "follow"):
            return _answer({"resources": [snapshot.to_json() for snapshot in bus.all()]})
        snapshots = bus.watch()
        return await _stream(request, ([snapshot.to_json()] async for snapshot in snapshots))

    async def _resource(self, request: web.Request) -> web.StreamResponse:
        return _answer(self._host.run.bus.current(self._name(request)).to_json())

    async def _wait(self, request: web.Request) -> web.StreamResponse:
        name = self._name(request)
        condition: Any = request.query.get("for", "healthy")
        snapshot = await wait_for_condition(
            self._host.run.bus,
            name,
            condition,
            _number(request, "timeout"),
            ready_when_finished=self._host.run.app[name].ready_when_finished,
        )
        return _answer(snapshot.to_json())

    async def _command(self, request: web.Request) -> web.StreamResponse:
        result = await self._host.supervisor.command(self._name(request), request.match_info["command"])
        return _answer({"message": result.message, "data": result.data})

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        argv = body.get("argv")
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
            raise UsageError("the request has no command", remedy='Send {"argv": ["…"]}.')
        runner = self._host.supervisor.runner(request.match_info["name"])
        found = runner.exec_command(tuple(argv), terminal=bool(body.get("terminal")))
        return _answer({"argv": list(found.argv), "env": dict(found.env), "cwd": found.cwd})

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        names = [self._host.supervisor.runner(name).name for name in request.query.getall("name", [])]
        number = _number(request, "tail")
        tail = None if number is None else int(number)
        book = self._host.run.logs
        if _flag(request, "follow"):
            batches = book.follow(names or None, tail)
            return await _stream(request, (_lines(portions) async for portions in batches))
        return _answer({"lines": [line for portions in book.read(names or None, tail) for line in _lines(portions)]})

    async def _parameter(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if not isinstance(body.get("value"), str):
            raise UsageError("the request has no value", remedy='Send {"value": "…"}.')
        await self._host.set_parameter(self._name(request), body["value"], store=bool(body.get("store")))
        return _answer({"message": None})

    async def _stop(self, request: web.Request) -> web.StreamResponse:
        self._on_stop()
        return _answer({"message": "stopping"})

    def _name(self, request: web.Request) -> str:
        return self._host.supervisor.runner(request.match_info["name"]).name


async def _body(request: web.Request) -> dict[str, Any]:
    """The object that a request sends; empty where it sends none."""
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _answer(data: Any, status: int = 200) -> web.Response:
    return web.json_response(data, status=status)


def _lines(portions: list[Portion]) -> list[dict[str, Any]]:
    return [_line(id, line) for id, records in portions for line in records if isinstance(line, LogLine)]


def _line(name: str, line: LogLine) -> dict[str, Any]:
    return {"resource": name, "number": line.number, "time": line.time, "stream": line.stream, "text": line.text}


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "") not in ("", "0", "false")


def _number(request: web.Request, name: str) -> float | None:
    text = request.query.get(name)
    try:
        number = None if text is None else float(text)
    except ValueError:
        number = math.nan
    if number is None or math.isfinite(number):
        return None if number is None else max(0.0, number)
    raise UsageError(f"{name}={text} is not a number", remedy="Give one that is finite, or leave it out.")


async def _stream(request: web.Request, batches: AsyncIterator[list[dict[str, Any]]]) -> web.StreamResponse:
    """Send objects, one per line, until there are no more or the reader is gone; a slow reader is waited for."""
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    with suppress(ConnectionError, asyncio.CancelledError):
        async for batch in batches:
            await response.write(b"".join(json.dumps(entry).encode() + b"\n" for entry in batch))
        await response.write_eof()
    return response


@web.middleware
async def _errors_as_json(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except FairleadError as error:
        return _refusal(error, 400 if isinstance(error, UsageError) else 409)
    except web.HTTPException as error:
        return _refusal(UsageError(f"{request.method} {request.path}: {error.reason}"), error.status)
    except Exception as error:  # a mistake of ours: whoever asked is told, and the run goes on
        text = f"{request.method} {request.path} failed: {type(error).__name__}: {error}"
        _LOG.error("control API: %s", text)
        return _refusal(FairleadError(text, remedy="That is a mistake in Fairlead."), 500)


def _refusal(error: FairleadError, status: int) -> web.Response:
    return _answer(
        {
            "error": {
                "kind": type(error).__name__,
                "message": error.message,
                "resource": error.resource,
                "remedy": error.remedy,
                "exit_code": error.exit_code,
            }
        },
        status,
    )
