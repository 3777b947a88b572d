"""An HTTP client for asking services how they are."""

from __future__ import annotations

import os
import ssl

import aiohttp
from aiohttp import ClientSession as ClientSession

from fairlead.errors import EngineError


class HttpClient:
    """Asks for the status of addresses; keeps no connection open."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "fairlead"},
            trust_env=False,  # a proxy of the user's is not for addresses on this machine
        )

    @classmethod
    async def open(cls) -> HttpClient:
        """A client for the running event loop."""
        return cls()

    async def status(self, url: str, seconds: float) -> int:
        """GET an address and return the status of the answer, without following redirects.

        Args:
            url: The address.
            seconds: How long it may take to answer.

        Raises:
            EngineError: It does not answer; the message says how.
        """
        try:
            limit = aiohttp.ClientTimeout(total=seconds)
            async with self._session.get(url, timeout=limit, allow_redirects=False) as answer:
                return answer.status
        except TimeoutError:
            raise EngineError(f"no answer in {seconds:g} s") from None
        except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
            raise EngineError(_reason(error)) from error

    async def close(self) -> None:
        """Close what is open."""
        await self._session.close()


def _reason(error: Exception) -> str:
    """Why there is no answer, in the system's words where it has some, and without the address, which is known."""
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, OSError) and cause.errno and cause.errno > 0 and not isinstance(cause, ssl.SSLError):
        return os.strerror(cause.errno).lower()
    return str(cause) or type(error).__name__


class ServiceClients:
    """HTTP clients of one event loop, for calling services of an app; they share connections and nothing else.

    A client costs next to nothing, so whoever calls may take a new one each time.
    """

    def __init__(self) -> None:
        self._connector = aiohttp.TCPConnector(limit=0)
        self._sessions: list[ClientSession] = []

    def client(self, url: str, seconds: float = 30.0) -> ClientSession:
        """A client with cookies of its own.

        Args:
            url: The address that the paths of its requests are below.
            seconds: How long a request may take, unless it says otherwise.
        """
        session = ClientSession(
            url,
            connector=self._connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # addresses on this machine may be numbers
            timeout=aiohttp.ClientTimeout(total=seconds),
            trust_env=False,  # a proxy of the user's is not for addresses on this machine
        )
        self._sessions.append(session)
        return session

    async def close(self) -> None:
        """Close all of them."""
        for session in self._sessions:
            await session.close()
        await self._connector.close()
