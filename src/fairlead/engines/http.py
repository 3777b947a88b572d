"""An HTTP client for asking services how they are."""

from __future__ import annotations

import ssl

import aiohttp

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
            reason = error.__cause__ if isinstance(error.__cause__, OSError) else error
            raise EngineError(str(reason) or type(error).__name__) from error

    async def close(self) -> None:
        """Close what is open."""
        await self._session.close()
