"""HTTP requests to one API server, and what it means when there are no answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

from fairlead.engines.kube.answers import error_of, status_of
from fairlead.engines.kube.kubeconfig import Credentials
from fairlead.errors import EngineError, EngineUnavailable

CONNECT_SECONDS: Final = 10.0
"""Limit for a connection to be made."""
ANSWER_SECONDS: Final = 60.0
"""Limit of a request that is not a stream; API servers give up after the same time."""
_TOO_MANY: Final = 429
_RETRIES: Final = 5

Params = Mapping[str, str]


class Refusal(Exception):
    """The API server's answer was an error.

    Args:
        status: Its Status object.
    """

    def __init__(self, status: Mapping[str, Any]) -> None:
        super().__init__(status.get("message"))
        self.status = status


class Connection:
    """Requests to one API server, which is verified.

    Args:
        credentials: How it is reached.

    Raises:
        EngineError: The certificates or the key can't be used.
    """

    def __init__(self, credentials: Credentials) -> None:
        self.server = credentials.server
        self._open: set[aiohttp.ClientResponse] = set()
        self._server_name = credentials.server_name or None
        tls = _tls(credentials)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=tls),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": f"Bearer {credentials.token}"} if credentials.token else {},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            trust_env=False,  # a proxy of the user's is not for clusters on this machine
        )

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> bytes:
        """Make a request and return its answer.

        Raises:
            Refusal: The API server answers with an error.
            EngineUnavailable: It does not answer.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                async with self.stream(method, path, params=params, body=body, content_type=content_type) as answer:
                    return await answer.read()
        except TimeoutError as error:
            raise self._lost(f"no answer in {ANSWER_SECONDS:g} s") from error

    async def ask_json(self, method: str, path: str, *, params: Params | None = None, **options: Any) -> dict[str, Any]:
        """Make a request and return its answer as plain data; raises what :meth:`ask` raises."""
        content = await self.ask(method, path, params=params, **options)
        try:
            parsed: dict[str, Any] = json.loads(content)
        except ValueError as error:
            raise EngineError(f"what {self.server} answers to {path} is not JSON.") from error
        return parsed

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
        silence: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make a request whose answer is read by the caller; losing the connection there is noticed as well.

        An API server that has too much to do is asked again when it says so, a few times.

        Args:
            method: Such as ``GET``.
            path: Such as ``/api/v1/pods``.
            params: Parameters of the request.
            body: What is sent, as JSON.
            content_type: What that is.
            silence: Seconds without a byte after which the connection counts as lost; None for no limit.

        Raises:
            Refusal: The API server answers with an error.
            EngineUnavailable: It does not answer, or no longer.
        """
        if self._session.closed:
            raise self._lost("the connection has been closed")
        try:
            async with await self._answer(method, path, params, body, content_type, silence) as answer:
                if answer.status >= 400:
                    raise Refusal(status_of(await answer.read(), answer.status))
                self._open.add(answer)
                try:
                    yield answer
                finally:
                    self._open.discard(answer)
        except (aiohttp.ClientError, OSError) as error:
            raise self._lost(_reason(error)) from error

    async def _answer(
        self,
        method: str,
        path: str,
        params: Params | None,
        body: Mapping[str, Any] | None,
        content_type: str,
        silence: float | None,
    ) -> aiohttp.ClientResponse:
        retries_left = _RETRIES
        while True:
            answer = await self._session.request(
                method,
                self.server + path,
                params=dict(params or {}),
                data=json.dumps(body).encode() if body is not None else None,
                headers={"Content-Type": content_type} if body is not None else {},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=silence),
                server_hostname=self._server_name,
                allow_redirects=False,
            )
            pause = answer.headers.get("Retry-After", "1") if answer.status == _TOO_MANY else ""
            if not pause or not retries_left:
                return answer
            retries_left -= 1
            answer.release()
            await asyncio.sleep(float(pause) if pause.isdigit() else 1.0)

    async def close(self) -> None:
        """Close all connections; what waits for an answer is told that there will be none."""
        await self._session.close()
        for answer in [*self._open]:
            answer.close()  # the session leaves those alone that are being read

    def _lost(self, reason: str) -> EngineUnavailable:
        return EngineUnavailable(f"the Kubernetes API at {self.server} does not answer ({reason}).")


def error_from(refusal: Refusal) -> EngineError:
    """The error of the contract that a refusal is."""
    return error_of(refusal.status)


def _tls(credentials: Credentials) -> ssl.SSLContext:
    """Verifies the API server, and shows it who the client is."""
    try:
        context = ssl.create_default_context(cadata=credentials.authority or None)
        if credentials.certificate:
            # OpenSSL reads certificate and key from files only; these are this user's alone, and gone at once
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "client.pem")
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as file:
                    file.write(f"{credentials.certificate}\n{credentials.key}\n")
                context.load_cert_chain(path)
    except (ssl.SSLError, ValueError) as error:
        raise EngineError(f"the kubeconfig's certificates can't be used: {error}.") from error
    return context


def _reason(error: Exception) -> str:
    """Why there is no answer, without the address, which is known."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno  # asyncio puts the address into the error's own text
        return os.strerror(number).lower() if number and number > 0 else str(error.os_error)
    return str(error) or type(error).__name__
