"""The observed children of one start: shown on the bus, with their logs, until the start ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from fairlead.engines.tasks import TaskScope
from fairlead.errors import FairleadError
from fairlead.model.driver import FollowLog
from fairlead.model.observed import ObservedChild
from fairlead.model.snapshot import Snapshot
from fairlead.runtime.lifecycle.run import Run


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
        self._followers: dict[str, _LogFollower | None] = {}
        self._closed = False

    def observe(self, child: ObservedChild, follow: FollowLog | None = None) -> str:
        """Show a child, or what has changed of it; see ``DriverContext.observe``."""
        snapshot = self._masked(child.snapshot(self._owner))
        if self._closed:
            return snapshot.id  # a watch that has not heard of the end yet must not bring it back
        follower = self._followers.setdefault(snapshot.id, None)
        if follower is None and follow is not None:
            follower = _LogFollower(self._run, self._owner, snapshot.id, self._tasks, follow)
            self._followers[snapshot.id] = follower
            self._run.logs.demand.offer(snapshot.id, follower)
        self._run.bus.publish(snapshot)
        return snapshot.id

    def write(self, id: str, lines: list[bytes], source: str | None) -> None:
        """Add lines to the log of a child; those of one that is not shown are dropped."""
        if id in self._followers:
            self._run.logs.log(id).feed("stdout", lines, source)

    def forget(self, id: str) -> None:
        """Show a child no longer."""
        if id not in self._followers:
            return
        follower = self._followers.pop(id)
        if follower is not None:
            follower(False)
        self._run.bus.remove(id)
        self._run.logs.forget(id)

    def close(self) -> None:
        """Show none of them any longer, and no others: the start has ended."""
        self._closed = True
        for id in tuple(self._followers):
            self.forget(id)

    def _masked(self, snapshot: Snapshot) -> Snapshot:
        masked = self._run.logs.masked
        return replace(
            snapshot,
            reason=masked(snapshot.reason),
            urls=tuple(replace(url, url=masked(url.url)) for url in snapshot.urls),
            properties=tuple((name, masked(text)) for name, text in snapshot.properties),
        )


class _LogFollower:
    """Follows the log of one child while it is read.

    Args:
        run: The run.
        owner: The name of the resource whose child it is.
        id: The child.
        tasks: Owns the task.
        follow: Follows the log until it is cancelled.
    """

    def __init__(self, run: Run, owner: str, id: str, tasks: TaskScope, follow: FollowLog) -> None:
        self._run = run
        self._owner = owner
        self._id = id
        self._tasks = tasks
        self._follow = follow
        self._task: asyncio.Task[object] | None = None

    def __call__(self, is_read: bool) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if is_read and not self._tasks.closed:
            self._task = self._tasks.spawn(self._follow_log(), f"log of {self._id}")

    async def _follow_log(self) -> None:
        """Follow it to its end. A log that can't be read is no reason to end the resource."""
        try:
            await self._follow()
        except Exception as error:
            text = error.message if isinstance(error, FairleadError) else f"{type(error).__name__}: {error}"
            self._run.logs.log(self._owner).write(f"The log of {self._id} can't be read: {text}")
        self._run.logs.demand.caught_up(self._id)
