"""The observed children of one start: shown on the bus, with their logs, until the start ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fairlead.engines.tasks import TaskScope
from fairlead.model.driver import FollowLog
from fairlead.model.observed import ObservedChild
from fairlead.runtime.lifecycle.run import Run


class ObservedChildren:
    """What the drivers of one start have observed.

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

    def observe(self, child: ObservedChild, follow: FollowLog | None = None) -> str:
        """Show a child, or what has changed of it; see ``DriverContext.observe``."""
        snapshot = child.snapshot(self._owner)
        masked = self._run.logs.masked
        snapshot = replace(
            snapshot,
            reason=masked(snapshot.reason),
            properties=tuple((name, masked(text)) for name, text in snapshot.properties),
        )
        if snapshot.id not in self._ids:
            self._ids.add(snapshot.id)
            if follow is not None:
                self._run.logs.demand.offer(snapshot.id, _Following(self._tasks, follow, snapshot.id))
        self._run.bus.publish(snapshot)
        return snapshot.id

    def write(self, id: str, lines: list[bytes], source: str | None) -> None:
        """Add lines to the log of a child; those of one that is not shown are dropped."""
        if id in self._ids:
            self._run.logs.log(id).feed("stdout", lines, source)

    def forget(self, id: str) -> None:
        """Show a child no longer."""
        if id in self._ids:
            self._ids.discard(id)
            self._run.bus.remove(id)
            self._run.logs.forget(id)

    def forget_all(self) -> None:
        """Show none of them any longer: the start has ended."""
        for id in tuple(self._ids):
            self.forget(id)


class _Following:
    """Follows the log of one child while it is read.

    Args:
        tasks: Owns the task.
        follow: Follows the log until it is cancelled.
        id: The child.
    """

    def __init__(self, tasks: TaskScope, follow: FollowLog, id: str) -> None:
        self._tasks = tasks
        self._follow = follow
        self._id = id
        self._task: asyncio.Task[object] | None = None

    def __call__(self, is_read: bool) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if is_read and not self._tasks.closed:
            self._task = self._tasks.spawn(self._follow(), f"log of {self._id}")
