"""HTTP clients for calling the services of an app."""

from __future__ import annotations

import aiohttp
from aiohttp import ClientSession as ClientSession


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
