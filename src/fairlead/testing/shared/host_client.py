"""Asks the host of another process over its control socket; every call blocks."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode

import fairlead.errors as errors
from fairlead.errors import FairleadError, NotRunning
from fairlead.runtime.store.instance import RunRecord

_SECONDS = 30.0


class HostClient:
    """The control API of a host.

    Args:
        record: The host.
    """

    def __init__(self, record: RunRecord) -> None:
        self.record = record

    def get(self, path: str, *query: tuple[str, str | float]) -> Any:
        """GET a path and return the parsed JSON.

        Args:
            path: Such as ``/api/resources``; already quoted.
            query: Query parameters.

        Raises:
            NotRunning: The host has ended, or does not answer.
            FairleadError: It refuses; of the class that it says.
        """
        try:
            with closing(_connect(self.record.socket)) as connection:
                connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
                answer = connection.getresponse()
                content = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotRunning(f"{self.record.name} (process {self.record.pid}) does not answer: {error}") from error
        if answer.status != http.client.OK:
            raise _refusal(content["error"])
        return content

    def resource(self, name: str) -> dict[str, Any]:
        """The snapshot of a resource.

        Args:
            name: The resource.
        """
        found: dict[str, Any] = self.get(f"/api/resources/{quote(name, safe='')}")
        return found

    def wait(self, name: str, condition: str, seconds: float) -> dict[str, Any]:
        """The snapshot of a resource once it meets a condition; ``seconds`` is less than 30.

        Args:
            name: The resource.
            condition: ``running``, ``healthy`` or ``completed``.
            seconds: How long to wait.

        Raises:
            WaitTimeout: It has not by then.
            ResourceFailed: It won't.
        """
        path = f"/api/resources/{quote(name, safe='')}/wait"
        found: dict[str, Any] = self.get(path, ("for", condition), ("timeout", seconds))
        return found


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket that is connected already."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__("localhost")
        self.sock = connection


def _connect(path: str) -> http.client.HTTPConnection:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_SECONDS)
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return _UnixConnection(connection)


def _refusal(found: dict[str, Any]) -> FairleadError:
    kind = getattr(errors, found["kind"], FairleadError)
    refusal: FairleadError = kind(found["message"], resource=found["resource"], remedy=found["remedy"])
    return refusal
