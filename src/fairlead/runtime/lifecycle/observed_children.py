"""The observed children of one start: shown on the bus, with their logs, until the start ends."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from fairlead.engines.tasks import TaskScope
from fairlead.errors import FairleadError
from fairlead.model.driving.driver_context import FollowLog
from fairlead.model.observation.observed import ObservedChild
from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.state_text import summary_of
from fairlead.runtime.logs.demand import Demand

_QUIET_SECONDS = 0.25
"""Seconds without a line after which a log that is followed from its beginning has caught up."""
_SILENT_SECONDS = 2.0
"""Seconds after which one that has brought no line at all is taken for empty."""


class ObservedChildren:
    """What the drivers of one start have observed; its replicas share it.

    Args:
        run: The run.
        owner: The name of the resource.
        tasks: Owns the tasks that follow logs.
    """

    def __init__(self, run: Run, owner: str, tasks: TaskScope) -> None:
        self._run = run
        self._owner = owner
        self._tasks = tasks
        self._ids: set[str] = set()
        self._logs: dict[str, _FollowedLog] = {}
        self._closed = False

    def observe(self, child: ObservedChild, follow: FollowLog | None = None) -> str:
        """Show a child, or what has changed of it; see ``DriverContext.observe``."""
        snapshot = self._masked(child.snapshot(self._owner))
        snapshot = replace(snapshot, summary=summary_of(snapshot))
        if self._closed:
            return snapshot.id  # a watch that has not heard of the end yet must not bring it back
        self._ids.add(snapshot.id)
        if follow is not None and snapshot.id not in self._logs:
            work = _LogReading(self._run, self._owner, snapshot.id, follow)
            self._logs[snapshot.id] = _FollowedLog(self._run.logs.demand, snapshot.id, work, self._tasks)
        self._run.bus.publish(snapshot)
        return snapshot.id

    def write(self, id: str, lines: list[bytes], source: str | None) -> None:
        """Add lines to the log of a child; those of one that is not shown are dropped."""
        if id in self._ids:
            self._run.logs.log(id).feed("stdout", lines, source)
            if (log := self._logs.get(id)) is not None:
                log.note_lines()

    def log(self, id: str, text: str) -> None:
        """Write a line of Fairlead's own into the log of a child; one that is not shown has none."""
        if id in self._ids:
            self._run.logs.log(id).write(text)
            if (log := self._logs.get(id)) is not None:
                log.note_lines()

    def forget(self, id: str) -> None:
        """Show a child no longer."""
        if id in self._ids:
            self._ids.discard(id)
            if (log := self._logs.pop(id, None)) is not None:
                log.close()
            self._run.logs.forget(id)
            self._run.bus.remove(id)

    def close(self) -> None:
        """Show none of them any longer, and no others: the start has ended."""
        self._closed = True
        for id in tuple(self._ids):
            self.forget(id)

    def _masked(self, snapshot: Snapshot) -> Snapshot:
        masked = self._run.logs.masked
        return replace(
            snapshot,
            reason=masked(snapshot.reason),
            remedy=masked(snapshot.remedy),
            raw=masked(snapshot.raw),
            urls=tuple(replace(url, url=masked(url.url)) for url in snapshot.urls),
            properties=tuple((name, masked(text)) for name, text in snapshot.properties),
            state_since=self._state_since(snapshot),
        )

    def _state_since(self, snapshot: Snapshot) -> float:
        known = self._run.bus.snapshots.get(snapshot.id)
        if known is not None and known.state is snapshot.state and known.state_since is not None:
            return known.state_since
        return time.time()


class _LogReading:
    """What follows the log of a child; an error of it is noted, and does not end the resource.

    Args:
        run: The run.
        owner: The name of the resource whose child it is.
        id: The child.
        follow: Follows its log.
    """

    def __init__(self, run: Run, owner: str, id: str, follow: FollowLog) -> None:
        self._run = run
        self._owner = owner
        self._id = id
        self._follow = follow

    async def __call__(self) -> None:
        try:
            await self._follow()
        except Exception as error:
            text = error.message if isinstance(error, FairleadError) else f"{type(error).__name__}: {error}"
            self._run.logs.log(self._owner).write(f"The log of {self._id} can't be read: {text}")
        self._run.logs.demand.caught_up(self._id)


class _FollowedLog:
    """The log of a child, followed by its driver while it is read.

    Args:
        demand: The readers of logs.
        id: The child.
        follow: Follows it.
        tasks: Owns the task that does.
    """

    def __init__(self, demand: Demand, id: str, follow: FollowLog, tasks: TaskScope) -> None:
        self._demand = demand
        self._id = id
        self._follow = follow
        self._tasks = tasks
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        demand.offer(id, self._on_readers)

    def note_lines(self) -> None:
        """Lines have come; the log has caught up once none come for a moment."""
        if self._task is not None:
            self._wait_for_quiet(_QUIET_SECONDS)

    def close(self) -> None:
        """Follow it no more."""
        self._demand.withdraw(self._id)
        self._end()

    def _on_readers(self, is_read: bool) -> None:
        self._end()
        if is_read and not self._tasks.closed:
            self._task = self._tasks.spawn(self._follow(), f"log of {self._id}")
            self._wait_for_quiet(_SILENT_SECONDS)

    def _wait_for_quiet(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._demand.caught_up, self._id)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        self._task = self._timer = None
