"""An engine to test, with names for what a test makes in it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fairlead.engines.containers import ContainerEngine, ContainerInfo, ContainerSpec, OutputChunk
from fairlead.engines.docker import connect

BUSYBOX = "busybox:1.35"
TEST_LABEL = "dev.fairlead.test"


@dataclass
class Bench:
    """An engine, with names of the test's own.

    Attributes:
        kind: `fake`, `docker` or `podman`.
        cut: Takes the connection to the engine away.
        restore: Gives it back.
    """

    kind: str
    engine: ContainerEngine
    cut: Callable[[], Awaitable[None]]
    restore: Callable[[], Awaitable[None]]
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def labels(self) -> dict[str, str]:
        """The labels of all that the test makes."""
        return {TEST_LABEL: self.run}

    def name(self, what: str = "a") -> str:
        """A name that nobody else has."""
        return f"fairlead-test-{self.run}-{what}"

    def spec(self, script: str, what: str = "a", **fields: Any) -> ContainerSpec:
        """A container that runs a script."""
        labels = {**self.labels, **fields.pop("labels", {})}
        return ContainerSpec(
            **{"name": self.name(what), "image": BUSYBOX, "command": ("sh", "-c", script), **fields, "labels": labels}
        )

    async def create(self, script: str, what: str = "a", **fields: Any) -> str:
        """Create a container that runs a script."""
        return await self.engine.create(self.spec(script, what, **fields))

    async def start(self, script: str, what: str = "a", **fields: Any) -> str:
        """Create and start one."""
        container = await self.create(script, what, **fields)
        await self.engine.start(container)
        return container

    async def run_to_end(self, script: str, what: str = "a", **fields: Any) -> ContainerInfo:
        """Create and start one, and wait for its end."""
        container = await self.start(script, what, **fields)
        await self.engine.wait(container)
        return await self.info(container)

    async def info(self, container: str) -> ContainerInfo:
        """A container that is there."""
        info = await self.engine.inspect(container)
        assert info is not None
        return info

    async def output(self, container: str, **options: Any) -> dict[str, list[bytes]]:
        """The lines that a container wrote, by stream."""
        return by_stream([chunk async for chunk in self.engine.logs(container, **options)])

    async def reads(self, container: str, line: bytes) -> None:
        """Return when the container has written a line."""
        async with contextlib.aclosing(self.engine.logs(container)) as logs:  # type: ignore[type-var]
            async for chunk in logs:
                if line in chunk.lines:
                    return
        raise AssertionError(f"the container ended without writing {line!r}")

    async def clean(self) -> None:
        """Remove all that the test made."""
        for container in await self.engine.containers(self.labels):
            await self.engine.remove(container.id)
        for network in await self.engine.networks(self.labels):
            await self.engine.remove_network(network.name)
        for volume in await self.engine.volumes(self.labels):
            await self.engine.remove_volume(volume.name)


def by_stream(chunks: list[OutputChunk]) -> dict[str, list[bytes]]:
    """The lines of each stream."""
    lines: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    for chunk in chunks:
        lines[chunk.stream] += chunk.lines
    return lines


class Forwarder:
    """A Unix socket in front of an engine's, which a test can close."""

    def __init__(self, path: str, target: str) -> None:
        self.address = f"unix://{path}"
        self._path, self._target = path, target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._ended = asyncio.Condition()

    async def open(self) -> None:
        """Forward connections."""
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def close(self) -> None:
        """Cut all connections, and take no more."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        async with self._ended:
            await self._ended.wait_for(lambda: not self._writers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_unix_connection(self._target)
        mine = {writer, engine_writer}
        self._writers |= mine
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._copy(reader, engine_writer))
                group.create_task(self._copy(engine_reader, writer))
        finally:
            for end in mine:
                end.close()
            async with self._ended:
                self._writers -= mine
                self._ended.notify_all()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await copy(reader, writer)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and its end."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(64 * 1024):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():  # TLS knows no such thing
            writer.write_eof()


@contextlib.asynccontextmanager
async def real_bench(kind: str, address: str, folder: str) -> AsyncIterator[Bench]:
    """A real engine, reached through a forwarder of the test's own."""
    forwarder = Forwarder(f"{folder}/engine.sock", address.removeprefix("unix://"))
    await forwarder.open()
    engine = await connect({"DOCKER_HOST": forwarder.address})
    bench = Bench(kind, engine, forwarder.close, forwarder.open)
    try:
        yield bench
    finally:
        await bench.clean()
        await engine.close()
        await forwarder.close()
