"""The page's one stream: snapshots, causes, events, usage and the definition, each line with a ``kind``.

First come the present snapshots and a line that says so, then everything as it happens. A client that reads slowly
gets the newest snapshot, list of causes and sample instead of all those in between; of events it may miss some, which
their numbers tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import asdict

from aiohttp import web

from fairlead.dashboard.answers import NDJSON, Chunks
from fairlead.dashboard.encoding import encode
from fairlead.dashboard.request import Request
from fairlead.dashboard.route import Served
from fairlead.engines.tasks import run_all
from fairlead.model.observation.snapshot import Removal, Snapshot

ALIVE_SECONDS = 5.0
"""Seconds between two lines that say that the host is there."""
_BATCH = 20
_ALIVE = b'{"kind":"alive"}\n'


async def watch(served: Served, request: Request) -> web.StreamResponse:
    """Answer with all that the page shows of resources, until the run ends."""
    return await _Watch(served, request).send()


class _Watch:
    """One client's stream.

    Args:
        served: What it is about.
        request: What it answers.
    """

    def __init__(self, served: Served, request: Request) -> None:
        self._run = served.host.run
        self._causes = served.host.causes
        self._definition = served.host.definition
        self._snapshots = served.snapshots
        self._lines = served.lines
        self._request = request
        self._chunks = Chunks(request, NDJSON)
        self._writing = asyncio.Lock()
        self._is_present = asyncio.Event()
        self._is_over = asyncio.Event()
        # What happens from now on is not in the snapshots that are sent first.
        self._first_event = self._run.events.feed.count

    async def send(self) -> web.StreamResponse:
        """Send the stream, until the run ends or the client is gone."""
        await self._chunks.begin()
        works = (self._send_snapshots(), self._send_causes(), self._send_events(), self._send_usage())
        await run_all("watch", *works, self._send_definition(), self._send_alive())
        return await self._chunks.end()

    async def _write(self, lines: Iterable[bytes]) -> None:
        """Write lines in one piece; waits as long as the client does not read."""
        async with self._writing:
            await self._request.turns.take()
            for line in lines:
                await self._chunks.add(line)
            await self._chunks.flush()

    async def _send_snapshots(self) -> None:
        bus = self._run.bus
        version, unseen = bus.version, set(bus.snapshots)
        try:
            async with aclosing(bus.watch_batches(_BATCH)) as batches:
                if not unseen:
                    await self._say_present(version)
                async for batch in batches:
                    await self._write(map(self._line, batch))
                    unseen.difference_update(change.id for change in batch)
                    if not unseen and not self._is_present.is_set():
                        await self._say_present(version)
        finally:
            self._is_present.set()
            self._is_over.set()

    async def _say_present(self, version: int) -> None:
        line = {"kind": "present", "version": version, "order": list(self._run.bus.snapshots)}
        await self._write([encode(line).encode() + b"\n"])
        self._is_present.set()

    def _line(self, change: Snapshot | Removal) -> bytes:
        if isinstance(change, Removal):
            return encode({"kind": "removal", "id": change.id, "version": change.version}).encode() + b"\n"
        return b'{"kind":"snapshot","snapshot":' + self._snapshots.text(change)[:-1] + b"}\n"

    async def _send_causes(self) -> None:
        await self._is_present.wait()
        async with aclosing(self._causes.follow()) as lists:
            async for number, causes in lists:
                await self._write([self._lines.causes.line(number, causes)])

    async def _send_events(self) -> None:
        await self._is_present.wait()
        async with aclosing(self._run.events.feed.follow(self._first_event)) as batches:
            async for events in batches:
                await self._write(self._lines.events.line(event.number, event) for event in events)

    async def _send_usage(self) -> None:
        await self._is_present.wait()
        async with aclosing(self._run.usage.follow()) as batches:
            async for samples in batches:
                await self._write(self._lines.usage.line(sample.time, sample) for sample in samples)

    async def _send_definition(self) -> None:
        await self._is_present.wait()
        async with aclosing(self._definition.feed.follow()) as batches:
            async for states in batches:
                line = {"kind": "definition", **asdict(states[-1])}
                await self._write([encode(line).encode() + b"\n"])

    async def _send_alive(self) -> None:
        async for _ in self._beats():
            await self._write([_ALIVE])

    async def _beats(self) -> AsyncGenerator[None]:
        while not self._is_over.is_set():
            try:
                async with asyncio.timeout(ALIVE_SECONDS):
                    await self._is_over.wait()
            except TimeoutError:
                yield
