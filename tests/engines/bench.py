"""An engine to test, with names for what a test makes in it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.listening import Listener, ending

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
    """A Unix socket in front of an engine's, which a test can close and open again."""

    def __init__(self, path: str, target: str) -> None:
        self.address = f"unix://{path}"
        self._path, self._target = path, target
        self._listener = Listener(self.serve)

    async def open(self) -> None:
        """Forward connections."""
        await self._listener.open_unix(self._path)

    async def close(self) -> None:
        """Cut all connections, and take no more."""
        await self._listener.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect to the engine, and pass on what both sides say."""
        engine_reader, engine_writer = await asyncio.open_unix_connection(self._target)
        async with ending(engine_writer), asyncio.TaskGroup() as group:
            group.create_task(self.requests(reader, engine_writer))
            group.create_task(self.answers(engine_reader, writer))

    async def requests(self, reader: asyncio.StreamReader, engine_writer: asyncio.StreamWriter) -> None:
        """Pass on what the client says."""
        await copy(reader, engine_writer)

    async def answers(self, engine_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the engine says."""
        await copy(engine_reader, writer)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and its end."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(64 * 1024):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        else:  # TLS knows only the end of both directions
            writer.close()


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
