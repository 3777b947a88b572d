"""A container of the fake engine: a coroutine in place of a program."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from fairlead.engines.container_command import CommandOutput, Stream
from fairlead.engines.containers import (
    ContainerInfo,
    ContainerSpec,
    ContainerState,
    ContainerUsage,
    ImageHealth,
    OutputChunk,
    PublishedPort,
)
from fairlead.engines.deadline import deadline
from fairlead.engines.docker import errors
from fairlead.engines.lines import LineSplitter
from fairlead.engines.sockets import port_owner
from fairlead.engines.tasks import TaskScope
from fairlead.testing.listening import Listener

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TERMINATED = 143
KILLED = 137


class FakeFile(NamedTuple):
    """A file that was copied into a container."""

    content: bytes
    user: int = 0
    group: int = 0
    mode: int = 0o644


class FakeInput:
    """The standard input of a program.

    Args:
        is_open: Whether something comes.
    """

    def __init__(self, *, is_open: bool = False) -> None:
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._is_open = is_open

    async def read(self) -> bytes:
        """The next bytes, as they come; none at the end."""
        piece = await self._pieces.get() if self._is_open else b""
        self._is_open = bool(piece)
        return piece

    async def read_all(self) -> bytes:
        """All that comes, up to the end."""
        content = b""
        while piece := await self.read():
            content += piece
        return content

    async def feed(self, pieces: AsyncIterator[bytes]) -> None:
        """Take all that comes, and its end."""
        async for piece in pieces:
            if piece:
                self._pieces.put_nowait(piece)
        self._pieces.put_nowait(b"")


@dataclass
class Process:
    """What a program sees of its container.

    A program that is asked to end is cancelled, unless it set ``traps_term``: then ``term`` is set, and it is cancelled
    once its grace is over. Raising ``MemoryError`` means that the kernel ended it for want of memory.

    Attributes:
        args: Entrypoint and command together.
        env: Its environment, the image's included.
        files: What was copied into the container.
        stdin: What it reads; only a command that was given input has some.
    """

    args: tuple[str, ...]
    env: dict[str, str]
    files: dict[str, FakeFile]
    write: Callable[[bytes, Stream], None]
    traps_term: bool = False
    term: asyncio.Event = field(default_factory=asyncio.Event)
    handlers: dict[int, Handler] = field(default_factory=dict)
    stdin: FakeInput = field(default_factory=FakeInput)

    def print(self, text: str, stream: Stream = "stdout") -> None:
        """Write a line."""
        self.write(text.encode() + b"\n", stream)

    def listen(self, port: int, handler: Handler) -> None:
        """Serve the connections to a port of the container, from where it is published."""
        self.handlers[port] = handler


Program = Callable[[Process], Awaitable[int | None]]
"""What a container runs; returns its exit code, None for 0."""


class FakeContainer:
    """One container; the engine makes, starts and ends it."""

    def __init__(self, identity: str, spec: ContainerSpec, program: Program, process: Process, image_id: str) -> None:
        self.spec = spec
        self.process = process
        self.networks = {spec.network: "127.0.0.1"} if spec.network else {}
        self.aliases = {spec.network: spec.aliases} if spec.network else {}
        self.health: ImageHealth | None = None
        self.health_log = ""
        self.ended = asyncio.Event()
        self.ended.set()
        self._id, self._image_id, self._program = identity, image_id, program
        self._state: ContainerState = "created"
        self._exit_code: int | None = None
        self._out_of_memory = False
        self._started_at: float | None = None
        self._ended_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._killed = False
        self._listeners: list[Listener] = []
        self._output: list[OutputChunk] = []
        self._splitters: dict[Stream, LineSplitter] = {"stdout": LineSplitter(), "stderr": LineSplitter()}
        self._news = asyncio.Event()
        process.write = self._write

    @property
    def is_running(self) -> bool:
        """Whether its program runs."""
        return self._state == "running"

    def info(self) -> ContainerInfo:
        """How the engine shows it."""
        return ContainerInfo(
            id=self._id,
            name=self.spec.name,
            image=self.spec.image,
            image_id=self._image_id,
            labels=dict(self.spec.labels),
            state=self._state,
            exit_code=self._exit_code,
            oom_killed=self._out_of_memory,
            health=self.health if self.is_running else None,
            health_log=self.health_log,
            started_at=self._started_at,
            ended_at=self._ended_at,
            ports=self.spec.ports if self.is_running else (),
            networks=dict(self.networks),
        )

    def usage(self) -> ContainerUsage | None:
        """What it uses while it runs: half of a core, and 16 MiB."""
        if not self.is_running or self._started_at is None:
            return None
        now = time.time()
        return ContainerUsage((now - self._started_at) / 2, 2.0**24, 2.0**30, now)

    async def start(self) -> None:
        """Publish the ports and run the program."""
        await self._close_listeners()
        for port in self.spec.ports:
            if port.protocol == "tcp":
                await self._publish(port)
        self._state, self._exit_code, self._started_at = "running", None, time.time()
        self._killed, self._out_of_memory, self._ended_at = False, False, None
        self.process.term.clear()
        self.ended.clear()
        self._task = TaskScope(f"container {self.spec.name}").start(self._run(), "its program")

    async def stop(self, grace: float) -> None:
        """TERM, and KILL when the grace is over."""
        if self.process.traps_term:
            self.process.term.set()
            with contextlib.suppress(TimeoutError):
                async with deadline(asyncio.timeout(grace)):
                    await self.ended.wait()
            await self.kill()
        else:
            await self._cancel()

    async def kill(self) -> None:
        """End it at once."""
        self._killed = True
        await self._cancel()

    async def output(self, since: float | None, follow: bool) -> AsyncIterator[OutputChunk]:
        """What it has written and, following, what it writes until it ends."""
        position = 0
        while True:
            news, is_over = self._news, self.ended.is_set() or not follow
            for chunk in self._output[position:]:
                if since is None or chunk.time >= since:
                    yield chunk
                position += 1
            if is_over and position == len(self._output):
                return
            if not is_over:
                await news.wait()

    async def open_lines(self) -> AsyncIterator[CommandOutput]:
        """What it has written of a line without its end, each time that changes, until it ends."""
        shown: dict[Stream, bytes] = {"stdout": b"", "stderr": b""}
        while not self.ended.is_set() or self._state == "created":
            news = self._news
            for stream, splitter in self._splitters.items():
                if shown[stream] != splitter.open_line:
                    shown[stream] = splitter.open_line
                    yield CommandOutput(stream, shown[stream])
            await news.wait()

    async def _cancel(self) -> None:
        if self._task is not None and not self.ended.is_set():
            self._task.cancel()
        await self.ended.wait()
        await self._close_listeners()

    async def _run(self) -> None:
        code = 1
        try:
            code = await self._program(self.process) or 0
        except MemoryError:
            code, self._out_of_memory = KILLED, True
        except asyncio.CancelledError:
            code = KILLED if self._killed else TERMINATED
        except Exception as error:  # the program's own mistake, which a real one would write about as well
            self._write(f"{type(error).__name__}: {error}\n".encode(), "stderr")
        finally:
            self._unpublish()
            for stream, splitter in self._splitters.items():
                self._keep(stream, splitter.flush())
            self._state, self._exit_code, self._ended_at = "exited", code, time.time()
            self.ended.set()
            self._ring()

    async def _publish(self, port: PublishedPort) -> None:
        listener = Listener(partial(self._serve, port.container_port))
        try:
            await listener.open_tcp(port.host_port, port.host_ip)
        except OSError as error:
            self._unpublish()
            owner = await asyncio.to_thread(port_owner, port.host_port, port.host_ip)
            raise errors.port_taken(port.host_port, owner or "another process") from error
        self._listeners.append(listener)

    async def _serve(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if handler := self.process.handlers.get(port):
            await handler(reader, writer)

    def _unpublish(self) -> None:
        for listener in self._listeners:
            listener.cut()

    async def _close_listeners(self) -> None:
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            await listener.close()

    def _write(self, data: bytes, stream: Stream) -> None:
        self._keep(stream, self._splitters[stream].feed(data))
        self._ring()

    def _keep(self, stream: Stream, lines: list[bytes]) -> None:
        if lines:
            self._output.append(OutputChunk(stream, time.time(), lines))
            self._ring()

    def _ring(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
