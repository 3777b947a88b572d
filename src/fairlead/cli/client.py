"""Talks to a running app over its control socket, without an event loop or a client library."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode

import fairlead.errors as errors
from fairlead.cli.selected_app import SelectedApp
from fairlead.cli.stopped_host import HostStopped, StoppedHostWatch
from fairlead.cli.terminal import display_path
from fairlead.engines.process_state import is_stopped
from fairlead.errors import FairleadError, NotRunning
from fairlead.runtime.store.instance import RunRecord, running_instances

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_PAUSE_SECONDS = 0.05
_END_SECONDS = 60.0
_PIECE_BYTES = 64 * 1024

Query = Sequence[tuple[str, str | int | float]]


def find_running(selected_app: SelectedApp) -> RunRecord:
    """The host of the app that the command line is about. The app file is not loaded: it may have changed meanwhile.

    Raises:
        NotRunning: It has none.
        UsageError: There is no app file.
    """
    file = selected_app.file()
    running = running_instances()
    for record in running:
        if record.apphost == str(file):
            return record
    others = ", ".join(record.name for record in running)
    raise NotRunning(
        f"the app of {display_path(file)} does not run" + (f" (others do: {others})" if others else ""),
        remedy=f"Start it with `{run_command(selected_app)}`.",
    )


def run_command(selected_app: SelectedApp) -> str:
    """What starts the app, as a person would type it here."""
    if selected_app.own_apphost is not None:
        return f"python {display_path(selected_app.own_apphost.file)} run"
    return f"fairlead run --apphost {selected_app.apphost_option}" if selected_app.apphost_option else "fairlead run"


def resource_path(id: str, *rest: str) -> str:
    """The path of a resource in the control API.

    Args:
        id: Its name, or the id of an observed one; one segment of the path whatever is in it.
        rest: The segments behind it.
    """
    return "/".join(["/api/resources", *(quote(segment, safe="") for segment in (id, *rest))])


class Client:
    """The control API of one running app.

    Args:
        record: The app's host.
    """

    def __init__(self, record: RunRecord) -> None:
        self.record = record

    @classmethod
    def of(cls, selected_app: SelectedApp) -> Client:
        """The client of the app that the command line is about.

        Raises:
            NotRunning: It has no host.
        """
        return cls(find_running(selected_app))

    def get(self, path: str, query: Query = (), *, seconds: float | None = _ANSWER_SECONDS) -> Any:
        """GET a path and return the parsed JSON.

        Args:
            path: Such as ``/api/resources``; already quoted.
            query: Query parameters.
            seconds: How long the answer may take; None for as long as it takes.

        Raises:
            FairleadError: The host refuses, does not answer, or is gone.
        """
        return self._json("GET", path, query, seconds=seconds)

    def post(self, path: str, body: Any = None) -> Any:
        """POST to a path and return the parsed JSON, however long it takes.

        Args:
            path: Such as ``/api/stop``; already quoted.
            body: What to send as JSON; nothing by default.

        Raises:
            FairleadError: The host refuses, or is gone.
        """
        return self._json("POST", path, (), body)

    def follow(self, path: str, query: Query = (), cursor_field: str = "cursor") -> Iterator[Any]:
        """The objects of a stream as they come, until the host ends it.

        The host cuts whoever does not read for long, such as this command behind a pager. The stream then goes on
        where it was: behind the cursor of the last object, or with what has a newer version.

        Args:
            path: Such as ``/api/logs``; already quoted.
            query: Query parameters.
            cursor_field: The field of an object that leads to what comes behind it.

        Raises:
            FairleadError: The host refuses, or is gone, also in the middle of the stream.
        """
        cursor, version = "", -1
        while True:
            begin = [pair for pair in query if pair[0] != "after"] if cursor else query
            more = [("after", cursor)] if cursor else []
            try:
                for entry in self._stream(path, [*begin, ("follow", 1), *more]):
                    if entry.get("version", version + 1) <= version:
                        continue
                    version = entry.get("version", version)
                    cursor = entry.get(cursor_field, cursor)
                    yield entry
                return
            except _BrokenStream as error:
                if self.record not in running_instances():
                    raise self.gone() from error

    def _stream(self, path: str, query: Query) -> Iterator[Any]:
        """The objects of one answer.

        Raises:
            FairleadError: The host refuses, or is gone.
            _BrokenStream: The answer has broken off.
        """
        with closing(self._connect()) as connection, StoppedHostWatch(self.record, connection):
            response = self._request(connection, "GET", path, query)
            rest = b""
            try:
                with response:
                    # Not line by line: http.client takes a stream that breaks off there for one that has ended.
                    while piece := response.read1(_PIECE_BYTES):
                        *lines, rest = (rest + piece).split(b"\n")
                        yield from map(json.loads, lines)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _BrokenStream from error

    def wait_until_gone(self) -> None:
        """Return when the host has ended.

        Raises:
            FairleadError: It has not in a minute.
        """
        deadline = time.monotonic() + _END_SECONDS
        while self.record in running_instances():
            if is_stopped(self.record.pid):
                raise HostStopped(self.record)
            if time.monotonic() > deadline:
                raise FairleadError(
                    f"{self.record.name} is still stopping after {_END_SECONDS:g} s",
                    remedy=f"`kill -9 {self.record.pid}` ends it at once, and nothing is left behind.",
                )
            time.sleep(_PAUSE_SECONDS)

    def _json(self, method: str, path: str, query: Query, body: Any = None, *, seconds: float | None = None) -> Any:
        with closing(self._connect()) as connection, StoppedHostWatch(self.record, connection):
            response = self._request(connection, method, path, query, body, seconds=seconds)
            try:
                with response:
                    return json.loads(response.read())
            except TimeoutError as error:
                raise self._silent() from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self.gone() from error

    def _request(
        self,
        sock: socket.socket,
        method: str,
        path: str,
        query: Query,
        body: Any = None,
        *,
        seconds: float | None = None,
    ) -> http.client.HTTPResponse:
        connection = _UnixConnection(sock)
        connection.sock.settimeout(seconds)
        data = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"{path}?{urlencode(query)}" if query else path, data)
            response = connection.getresponse()
            if response.status == http.client.OK:
                return response
            answer = response.read()
        except TimeoutError as error:
            raise self._silent() from error
        except (OSError, http.client.HTTPException) as error:
            raise self.gone() from error
        raise _refusal(response.status, answer)

    def _connect(self) -> socket.socket:
        """Connect; a host that has only just begun is given some time to open its socket."""
        deadline = time.monotonic() + _CONNECT_SECONDS
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.connect(self.record.socket)
                return connection
            except OSError as error:
                connection.close()
                if self.record not in running_instances():
                    raise self.gone() from error
                if time.monotonic() > deadline:
                    raise self._silent() from error
                time.sleep(_PAUSE_SECONDS)

    def _silent(self) -> FairleadError:
        return FairleadError(
            f"{self.record.name} runs (process {self.record.pid}) but does not answer",
            remedy=f"`kill -9 {self.record.pid}` ends it at once, and nothing is left behind.",
        )

    def gone(self) -> NotRunning:
        """The error that the host has ended."""
        return NotRunning(f"{self.record.name} has ended", remedy="Start it with `fairlead run`.")


class _BrokenStream(Exception):
    """An answer has broken off."""


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a socket that is connected already."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__("localhost")
        self.sock = connection


def _refusal(status: int, answer: bytes) -> FairleadError:
    """The error that the host answered with, as the class it was raised as."""
    try:
        found = json.loads(answer)["error"]
        kind = getattr(errors, found["kind"], FairleadError)
        refusal: FairleadError = kind(found["message"], resource=found["resource"], remedy=found["remedy"])
        return refusal
    except (ValueError, LookupError, TypeError):
        text = answer.decode("utf-8", "replace").strip()
        return FairleadError(f"the host answered {status}: {text or 'nothing'}")
