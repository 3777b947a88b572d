"""Requests to an engine's HTTP API, its answers, and what it means when there are none.

The connection is aiodocker's. The requests are made here because aiodocker's own methods drop the stream id of log
frames, take a connection that was lost in the middle of a stream for its end, and release no answer when a caller is
cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, Final
from urllib.parse import quote

import aiodocker
import aiohttp

from fairlead.engines.deadline import deadline
from fairlead.engines.docker.discovery import Candidate
from fairlead.engines.docker.silence import SHORT_LIMIT_SECONDS, SilenceDetector
from fairlead.errors import EngineError, EngineUnavailable

NEWEST_VERSION: Final = (1, 41)
"""The version of the API that is spoken unless an engine is too new for it; Docker 20.10 and Podman 4 know it."""
CONNECT_TIME: Final = 10.0
"""Seconds for a connection to be made."""

Params = Mapping[str, str | int | bool | Mapping[str, list[str]]]


class Refused(EngineError):
    """The engine answered that it won't; the message is its own.

    Args:
        status: HTTP status, 0 when the refusal came in the middle of a stream.
        message: The engine's words.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_about_something_gone(self) -> bool:
        """Whether what was asked for does not exist; Podman reports that as a failure of its own at times."""
        return self.status == 404 or "no such container" in self.message


