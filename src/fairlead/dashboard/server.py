"""The server of the control API: JSON over HTTP on a Unix socket that only its user can open.

It reads snapshots and logs and hands commands on; it decides nothing. The command line, tests and the page use it; for
the page it is served on a port of the loopback interface too, together with the page's files. What can be asked is in
the table of routes. A handler ends with its client.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from fairlead.dashboard.access import Access, Refused
from fairlead.dashboard.answers import refusal
from fairlead.dashboard.connections import IDLE_SECONDS, serve
from fairlead.dashboard.encoding import EncodedSnapshots, WatchLines
from fairlead.dashboard.listening import Listener
from fairlead.dashboard.request import BODY_BYTES, Request
from fairlead.dashboard.route import Route, Served
from fairlead.dashboard.routes.table import ROUTES
from fairlead.dashboard.static import Page
from fairlead.dashboard.telemetry.otlp.receiver import Receiver
from fairlead.dashboard.telemetry.telemetry import Telemetry
from fairlead.engines.turns import Turns
from fairlead.errors import FairleadError, UsageError
from fairlead.runtime.host import Host

_LOG = logging.getLogger(__name__)
# What aiohttp says of malformed requests is no concern of the run in whose output it would be.
_SILENT = logging.Logger("fairlead.dashboard.http")
_SILENT.addHandler(logging.NullHandler())

_AT_ONCE = 4
"""Pieces of long answers, of a few milliseconds of work at most, that are written in one turn of the event loop."""

_PAGE = "/{path:(?!api(?:/|$)).*}"
_PAGE_NAME = "/{path}"  # as aiohttp calls it

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ControlServer:
    """Serves the control API of one host.

    Args:
        host: What is served.
        on_stop: Is called when the user asks for the end of the run.
        listener: Where the page and the API are served over TCP; None for the Unix socket alone.
    """

    def __init__(self, host: Host, on_stop: Callable[[], None], listener: Listener | None = None) -> None:
        self.snapshots = EncodedSnapshots()
        #: What resources send by OTLP.
        self.telemetry = Telemetry(host.run)
        page = listener.page if listener else None
        self._served = Served(host, on_stop, self.snapshots, WatchLines(), ROUTES, self.telemetry, page)
        self._access = Access(listener.token if listener else None)
        self._listener = listener
        self._page = Page()
        self._turns = Turns(_AT_ONCE)
        self._cleanup = AsyncExitStack()
        self._server: web.Server | None = None

    async def start(self, path: Path) -> None:
        """Serve on the listener, and on a Unix socket, which appears in its place only once it is served.

        Args:
            path: The socket's path; it is closed to other users.

        Raises:
            OSError: The socket can't be made.
        """
        server = await self._make_server()
        if self._listener is not None:
            await self._serve(server, self._listener.socket)
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(str(new))
            new.chmod(0o600)
            await self._serve(server, listening)
        except BaseException:
            listening.close()
            raise
        self._cleanup.callback(path.unlink, missing_ok=True)
        new.replace(path)
        await self._receive_telemetry()
        self.telemetry.start()
        self._cleanup.push_async_callback(self.telemetry.close)

    async def _receive_telemetry(self) -> None:
        """Begin to serve the port that resources have been told of already."""
        exporting = self._served.host.run.telemetry
        if exporting is not None:
            receiver = Receiver(exporting.tokens.resource_of, self.telemetry.store)
            await receiver.start(exporting.listening)
            self._cleanup.push_async_callback(receiver.close)

    async def close(self) -> None:
        """Stop serving; open streams are ended."""
        await self._cleanup.aclose()

    async def _make_server(self) -> web.Server:
        if self._server is not None:
            return self._server
        application = web.Application(middlewares=[self._guard], client_max_size=BODY_BYTES)
        for route in ROUTES:
            application.router.add_route(route.method, route.path, self._handler(route))
        application.router.add_get(_PAGE, self._page.answer)
        runner = web.AppRunner(
            application,
            access_log=None,
            logger=_SILENT,
            handle_signals=False,
            handler_cancellation=True,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=0.5,
            auto_decompress=False,
        )
        await runner.setup()
        self._cleanup.push_async_callback(runner.cleanup)
        assert runner.server is not None
        self._server = runner.server
        return runner.server

    async def _serve(self, server: web.Server, listening: socket.socket) -> None:
        accepting = await serve(server, listening)
        self._cleanup.callback(accepting.close)

    def _handler(self, route: Route) -> _Handler:
        async def handle(raw: web.Request) -> web.StreamResponse:
            request = Request(raw, route.query, self._turns)
            try:
                return await route.handler(self._served, request)
            except Exception as error:
                if not request.is_answered or isinstance(error, ConnectionError):
                    raise
                _LOG.error("control API: %s %s broke off: %s: %s", raw.method, raw.path, type(error).__name__, error)
                if raw.transport is not None:
                    raw.transport.abort()  # so that the client can't take what it has got for the whole
                raise ConnectionResetError from error

        return handle

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Check that the client may ask, and answer with an object whatever goes wrong."""
        try:
            self._access.check(request, needs_token=_needs_token(request))
            return await handler(request)
        except Exception as error:
            if isinstance(error, ConnectionError) and (request.transport is None or request.transport.is_closing()):
                raise  # the client is gone, or was cut
            return _refusal(request, error)


def _needs_token(raw: web.Request) -> bool:
    """Whether what is asked for needs the token: what is not in the table does, unless it is of the page."""
    resource = raw.match_info.route.resource
    if resource is not None and resource.canonical == _PAGE_NAME:
        return False
    known = [route for route in ROUTES if resource is not None and route.path == resource.canonical]
    return all(route.needs_token for route in known if route.method == raw.method)


def _refusal(raw: web.Request, error: Exception) -> web.Response:
    if isinstance(error, Refused):
        return refusal(UsageError(error.message, remedy=error.remedy), error.status)
    if isinstance(error, FairleadError):
        return refusal(error)
    if isinstance(error, web.HTTPException):
        return refusal(UsageError(f"{raw.method} {raw.path}: {error.reason}"), error.status)
    # A mistake of Fairlead: the client is told, and the run goes on.
    text = f"{raw.method} {raw.path} failed: {type(error).__name__}: {error}"
    _LOG.error("control API: %s", text)
    return refusal(FairleadError(text, remedy="That is a mistake in Fairlead."), 500)
