"""What the fake engine does beyond the contract that it shares with the real ones."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from tests.support.connections import connected, kept_port

from fairlead.engines.containers import ContainerSpec, PublishedPort
from fairlead.testing import FakeEngine
from fairlead.testing.fakes.fake_container import Process


async def started(port: int, reached: asyncio.Event) -> FakeEngine:
    """An engine with a container that holds every connection to a port."""
    listening = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await asyncio.Event().wait()

    async def lasts(process: Process) -> None:
        process.listen(80, hold)
        listening.set()
        await asyncio.Event().wait()

    engine = FakeEngine()
    engine.add_image("fake:1", lasts)
    await engine.start(await engine.create(ContainerSpec(name="box", image="fake:1", ports=(PublishedPort(80, port),))))
    await listening.wait()
    return engine


async def test_a_container_takes_its_connections_along() -> None:
    """When a container ends, who is connected must see it, and no task of a connection may be left."""
    reached = asyncio.Event()
    with kept_port() as port:
        engine = await started(port, reached)
        async with connected(port) as (reader, _):
            await reached.wait()

            await engine.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}
            with contextlib.suppress(ConnectionResetError):  # an end as well
                assert await reader.read() == b""


@pytest.mark.parametrize("turns", range(7))
async def test_a_container_takes_along_what_is_just_coming(turns: int) -> None:
    """Who connects at the moment of a container's end must see it, however far the connection has got by then."""
    with kept_port() as port:
        engine = await started(port, asyncio.Event())
        with socket.create_connection(("127.0.0.1", port)) as raw:  # without a turn of the loop
            for _ in range(turns):
                await asyncio.sleep(0)
            await engine.close()
            raw.setblocking(False)
            with contextlib.suppress(ConnectionResetError):  # an end as well
                async with asyncio.timeout(60):
                    assert await asyncio.get_running_loop().sock_recv(raw, 1) == b""
