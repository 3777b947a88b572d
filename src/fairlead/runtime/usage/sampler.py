"""Samples what resources use of the machine, once a second.

What is cheap to ask (processes) is asked all the time, so that the last minute is there when somebody comes. What is
dear (an engine's statistics of a container) is asked only while somebody watches, or did within the last minute.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fairlead.engines.tasks import TaskScope
from fairlead.model.observation.usage import ResourceUse
from fairlead.runtime.usage.book import Usage, UsageBook, UsageSample

SECONDS = 1.0
"""Seconds between two samples."""
_ANSWER_SECONDS = 0.2
"""Seconds for which a sample waits for its readings; those that take longer are in the next one."""
_STALE_SECONDS = 4.0
"""Seconds after which a reading no longer tells how busy something is now."""

Ask = Callable[[], Awaitable[ResourceUse | None]]


class SampledReplica(NamedTuple):
    """A replica of a resource; ``id`` is None where the resource has only one."""

    resource: str
    id: str | None = None


@dataclass(slots=True)
class _Source:
    """What is asked about one replica, and what the last two answers make of it."""

    ask: Ask
    is_cheap: bool
    reading: ResourceUse | None = None
    read_at: float = 0.0
    usage: Usage | None = None
    task: asyncio.Task[None] | None = None

    async def read(self) -> None:
        """Ask once. What can't be read now is left out of the samples."""
        try:
            reading = await self.ask()
        except Exception:
            reading = None  # the engine is away, or the driver is of somebody else
        now = time.time() if reading is None or reading.measured_at is None else reading.measured_at
        self.usage = None if reading is None else usage_between(self.reading, reading, now - self.read_at)
        self.reading, self.read_at = reading, now


class Sampler:
    """Asks the sources of usage and adds samples to the book.

    Args:
        book: Gets the samples, and knows whether somebody reads them.
    """

    def __init__(self, book: UsageBook) -> None:
        self._book = book
        self._sources: dict[SampledReplica, _Source] = {}
        self._tasks = TaskScope("usage")

    def add(self, replica: SampledReplica, ask: Ask, *, is_cheap: bool) -> None:
        """Sample a replica from now on.

        Args:
            replica: The replica.
            ask: Reads what it uses.
            is_cheap: Whether it may be asked while nobody watches.
        """
        self._sources[replica] = _Source(ask, is_cheap)

    def remove(self, replica: SampledReplica) -> None:
        """Sample a replica no longer."""
        source = self._sources.pop(replica, None)
        if source is not None and source.task is not None:
            source.task.cancel()

    async def run(self) -> None:
        """Sample until cancelled."""
        try:
            while True:
                await self.sample()
                await asyncio.sleep(SECONDS - time.time() % SECONDS)
        finally:
            self._tasks.cancel()

    async def sample(self) -> None:
        """Ask all that may be asked, and add a sample of what is known."""
        is_watched = self._book.is_watched
        for source in self._sources.values():
            may_ask = source.is_cheap or is_watched
            if may_ask and (source.task is None or source.task.done()):
                source.task = self._tasks.start(source.read(), "reading")
        if tasks := [source.task for source in self._sources.values() if source.task and not source.task.done()]:
            await asyncio.wait(tasks, timeout=_ANSWER_SECONDS)
        now = time.time()
        fresh = {
            replica: source.usage
            for replica, source in self._sources.items()
            if source.usage is not None and now - source.read_at < _STALE_SECONDS
        }
        if fresh:
            self._book.add(UsageSample(now, by_id(fresh)))


def usage_between(before: ResourceUse | None, now: ResourceUse, seconds: float) -> Usage | None:
    """Return the usage between two readings; None where they are too far apart, or it is the first one."""
    if before is None or not 0 < seconds < _STALE_SECONDS:
        return None
    cpu = max(0.0, now.cpu_seconds - before.cpu_seconds) / seconds * 100
    return Usage(round(cpu, 2), now.memory)


def by_id(replicas: Mapping[SampledReplica, Usage]) -> dict[str, Usage]:
    """Return the usage of resources, and of each replica (``api-1``) where a resource has several."""
    resources: defaultdict[str, list[Usage]] = defaultdict(list)
    values: dict[str, Usage] = {}
    for replica, usage in replicas.items():
        resources[replica.resource].append(usage)
        if replica.id is not None:
            values[replica.id] = usage
    for resource, usages in resources.items():
        total = Usage(round(sum(usage.cpu for usage in usages), 2), sum(usage.memory for usage in usages))
        values[resource] = total
    return values
