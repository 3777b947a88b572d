"""What the fake engine does beyond the contract that it shares with the real ones."""

from __future__ import annotations

import asyncio
import contextlib

from fairlead.engines.containers import ContainerSpec, PublishedPort
from fairlead.testing import FakeEngine
from fairlead.testing.fake_container import Process


async def test_a_container_takes_its_connections_along(unused_tcp_port: int) -> None:
    """When a container ends, who is connected must see it, and no task of a connection may be left."""
    reached = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await asyncio.Event().wait()

    async def lasts(process: Process) -> None:
        process.listen(80, hold)
        await asyncio.Event().wait()

    engine = FakeEngine()
    engine.add_image("fake:1", lasts)
    await engine.start(
        await engine.create(ContainerSpec(name="box", image="fake:1", ports=(PublishedPort(80, unused_tcp_port),)))
    )
    await asyncio.sleep(0)  # the program runs
    reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
    await reached.wait()

    await engine.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    with contextlib.suppress(ConnectionResetError):  # an end as well
        assert await reader.read() == b""
    writer.close()
