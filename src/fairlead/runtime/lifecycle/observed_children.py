"""The observed children of one start: shown on the bus, with their logs, until the start ends."""

from __future__ import annotations

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
        self._run.bus.publish(snapshot)
        return snapshot.id

    def write(self, id: str, lines: list[bytes], source: str | None) -> None:
        """Add lines to the log of a child; those of one that is not shown are dropped."""
        if id in self._ids:
            self._run.logs.log(id).feed("stdout", lines)

    def forget(self, id: str) -> None:
        """Show a child no longer."""
        if id in self._ids:
            self._ids.discard(id)
            self._run.bus.remove(id)

    def forget_all(self) -> None:
        """Show none of them any longer: the start has ended."""
        for id in tuple(self._ids):
            self.forget(id)
