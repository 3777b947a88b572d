"""An engine to test, with names for what a test makes in it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.engine_socket import EngineSocket
from tests.support.waiting import PATIENCE

from fairlead.engines.containers import ContainerEngine, ContainerInfo, ContainerSpec, OutputChunk
from fairlead.engines.docker import connect
from fairlead.testing.listening import ending

BUSYBOX = "busybox:1.35"
TEST_LABEL = "dev.fairlead.test"
GONE_WITHIN = 10.0
"""Seconds after a host's death; the promise, for an engine that starts and removes a container within one second."""


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


async def until_gone(left: Callable[[], Awaitable[object]], one: Callable[[], Awaitable[object]]) -> None:
    """Wait until nothing is left of a host that has just been killed, as long as is promised of the engine here.

    Args:
        left: What is left.
        one: Starts a container and removes it, by which the engine's speed at the time is known.
    """

    async def timed(work: Awaitable[object]) -> float:
        begin = time.monotonic()
        await work
        return time.monotonic() - begin

    async def nothing_is_left() -> None:
        async with asyncio.timeout(2 * PATIENCE):
            while await left():  # noqa: ASYNC110  (another process removes it)
                await asyncio.sleep(0.1)

    took, one_took = await asyncio.gather(timed(nothing_is_left()), timed(one()))
    assert took <= GONE_WITHIN * max(1.0, one_took), f"gone after {took:.1f} s, a container takes {one_took:.1f} s"


def by_stream(chunks: list[OutputChunk]) -> dict[str, list[bytes]]:
    """The lines of each stream."""
    lines: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    for chunk in chunks:
        lines[chunk.stream] += chunk.lines
    return lines


class Forwarder(EngineSocket):
    """A Unix socket in front of an engine's, which a test can close and open again."""

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
    async with contextlib.AsyncExitStack() as ends:
        forwarder = Forwarder(f"{folder}/engine.sock", address.removeprefix("unix://"))
        await ends.enter_async_context(forwarder)
        engine = await connect({"DOCKER_HOST": forwarder.address})
        ends.push_async_callback(engine.close)
        bench = Bench(kind, engine, forwarder.close, forwarder.open)
        ends.push_async_callback(bench.clean)
        ends.push_async_callback(forwarder.open)  # a test that failed may have left it closed
        yield bench
