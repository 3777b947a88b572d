"""How long clients of the control API hold up the event loop of a run: many watchers, and a long log.

The loop is watched from inside: it is asked for a turn every few milliseconds, and the longest wait for one is what
everything else of the run had to wait too. The clients are other processes.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.measure import Figure, environment
from fairlead import AppBuilder, Apphost
from fairlead.dashboard.server import ControlServer
from fairlead.runtime.host import Host, RunOptions
from fairlead.testing import InMemory

T = TypeVar("T")

PAUSE = 0.002
WATCHERS = 100
RESOURCES = 200
LOGS = 30
LINES = 10_000
TARGET = "< 100 ms"
# Opens connections that ask for something, says so, and reads as fast as it can what is answered.
CLIENT = """
import selectors, socket, sys
path, target, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
selector = selectors.DefaultSelector()
for _ in range(count):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    connection.sendall(f"GET {target} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
    selector.register(connection, selectors.EVENT_READ)
received = 0
while received < size:
    for key, _ in selector.select():
        received += len(key.fileobj.recv(1 << 20))
print("read", flush=True)
while True:
    for key, _ in selector.select():
        if not key.fileobj.recv(1 << 20):
            sys.exit()
"""


def measure() -> list[Figure]:
    """The longest stalls of the loop."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    async with _served() as (host, path):
        for number in range(LOGS):
            lines = [b"line %06d of %02d, as long as the lines of programs are" % (n, number) for n in range(LINES)]
            for start in range(0, LINES, 100):
                host.run.logs.log(f"r{number}").feed("stdout", lines[start : start + 100])
        base, _ = await _longest_stall(asyncio.sleep(1))
        text = sum(len(str(each.to_json())) for each in host.run.bus.all())
        replay, clients = await _longest_stall(
            _clients(path, "/api/resources?follow=1", WATCHERS, WATCHERS * text // 2)
        )
        change, _ = await _longest_stall(_change_all(host))
        for client in clients:
            client.kill()
            await client.wait()
        stalls = {}
        for target, size in (("/api/logs", LOGS * LINES * 100), ("/api/logs?follow=1", LOGS * LINES * 100)):
            began = time.perf_counter()
            stalls[target], clients = await _longest_stall(_clients(path, target, 1, size))
            stalls[target + " whole"] = time.perf_counter() - began
            for client in clients:
                client.kill()
                await client.wait()
    watchers, log = f"{WATCHERS} watchers × {RESOURCES} resources", f"a log of {LOGS * LINES:,} lines"
    return [
        Figure(f"longest stall of the loop: {watchers}, replay", 1000 * replay, "ms", target=TARGET),
        Figure(f"longest stall of the loop: {watchers}, all change", 1000 * change, "ms", target=TARGET),
        Figure(f"longest stall of the loop: {log}, as one answer", 1000 * stalls["/api/logs"], "ms", target=TARGET),
        Figure(f"longest stall of the loop: {log}, followed", 1000 * stalls["/api/logs?follow=1"], "ms", target=TARGET),
        Figure("longest stall of the loop: nobody asks", 1000 * base, "ms"),
        Figure(f"{log}, as one answer", stalls["/api/logs whole"], "s"),
        Figure(f"{log}, followed", stalls["/api/logs?follow=1 whole"], "s"),
    ]


@asynccontextmanager
async def _served() -> AsyncIterator[tuple[Host, Path]]:
    def define(app: AppBuilder) -> None:
        for number in range(RESOURCES):
            app.add(InMemory(f"r{number}").with_environment("NAME", f"r{number}").with_environment("MODE", "bench"))

    app = Apphost(define, "bench", Path(__file__)).build()
    host = await Host.open(app, RunOptions(isolated=True, environ={}))
    server = ControlServer(host, lambda: None)
    with tempfile.TemporaryDirectory(prefix="fl-") as folder:
        path = Path(folder) / "s"
        await server.start(path)
        try:
            await host.start()
            await host.run.bus.wait_until(lambda: all(each.ready for each in host.run.bus.all()))
            yield host, path
        finally:
            await host.close()
            await server.close()


async def _longest_stall(work: Coroutine[Any, Any, T]) -> tuple[float, T]:
    """The longest time that the loop had no turn for others while it did some work, in seconds, and the result."""
    longest = 0.0

    async def look() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(PAUSE)
            longest = max(longest, time.perf_counter() - began - PAUSE)

    looking = asyncio.ensure_future(look())
    try:
        result = await work
    finally:
        looking.cancel()
    return longest, result


async def _clients(path: Path, target: str, count: int, size: int) -> list[asyncio.subprocess.Process]:
    """Clients that have read so many bytes together, each a share of the connections, and read on."""
    shares = 1 if count == 1 else 2
    clients = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CLIENT, str(path), target, str(count // shares), str(size // shares)),
            stdout=subprocess.PIPE,
            env=environment(),
        )
        for _ in range(shares)
    ]
    for client in clients:
        assert client.stdout is not None
        await client.stdout.readline()
    return clients


async def _change_all(host: Host) -> None:
    """Restart everything, three times."""
    for _ in range(3):
        async with asyncio.TaskGroup() as group:
            for snapshot in host.run.bus.all():
                group.create_task(host.supervisor.command(snapshot.id, "restart"))
        await host.run.bus.wait_until(lambda: all(each.ready for each in host.run.bus.all()))