class Api:
    """One engine's API.

    Args:
        candidate: Where the engine is.

    Raises:
        EngineUnavailable: Its address has a form that is not known.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self._connector = _connector(candidate)
        # What is in place of the path is not looked at, the connector knows where to go.
        url = "unix://localhost" if isinstance(self._connector, aiohttp.UnixConnector) else _http(candidate)
        self._docker = aiodocker.Docker(url, connector=self._connector, api_version="v1.24")
        self._unchunked = aiohttp.ClientSession(
            connector=self._connector, connector_owner=False, version=aiohttp.HttpVersion10
        )
        self._base = self._docker.docker_host.rstrip("/")
        self._silence = SilenceDetector(self._ping)
        #: The newest version of the API that the engine knows.
        self.newest_version = NEWEST_VERSION

    async def negotiate(self) -> dict[str, Any]:
        """Ask for the engine's version, and speak a version of the API that it knows from then on."""
        answer = await self.call("GET", "version", versioned=False)
        self.newest_version, oldest = (_version(answer.get(key)) for key in ("ApiVersion", "MinAPIVersion"))
        major, minor = max(min(NEWEST_VERSION, self.newest_version), oldest)
        self._docker.api_version = f"v{major}.{minor}"
        return dict(answer)

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        versioned: bool = True,
    ) -> Any:
        """Make a request and return its answer: parsed JSON, or None where there is none to a call that does something.

        Raises:
            Refused: The engine says no.
            EngineUnavailable: It does not answer.
        """
        async with self.stream(method, path, params=params, body=body, data=data, versioned=versioned) as answer:
            content = await answer.read()
        try:
            return json.loads(content)
        except ValueError as error:
            if method == "GET":
                raise EngineError(f"what {self.candidate} answers to {path} is no JSON.") from error
            return None  # nothing, or Podman's "OK"

    async def call_if_there(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        versioned: bool = True,
    ) -> Any:
        """Make a request about an object; None if the engine has no such object.

        Raises:
            Refused: The engine says no for another reason.
            EngineUnavailable: It does not answer.
        """
        try:
            return await self.call(method, path, params=params, body=body, versioned=versioned)
        except Refused as refused:
            if not refused.is_about_something_gone:
                raise
            return None

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        data: bytes | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        versioned: bool = True,
        chunked: bool = True,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make a request whose answer is read by the caller; losing the connection there is noticed as well.

        An engine that falls silent counts as lost, however long the answer may take otherwise. Without ``chunked`` the
        answer is taken in at half the cost, by HTTP/1.0, and a connection lost in its middle looks like its end.

        Raises:
            Refused: The engine says no.
            EngineUnavailable: It does not answer, or no longer.
        """
        version = f"{self._docker.api_version}/" if versioned else ""
        content_type = "application/json" if body is not None else "application/x-tar" if data is not None else None
        session = self._docker.session if chunked else self._unchunked
        request = session.request(
            method,
            f"{self._base}/{version}{path}",
            params={name: _text(value) for name, value in (params or {}).items()},
            data=json.dumps(body).encode() if body is not None else data,
            headers={**({"Content-Type": content_type} if content_type else {}), **(headers or {})},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIME),
        )
        try:
            async with await self._head(request) as answer:
                with self._silence.cut_if_silent(answer.close):
                    self._silence.note_answer()
                    if answer.status >= 400:
                        raise Refused(answer.status, _message(answer.status, await answer.read()))
                    yield answer
        except (aiohttp.ClientError, ConnectionError, ssl.SSLError) as error:
            raise self._silent_error() if self._silence.is_silent else self.lost(error) from error

    async def _head(self, request: Awaitable[aiohttp.ClientResponse]) -> aiohttp.ClientResponse:
        """The beginning of an answer."""
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(0 if self._silence.is_silent else None)
        try:
            async with deadline(limit):
                with self._silence.cut_if_silent(lambda: limit.reschedule(loop.time())):
                    return await request
        except TimeoutError:
            if limit.expired():
                raise self._silent_error() from None
            raise

    async def _ping(self) -> None:
        """Return when the engine answers, whatever it says."""
        async with self._docker.session.get(f"{self._base}/_ping", timeout=aiohttp.ClientTimeout()) as answer:
            await answer.read()

    def _silent_error(self) -> EngineUnavailable:
        return self.lost(f"nothing for {self._silence.limit_seconds:.0f} s")

    def note_answer(self) -> None:
        """The engine has answered elsewhere."""
        self._silence.note_answer()

    def shorten_timeouts(self) -> None:
        """Take the engine for lost sooner from now on."""
        self._silence.limit_seconds = SHORT_LIMIT_SECONDS

    def lost(self, error: BaseException | str) -> EngineUnavailable:
        """What to raise when the engine does not answer."""
        reason = str(error) or type(error).__name__
        if isinstance(error, aiohttp.ClientConnectorError):
            reason = os.strerror(error.os_error.errno) if error.os_error.errno else str(error.os_error)
        return EngineUnavailable(
            f"the container engine at {self.candidate} does not answer ({reason}).",
            remedy="See that it runs.",
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._silence.close()
        await self._docker.close()
        await self._docker.session.close()
        await self._unchunked.close()
        await self._connector.close()


def segment(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def label_filter(labels: Mapping[str, str]) -> Params:
    """The parameters by which a listing is limited to objects with labels.

    Only to shorten the answer: Podman lists volumes that have any of the labels, so callers filter it again.
    """
    return {"filters": {"label": [f"{name}={value}" for name, value in labels.items()]}}


def _connector(candidate: Candidate) -> aiohttp.BaseConnector:
    # No limit: each container that is followed and waited for holds two connections as long as it lives.
    scheme = candidate.address.partition("://")[0]
    if candidate.socket is not None:
        return aiohttp.UnixConnector(str(candidate.socket), limit=0)
    if scheme in ("tcp", "http", "https"):
        return aiohttp.TCPConnector(limit=0, ssl=_tls(candidate))
    if scheme == "ssh":
        from aiodocker.ssh import SSHConnector

        try:
            return SSHConnector(candidate.address)
        except aiodocker.DockerError as error:
            raise EngineUnavailable(
                f"the container engine at {candidate} can't be reached: {error.message}."
            ) from error
    raise EngineUnavailable(
        f"no container engine: '{candidate.address}', from {candidate.source}, is no address of one.",
        remedy="It has to begin with unix://, tcp:// or ssh://.",
    )


def _tls(candidate: Candidate) -> ssl.SSLContext | bool:
    if candidate.certificates is None:
        return True
    folder = candidate.certificates
    try:
        folder.stat()
        authority = folder / "ca.pem"
        context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
        if not candidate.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if (folder / "cert.pem").exists():
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    except OSError as error:  # an SSLError is one
        raise EngineUnavailable(
            f"no container engine: the certificates for {candidate} in {folder} can't be used ({error}).",
            remedy="Give the folder that holds ca.pem, cert.pem and key.pem as DOCKER_CERT_PATH.",
        ) from error
    return context


def _http(candidate: Candidate) -> str:
    scheme, _, rest = candidate.address.partition("://")
    return f"{'https' if candidate.certificates or scheme == 'https' else 'http'}://{rest}"


def _version(text: object) -> tuple[int, int]:
    major, _, minor = str(text or "1.41").partition(".")
    return int(major), int(minor)


def _text(value: str | int | bool | Mapping[str, list[str]]) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _message(status: int, content: bytes) -> str:
    text = content.decode(errors="replace").strip()
    try:
        answer = json.loads(text)
        return str(answer.get("message") or answer.get("cause") or answer)
    except (ValueError, AttributeError):
        return text or f"HTTP status {status}"
