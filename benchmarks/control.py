"""How long clients of the control API hold up the event loop of a run: many watchers, and a long log.

The loop is watched from inside: it is asked for a turn every few milliseconds, and the longest wait for one is what
everything else of the run had to wait too. The clients are other processes.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.measure import Figure, environment
from fairlead import AppBuilder, Apphost
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.server import ControlServer
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
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
    figures: list[Figure] = []

    async def take(what: str, work: Coroutine[Any, Any, list[Process]]) -> None:
        stall, own, clients = await longest_stall(work)
        figures.append(_figure(what, stall, own))
        for client in clients:
            client.kill()
            await client.wait()

    watchers, log = f"{WATCHERS} watchers × {RESOURCES} resources", f"a log of {LOGS * LINES:,} lines"
    async with served() as (host, path, _):
        for number in range(LOGS):
            lines = [b"line %06d of %02d, as long as the lines of programs are" % (n, number) for n in range(LINES)]
            for start in range(0, LINES, 100):
                host.run.logs.log(f"r{number}").feed("stdout", lines[start : start + 100])
        snapshots = WATCHERS * sum(len(encode(each.to_json())) for each in host.run.bus.all())
        await take(f"{watchers}, replay", _clients(path, "/api/resources?follow=1", WATCHERS, snapshots))
        await take(f"{watchers}, all change", _change_all(host, path, snapshots))
        await take(f"{log}, as one answer", _clients(path, "/api/logs", 1, LOGS * LINES * 100))
        await take(f"{log}, followed", _clients(path, "/api/logs?follow=1", 1, LOGS * LINES * 100))
        await take("nobody asks", _nobody())
    return figures


def _figure(what: str, stall: float, own: float) -> Figure:
    name = "processor time in it; the rest is the machine's"
    target = "" if what == "nobody asks" else TARGET
    return Figure(
        f"longest stall of the loop: {what}", 1000 * stall, "ms", None, name, max(1000 * own, 0.01), target=target
    )


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Host, Path, ControlServer]]:
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
            gc.freeze()  # as a session does
            yield host, path, server
        finally:
            await host.close()
            await server.close()


async def longest_stall(work: Coroutine[Any, Any, T]) -> tuple[float, float, T]:
    """The longest time that the loop had no turn for others while it did some work, and the result of that.

    Returns:
        Seconds on the clock, the most seconds of processor time that the loop's thread took in one stall, the result.
    """
    longest = most = 0.0

    async def look() -> None:
        nonlocal longest, most
        while True:
            began, spent = time.perf_counter(), time.thread_time()
            await asyncio.sleep(PAUSE)
            longest = max(longest, time.perf_counter() - began - PAUSE)
            most = max(most, time.thread_time() - spent)

    looking = asyncio.ensure_future(look())
    try:
        result = await work
    finally:
        looking.cancel()
    return longest, most, result


async def _nobody() -> list[Process]:
    await asyncio.sleep(1)
    return []


async def _clients(path: Path, target: str, count: int, size: int) -> list[Process]:
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


async def _change_all(host: Host, path: Path, snapshots: int) -> list[Process]:
    """Change everything twenty times, as when all restarts at once; the cost of restarting itself is left out."""
    clients = await _clients(path, "/api/resources?follow=1", WATCHERS, snapshots)
    for number in range(20):
        for snapshot in host.run.bus.all():
            host.run.bus.publish(replace(snapshot, reason=f"change {number}"))
        await asyncio.sleep(0.05)
    return clients
