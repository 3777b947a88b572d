"""Where the page is served: a port of the loopback interface and a token, both the same from run to run.

So a page that is still open finds the next run of the app again. They are claimed before anything else is loaded; what
connects is answered once the server is there.
"""

from __future__ import annotations

import errno
import secrets
import socket
from dataclasses import dataclass

from fairlead.engines.sockets import port_owner
from fairlead.errors import FairleadError, StateError
from fairlead.runtime.host import Host
from fairlead.runtime.store.files import read_json, write_json
from fairlead.runtime.store.ports import PortRequest

_HOST = "127.0.0.1"
_KEY = ":dashboard"  # no resource has such a name
_TOKEN_FILE = "dashboard.json"
_BACKLOG = 128


class PortTaken(FairleadError):
    """The port that the user wants for the dashboard belongs to another program."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that is listened on, and not served yet.

    Args:
        socket: The listening socket.
        token: What a request must send as ``Authorization: Bearer TOKEN``.
    """

    socket: socket.socket
    token: str

    @property
    def url(self) -> str:
        """Such as ``http://127.0.0.1:40123``."""
        return f"http://{_HOST}:{self.socket.getsockname()[1]}"

    @property
    def page(self) -> str:
        """The address to open in a browser; the token is in its fragment, which no browser sends to anybody."""
        return f"{self.url}/#t={self.token}"


def listen(port: int = 0, token: str | None = None) -> Listener:
    """Listen on a port of the loopback interface.

    Args:
        port: The port; 0 for any that is free.
        token: The token; a new one by default.

    Raises:
        OSError: The port is taken.
    """
    listening = socket.create_server((_HOST, port), backlog=_BACKLOG)
    return Listener(listening, token or secrets.token_urlsafe(32))


def listen_for(host: Host, port: int | None) -> Listener:
    """Listen for the page of a run.

    Args:
        host: The host of the run.
        port: The port that the user wants; None for the one of the app's last run, or another if that is taken.

    Raises:
        PortTaken: Another program has the port that the user wants.
        OSError: The system gives no port.
    """
    token = _token(host)
    if port is None:
        return _listen_on_own(host, token)
    try:
        return listen(port, token)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        owner = port_owner(port) or "nobody, but only root may listen on it"
        raise PortTaken(
            f"port {port} of the dashboard belongs to {owner}",
            remedy="End that, choose another port with --dashboard-port, or leave the option out for one that is free.",
        ) from error


def _listen_on_own(host: Host, token: str) -> Listener:
    port = host.ports.allocate([PortRequest(_KEY)])[_KEY]
    try:
        return listen(port, token)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:  # somebody took it since it was looked at
            raise
        return listen(0, token)


def _token(host: Host) -> str:
    """The token of the app, kept in its state folder; one for this run where that can't be used."""
    try:
        path = host.run.state_folder.path() / _TOKEN_FILE
        known = (read_json(path, dict) or {}).get("token")
        if isinstance(known, str) and len(known) >= 32:
            return known
        token = secrets.token_urlsafe(32)
        write_json(path, {"token": token})
    except StateError:
        return secrets.token_urlsafe(32)
    return token
