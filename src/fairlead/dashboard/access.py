"""Access: a client that can open the Unix socket may ask anything, one that comes over TCP needs the token.

Any page that a browser shows can send requests to a port of this machine, and any program can connect to it. So a
request over TCP is refused without the token, with the Origin of another page, and with a Host that is not this
server's (a foreign name that its owner has let point to 127.0.0.1).
"""

from __future__ import annotations

import hmac

from aiohttp import web

from fairlead.errors import UsageError

_LOCAL_NAMES = ("localhost", "127.0.0.1")


class Refused(UsageError):
    """A request that must not be answered.

    Args:
        message: Why.
        status: The HTTP status.
        remedy: What to do about it.
    """

    def __init__(self, message: str, status: int, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


def asker(request: web.Request) -> str:
    """Who makes a request, as events name it: the command line over the Unix socket, or the page with the token."""
    return "the page" if isinstance(request.get_extra_info("sockname"), tuple) else "the command line"


class Access:
    """The check of requests that come over TCP.

    Args:
        token: What they must have; without one, none is answered that needs it.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token

    def check(self, request: web.Request, *, needs_token: bool) -> None:
        """Let a request pass.

        Args:
            request: The request.
            needs_token: Whether what it asks for needs the token.

        Raises:
            Refused: It must not be answered.
        """
        address = request.get_extra_info("sockname")
        if not isinstance(address, tuple):
            return  # the Unix socket, which only its user can open
        hosts = [f"{name}:{address[1]}" for name in _LOCAL_NAMES]
        if request.headers.getall("Host", []) not in [[host] for host in hosts]:
            raise Refused("the request is for another host", 403)
        origin = request.headers.get("Origin")
        if origin is not None and origin not in [f"http://{host}" for host in hosts]:
            raise Refused("the request comes from another site", 403)
        if needs_token and not self._has_token(request):
            raise Refused("the request has no token, or not that of this run", 401, "Send Authorization: Bearer TOKEN.")

    def _has_token(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self._token is None or scheme.lower() != "bearer":
            return False
        return hmac.compare_digest(token.strip().encode(), self._token.encode())
