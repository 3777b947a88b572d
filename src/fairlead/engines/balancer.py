"""A TCP balancer for the replicas of a process: one address, several backends, in turn.

It moves bytes and knows no protocol. Half-closed connections stay half-closed, a side that doesn't read holds the
other one back, and a reset is passed on as a reset.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Sequence

from fairlead.engines.deadline import deadline
from fairlead.engines.serving import stop_listening
from fairlead.engines.sockets import LOCAL_HOST, LOOPBACKS
from fairlead.engines.tasks import TaskScope
from fairlead.errors import StartError

Address = tuple[str, int]

_CONNECT_SECONDS = 2.0
_CLOSE_SECONDS = 1.0
_BACKLOG = 512
_IP_FREEBIND = 15  # from <linux/in.h>; Python has no name for it
_NO_LINGER = struct.pack("ii", 1, 0)


class Balancer:
    """Accepts connections on one address and gives each to the next backend that takes it.

    Attributes:
        backends: Who may get new connections, as ``(host, port)``; set it whenever that changes. Connections that
            exist stay where they are. The host is an address, or ``localhost`` for 127.0.0.1, else ::1.
    """

    def __init__(self, backends: Sequence[Address] = ()) -> None:
        self.backends: Sequence[Address] = backends
        self._server: asyncio.Server | None = None
        self._closed = False
        self._turn = 0
        self._tasks = TaskScope("balancer")
        self._connecting: set[asyncio.Task[None]] = set()
        self._sides: set[_Side] = set()

    @property
    def port(self) -> int:
        """The port it listens on; 0 while it doesn't."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and self._server.sockets else 0

    async def start(self, host: str, port: int, *, early: bool = False) -> None:
        """Listen; connections are accepted when this returns.

        Args:
            host: The address.
            port: The port.
            early: Whether the address may be one that this machine is only going to have (Linux can do that). It may
                also come and go while this listens.

        Raises:
            StartError: The address can't be listened on.
        """
        loop = asyncio.get_running_loop()
        self._closed = False
        try:
            if early and sys.platform == "linux":
                self._server = await loop.create_server(self._accept, sock=_bound_early(host, port), backlog=_BACKLOG)
            else:
                self._server = await loop.create_server(self._accept, host, port, backlog=_BACKLOG)
        except OSError as error:
            reason = error.strerror or str(error)
            raise StartError(
                f"can't listen on {host}:{port}: {reason}.",
                remedy="End what listens there, or give the endpoint another port.",
            ) from error

    async def close(self) -> None:
        """Stop listening and end all connections, in a second at most.

        What has been read is still written, if the other side takes it in that time. Closing twice is fine.
        """
        server, self._server = self._server, None
        self._closed = True
        if server is not None:
            stop_listening(server)
        for task in self._connecting:
            task.cancel()
        for side in list(self._sides):
            side.close()
        try:
            async with deadline(asyncio.timeout(_CLOSE_SECONDS)):
                await self._wait_ended()
        except TimeoutError:
            for side in list(self._sides):
                side.abort()
            await self._wait_ended()
        if server is not None:
            await server.wait_closed()

    async def _wait_ended(self) -> None:
        while waited := [*self._connecting, *(side.ended for side in self._sides)]:
            await asyncio.wait(waited)

    def _accept(self) -> _Side:
        return _Side(self._sides, self._begin)

    def _begin(self, client: _Side) -> None:
        if self._closed:  # it was accepted just before
            client.abort()
            return
        task = self._tasks.start(self._connect(client), "connection")
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, client: _Side) -> None:
        loop = asyncio.get_running_loop()
        for host, port in [address for backend in self._order() for address in _addresses(backend)]:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    _, backend = await loop.create_connection(lambda: _Side(self._sides), host, port)
            except OSError:
                continue
            client.join(backend)
            return
        client.close()

    def _order(self) -> list[Address]:
        """Return the backends, beginning with the one whose turn it is."""
        backends = list(self.backends)
        if not backends:
            return []
        start = self._turn % len(backends)
        self._turn = start + 1
        return backends[start:] + backends[:start]


def _addresses(backend: Address) -> list[Address]:
    """Where a backend may listen. ``localhost`` is no name to look up: there may be a file that says otherwise."""
    host, port = backend
    return [(loopback, port) for loopback in LOOPBACKS] if host == LOCAL_HOST else [backend]


def _bound_early(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio does
        made.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        made.bind((host, port))
    except BaseException:
        made.close()
        raise
    return made


class _Side(asyncio.Protocol):
    """One of the two connections that make up a balanced one.

    Args:
        sides: Where it is listed while it is open.
        on_open: Is called with it once it is connected.
    """

    def __init__(self, sides: set[_Side], on_open: Callable[[_Side], None] | None = None) -> None:
        self._sides = sides
        self._on_open = on_open
        self._peer: _Side | None = None
        self._finished = False
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sides.add(self)
        # Not at once: a pause made in this call has no effect before Python 3.11.4, and Debian 12 has 3.11.2
        # (python/cpython#103607).
        asyncio.get_running_loop().call_soon(self._hold_alone)
        if self._on_open:
            self._on_open(self)

    def _hold_alone(self) -> None:
        """Read nothing before somebody is there to take it."""
        if self._peer is None:
            self.hold()

    def join(self, peer: _Side) -> None:
        """Let the bytes flow, both ways."""
        self._peer, peer._peer = peer, self
        if self.is_ending:
            peer.abort()
        elif peer.is_ending:
            self.abort()
        else:
            self.resume_reading()
            peer.resume_reading()

    @property
    def is_ending(self) -> bool:
        """Whether nothing more can be sent."""
        return self._transport.is_closing()

    def hold(self) -> None:
        """Read nothing for the time being."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Write, unless it is too late."""
        if not self.is_ending:
            self._transport.write(data)

    def finish(self) -> None:
        """Tell the other end that nothing more comes, once all is written."""
        if not self.is_ending:
            self._transport.write_eof()

    def close(self) -> None:
        """End the connection once all is written."""
        self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def reset(self) -> None:
        """End the connection so that the other end sees that something broke, and not a regular end."""
        if not self.is_ending:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.abort()

    def data_received(self, data: bytes) -> None:
        if self._peer:
            self._peer.send(data)

    def eof_received(self) -> bool:
        self._finished = True
        peer = self._peer
        if peer is None or peer._finished:
            # The other direction is done, so this one is all that kept the two open.
            if peer:
                peer.close()
            return False
        peer.finish()
        return True

    def pause_writing(self) -> None:
        if self._peer:
            self._peer.hold()

    def resume_writing(self) -> None:
        if self._peer:
            self._peer.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._sides.discard(self)
        self.ended.set_result(None)
        if self._peer:
            (self._peer.reset if error else self._peer.close)()
