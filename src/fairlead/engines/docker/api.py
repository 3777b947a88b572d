"""Requests to an engine's HTTP API, its answers, and what it means when there are none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from fairlead.engines.deadline import deadline
from fairlead.engines.docker.silence import SHORT_LIMIT_SECONDS, SilenceDetector
from fairlead.engines.docker.transport.dialing import transport_to
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.engines.docker.transport.hijack import Hijacked
from fairlead.errors import EngineError, EngineUnavailable

NEWEST_VERSION: Final = (1, 41)
"""The version of the API that is spoken unless an engine is too new for it; Docker 20.10 and Podman 4 know it."""
CONNECT_TIME: Final = 10.0
"""Seconds for a connection to be made."""

Parameter = str | int | bool | Mapping[str, list[str]]
Params = Mapping[str, Parameter | list[str]]
"""Parameters of a request; a list is one parameter for each of its texts, a mapping is sent as JSON."""


class Refused(EngineError):
    """The engine answered that it won't; the message is its own.

    Args:
        status: HTTP status, 0 when the refusal came in the middle of a stream.
        message: The engine's words.
        by_podman: Whether it was Podman that said so, and not a proxy in front of it.
    """

    def __init__(self, status: int, message: str, *, by_podman: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.by_podman = by_podman

    @property
    def is_final(self) -> bool:
        """Whether it means that nothing will be done.

        A 5xx does not: a proxy may have lost patience (504) while the engine is still at it. But Podman itself says 500
        where Docker says 409 or 400.
        """
        return self.status < 500 or (self.by_podman and self.status == 500)

    @property
    def is_about_something_gone(self) -> bool:
        """Whether what was asked for does not exist; Podman reports that as a failure of its own at times."""
        return self.status == 404 or "no such container" in self.message


class Api:
    """One engine's API.

    Args:
        candidate: Where the engine is.
        environment: The user's environment, for the ``ssh`` command.

    Raises:
        EngineUnavailable: Its address has a form that is not known.
    """

    def __init__(self, candidate: Candidate, environment: Mapping[str, str] | None = None) -> None:
        self.candidate = candidate
        self._transport = transport_to(candidate, os.environ if environment is None else environment)
        self._connector = self._transport.connector()
        self._session = self._open_session(aiohttp.HttpVersion11)
        self._unchunked = self._open_session(aiohttp.HttpVersion10)
        self._version = "v1.24"
        self._silence = SilenceDetector(self._ping)
        #: The newest version of the API that the engine knows.
        self.newest_version = NEWEST_VERSION

    def _open_session(self, version: aiohttp.HttpVersion) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=self._connector,
            connector_owner=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            version=version,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIME),
            trust_env=False,  # a proxy of the user's is not for engines
        )

    def speak(self, newest: tuple[int, int], oldest: tuple[int, int] = (1, 0)) -> None:
        """Speak a version of the API that the engine knows from now on.

        Args:
            newest: The newest that it knows.
            oldest: The oldest that it knows.
        """
        self.newest_version = newest
        major, minor = max(min(NEWEST_VERSION, newest), oldest)
        self._version = f"v{major}.{minor}"

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        data: AsyncIterator[bytes] | None = None,
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
        data: AsyncIterator[bytes] | None = None,
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
        content_type = "application/json" if body is not None else "application/x-tar" if data is not None else None
        session = self._session if chunked else self._unchunked
        asked = session.request(
            method,
            f"{self._transport.url}/{self._path(path, versioned)}",
            params=_pairs(params or {}),
            data=json.dumps(body).encode() if body is not None else data,
            headers={**({"Content-Type": content_type} if content_type else {}), **(headers or {})},
        )
        try:
            async with await self._head(asked) as answer:
                with self._silence.cut_if_silent(answer.close):
                    self._silence.note_answer()
                    if answer.status >= 400:
                        by_podman = "Libpod-Api-Version" in answer.headers
                        message = _message(answer.status, await answer.read())
                        raise Refused(answer.status, message, by_podman=by_podman)
                    yield answer
        except (aiohttp.ClientError, ConnectionError, ssl.SSLError) as error:
            raise self._lost_or_silent(error) or self.lost(error) from error

    @contextlib.asynccontextmanager
    async def hijack(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[Hijacked]:
        """Make a POST request after whose answer the connection is a plain one, in both directions.

        Losing it is noticed as for ``stream``.

        Raises:
            Refused: The engine says no.
            EngineUnavailable: It does not answer, or no longer.
        """
        try:
            connection = await self._transport.open()
        except OSError as error:
            raise self.lost(_reason(error)) from error
        try:
            with self._silence.cut_if_silent(connection.abort):
                hijacked = Hijacked(connection, self._lost_or_silent)
                await hijacked.ask(self._path(path), body)
                self._silence.note_answer()
                if hijacked.status >= 400:
                    raise Refused(hijacked.status, _message(hijacked.status, await hijacked.refusal()))
                yield hijacked
        finally:
            await connection.close()

    async def _head(self, asked: Awaitable[aiohttp.ClientResponse]) -> aiohttp.ClientResponse:
        """The beginning of an answer."""
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(0 if self._silence.is_silent else None)
        try:
            async with deadline(limit):
                with self._silence.cut_if_silent(lambda: limit.reschedule(loop.time())):
                    return await asked
        except TimeoutError:
            if limit.expired():
                raise self._silent_error() from None
            raise

    async def architecture(self) -> str:
        """What the engine runs on, such as ``amd64``; empty if it doesn't say. Takes it a quarter of a second."""
        return str((await self.call("GET", "version", versioned=False)).get("Arch") or "")

    async def _ping(self) -> None:
        """Return when the engine answers, whatever it says."""
        async with self._session.get(f"{self._transport.url}/_ping") as answer:
            await answer.read()

    def _path(self, path: str, versioned: bool = True) -> str:
        return f"{self._version}/{path}" if versioned else path

    def _lost_or_silent(self, error: Exception | None) -> EngineUnavailable | None:
        if self._silence.is_silent:
            return self._silent_error()
        return None if error is None else self.lost(error)

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
            reason = _reason(error.os_error)
        if last_words := self._transport.last_words():
            reason = f"{reason}; {last_words}"
        return EngineUnavailable(
            f"the container engine at {self.candidate} does not answer ({reason}).",
            remedy="See that it runs.",
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._silence.close()
        await self._session.close()
        await self._unchunked.close()
        await self._connector.close()
        await self._transport.close()


def segment(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")


def label_filter(labels: Mapping[str, str]) -> Params:
    """The parameters by which a listing is limited to objects with labels.

    Only to shorten the answer: Podman lists volumes that have any of the labels, so callers filter it again.
    """
    return {"filters": {"label": [f"{name}={value}" for name, value in labels.items()]}}


def _reason(error: OSError) -> str:
    """Why there is no connection, in the system's words where it has some."""
    by_system = error.errno and error.errno > 0 and not isinstance(error, ssl.SSLError)
    return os.strerror(error.errno) if by_system and error.errno else error.strerror or str(error)


def parse_version(text: object) -> tuple[int, int]:
    """A version of the API as numbers; that of Docker 20.10 where there is none."""
    major, _, minor = str(text or "1.41").partition(".")
    return int(major), int(minor)


def _pairs(params: Params) -> list[tuple[str, str]]:
    pairs = []
    for name, value in params.items():
        pairs += [(name, _text(one)) for one in (value if isinstance(value, list) else [value])]
    return pairs


def _text(value: Parameter) -> str:
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
