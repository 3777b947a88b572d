"""OTLP over HTTP/1.1: protobuf or JSON, compressed or not."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from aiohttp import web

from fairlead.dashboard.telemetry.otlp.inflating import require_known_encoding
from fairlead.dashboard.telemetry.otlp.intake import Intake
from fairlead.dashboard.telemetry.otlp.limits import MESSAGE_BYTES
from fairlead.dashboard.telemetry.otlp.messages import Encoding, answer, status
from fairlead.dashboard.telemetry.otlp.refused import Code, Refused, too_large, too_slow
from fairlead.dashboard.telemetry.otlp.signals import PATHS, Signal

_LOG = logging.getLogger(__name__)
# What aiohttp says of malformed requests is no concern of the run in whose output it would be.
_SILENT = logging.Logger("fairlead.dashboard.telemetry.http")
_SILENT.addHandler(logging.NullHandler())

_TYPES: Final[dict[str, Encoding]] = {"application/x-protobuf": "protobuf", "application/json": "json"}
_IDLE_SECONDS: Final = 60.0
_LINGER_SECONDS: Final = 1.0


class HttpReceiver:
    """Makes protocols that answer OTLP/HTTP.

    Args:
        intake: Takes what was sent.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._server = web.Server(
            self._answer,
            access_log=None,
            logger=_SILENT,
            keepalive_timeout=_IDLE_SECONDS,
            lingering_time=_LINGER_SECONDS,
            auto_decompress=False,
        )
        self._silent: dict[asyncio.BaseTransport, asyncio.TimerHandle] = {}
        """Connections that have not asked for anything yet, and what cuts them."""

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._server.connections)

    async def protocol(self, transport: asyncio.Transport) -> asyncio.Protocol:
        """A protocol for one connection, which is cut when it does not ask for anything."""
        timer = asyncio.get_running_loop().call_later(self._intake.seconds, self._cut, transport)
        self._silent[transport] = timer
        return self._server()

    def _cut(self, transport: asyncio.Transport) -> None:
        del self._silent[transport]
        transport.abort()

    async def close(self) -> None:
        """End the connections; a request that is being answered has a moment to end."""
        for timer in self._silent.values():
            timer.cancel()
        await self._server.shutdown(_LINGER_SECONDS)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.transport in self._silent:
            self._silent.pop(request.transport).cancel()
        encoding = _TYPES.get(request.content_type, "protobuf")
        try:
            signal = _signal_of(request)
            resource = self._intake.authenticate(request.headers.get("Authorization", ""))
            if request.content_type not in _TYPES:
                message = f"the content type {request.content_type!r} is not understood; use application/x-protobuf"
                raise Refused(Code.UNIMPLEMENTED, 415, message)
            body = await self._take(request, signal, encoding, resource)
        except Refused as refused:
            return _refusal(refused, encoding)
        except ConnectionError:
            raise
        except Exception as error:  # a mistake of Fairlead: the sender is told, and the run goes on
            _LOG.error("telemetry: %s failed: %s: %s", request.path, type(error).__name__, error)
            return _refusal(Refused(Code.INTERNAL, 500, "that is a mistake in Fairlead"), encoding)
        return web.Response(body=body, content_type=request.content_type)

    async def _take(self, request: web.BaseRequest, signal: Signal, encoding: Encoding, resource: str) -> bytes:
        compression = request.headers.get("Content-Encoding", "identity").lower()
        require_known_encoding(compression)
        if (request.content_length or 0) > MESSAGE_BYTES:
            raise too_large(MESSAGE_BYTES)
        await _ask_for_body(request)
        body = bytearray()
        try:
            await self._read(request, body)
            return answer(
                signal, await self._intake.take(signal, bytes(body), encoding, compression, resource), encoding
            )
        finally:
            self._intake.release(len(body))

    async def _read(self, request: web.BaseRequest, body: bytearray) -> None:
        """Read the body of a request; each byte of it is reserved."""
        try:
            async with asyncio.timeout(self._intake.seconds):
                async for chunk in request.content.iter_any():
                    if len(body) + len(chunk) > MESSAGE_BYTES:
                        raise too_large(MESSAGE_BYTES)
                    self._intake.reserve(len(chunk))
                    body += chunk
        except TimeoutError:
            raise too_slow(self._intake.seconds) from None


def _signal_of(request: web.BaseRequest) -> Signal:
    signal = PATHS.get(request.path)
    if signal is None:
        raise Refused(Code.UNIMPLEMENTED, 404, f"there is nothing at {request.path}; send to {', '.join(PATHS)}")
    if request.method != "POST":
        raise Refused(Code.UNIMPLEMENTED, 405, f"{request.method} is not understood; use POST")
    return signal


async def _ask_for_body(request: web.BaseRequest) -> None:
    """Tell a client to go on that waits to be told, as curl does with bodies of some size."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # it is no part of the answer


def _refusal(refused: Refused, encoding: Encoding) -> web.Response:
    headers = {401: {"WWW-Authenticate": "Bearer"}, 405: {"Allow": "POST"}, 503: {"Retry-After": "1"}}
    content_type = "application/json" if encoding == "json" else "application/x-protobuf"
    return web.Response(
        status=refused.http_status,
        body=status(refused.code, refused.message, encoding),
        content_type=content_type,
        headers=headers.get(refused.http_status),
    )
