"""An engine of another machine, over SSH.

As the ``docker`` command does it: each connection is an ``ssh`` process that runs ``docker system dial-stdio`` on the
other machine, which passes its standard input and output on to the engine. The user's keys, agent and ``~/.ssh/config``
apply. The user is asked for nothing, because the process has no terminal.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp.client_proto import ResponseHandler

from fairlead.engines.child import Child
from fairlead.engines.command import ProcessSpec, find_executable
from fairlead.engines.docker.transport.connectors import Transport
from fairlead.engines.docker.transport.discovery import Candidate
from fairlead.engines.docker.transport.duplex import Duplex
from fairlead.errors import CommandFailed, EngineUnavailable

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.tracing import Trace

CONNECT_TIME: Final = 10
"""Seconds in which the other machine has to be reached."""
END_TIME: Final = 2.0
"""Seconds that the processes have to end by themselves once their connections are closed."""


def ssh_command(candidate: Candidate) -> tuple[str, ...]:
    """The command whose standard input and output is a connection to the engine.

    Args:
        candidate: An engine with an address such as ``ssh://me@host:2222/run/user/1000/docker.sock``.

    Raises:
        EngineUnavailable: The address can't be used.
    """
    parts = _parsed(candidate)
    engine = "podman" if candidate.source == "CONTAINER_HOST" else "docker"
    place = "--url" if engine == "podman" else "--host"
    return (
        *("ssh", "-o", f"ConnectTimeout={CONNECT_TIME}", "-T"),
        *(("-l", parts.username) if parts.username else ()),
        *(("-p", str(parts.port)) if parts.port else ()),
        *("--", str(parts.hostname), engine),
        *((place, f"unix://{parts.path}") if parts.path.strip("/") else ()),
        *("system", "dial-stdio"),
    )


def _parsed(candidate: Candidate) -> SplitResult:
    try:
        parts = urlsplit(candidate.address)
        problem = "its port is 0" if parts.port == 0 else "" if parts.hostname else "it names no host"
    except ValueError as error:
        raise _unusable(candidate, str(error)) from None
    if parts.password is not None:
        problem = "a password in it would be shown by ps"
    if problem:
        raise _unusable(candidate, problem)
    return parts


def _unusable(candidate: Candidate, problem: str) -> EngineUnavailable:
    host = candidate.address.removeprefix("ssh://").rpartition("@")[2]  # without a password
    return EngineUnavailable(
        f"no container engine: the address ssh://{host}, from {candidate.source}, can't be used: {problem}.",
        remedy="Write it as ssh://user@host, and log in by a key.",
    )


class SshTransport(Transport):
    """Connections that are processes of ``ssh``.

    Args:
        candidate: The engine.
        environment: What the processes see: the user's environment.

    Raises:
        EngineUnavailable: The address can't be used.
    """

    def __init__(self, candidate: Candidate, environment: Mapping[str, str]) -> None:
        self._spec = ProcessSpec(ssh_command(candidate), "/", environment)
        self._children: set[Child] = set()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)

    def connector(self) -> aiohttp.BaseConnector:
        """Makes the connections of an HTTP session."""
        return _Connector(self)

    async def open(self) -> Duplex:
        """A connection of its own."""
        return Duplex(*await asyncio.open_unix_connection(sock=self.dial()))

    def dial(self) -> socket.socket:
        """Start a process, and return the socket that leads to its standard input and output.

        Raises:
            OSError: It can't be started.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._children.add(child := self._start(theirs.fileno()))
        except BaseException:
            ours.close()
            raise

        def note_exit(exited: asyncio.Future[None]) -> None:
            if not exited.cancelled():
                self._reap(child)

        child.exited.add_done_callback(note_exit)
        return ours

    def last_words(self) -> str:
        """What ``ssh`` has said last, such as why it may not log in."""
        if self._errors.closed:
            return ""
        end = self._errors.seek(0, 2)
        self._errors.seek(max(0, end - 2000))
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    async def close(self) -> None:
        """End the processes that are left."""
        if left := [child.exited for child in self._children]:
            await asyncio.wait(left, timeout=END_TIME)
        for child in [*self._children]:
            child.signal_group(signal.SIGKILL)
            self._reap(child)
        self._errors.close()

    def _start(self, end: int) -> Child:
        try:
            executable = find_executable(self._spec)
        except CommandFailed as error:
            raise FileNotFoundError(error.message) from error
        return Child(
            self._spec.argv,
            executable=executable,
            cwd=self._spec.cwd,
            env=self._spec.env,
            stdin=end,
            stdout=end,
            stderr=self._errors.fileno(),
        )

    def _reap(self, child: Child) -> None:
        if child in self._children:
            self._children.discard(child)
            child.reap()


class _Connector(aiohttp.BaseConnector):
    """aiohttp's connections over a process each."""

    def __init__(self, transport: SshTransport) -> None:
        super().__init__(limit=0)
        self._transport = transport

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  (aiohttp's own signature; ssh has a limit of its own)
    ) -> ResponseHandler:
        try:
            _, protocol = await self._loop.create_unix_connection(self._factory, sock=self._transport.dial())
        except OSError as error:
            raise aiohttp.ClientConnectorError(req.connection_key, error) from error
        return protocol
