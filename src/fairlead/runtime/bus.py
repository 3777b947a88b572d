"""The one place where the state of all resources can be read and watched.

Each change is a new snapshot with a rising version. A new watcher first gets the present snapshot of every resource and
then each change; one that reads slowly gets the newest snapshot of each resource instead of all those in between, so it
costs the same memory as a fast one. Conditions are judged at every change as it happens, so that a state which lasts a
moment only is not missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing
from itertools import islice
from types import MappingProxyType
from weakref import WeakSet

from fairlead.errors import NotRunning
from fairlead.model.snapshot import Removal, Snapshot


class Bus:
    """Snapshots by id. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}
        self._version = 0
        self._watchers: WeakSet[_Watcher] = WeakSet()  # one whose reader went away without a word is forgotten
        self._waiters_by_id: dict[
            str | None, set[_ConditionWaiter]
        ] = {}  # by the resource they read; None for those that read all
        self._closed = False

    @property
    def version(self) -> int:
        """The version of the newest snapshot."""
        return self._version

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """The present snapshots by id; a live view."""
        return MappingProxyType(self._snapshots)

    def current(self, id: str) -> Snapshot:
        """The present snapshot of a resource.

        Raises:
            KeyError: No resource has this id.
        """
        return self._snapshots[id]

    def all(self) -> list[Snapshot]:
        """The present snapshots: of declared resources in the order of their declaration, then of observed ones."""
        return list(self._snapshots.values())

    def publish(self, snapshot: Snapshot) -> None:
        """Replace the snapshot of a resource; one that shows nothing new keeps its version, and nobody is told."""
        known = self._snapshots.get(snapshot.id)
        if known is not None and known.same_as(snapshot):
            self._snapshots[snapshot.id] = snapshot.with_version(known.version)  # its checks are of a later time
            return
        self._version += 1
        snapshot = snapshot.with_version(self._version)
        self._snapshots[snapshot.id] = snapshot
        for watcher in self._watchers:
            watcher.put(snapshot)
        self.reevaluate(snapshot.id)

    def remove(self, id: str) -> None:
        """Forget an observed resource; watchers are told by a :class:`Removal`. One that is not there is left at that.

        Conditions on it are evaluated again: they find no snapshot, and decide what that means.
        """
        if self._snapshots.pop(id, None) is None:
            return
        self._version += 1
        removal = Removal(id, self._version)
        for watcher in self._watchers:
            watcher.put(removal)
        self.reevaluate(id)

    def reevaluate(self, id: str) -> None:
        """Evaluate the conditions on a resource again, though nothing of it may have changed."""
        for waiter in (*self._waiters_by_id.get(id, ()), *self._waiters_by_id.get(None, ())):
            waiter.evaluate()

    def watch(self) -> AsyncGenerator[Snapshot | Removal]:
        """The present snapshot of every resource, then each change; ends when the bus is closed.

        The present is what it is when this is called, so nothing between the call and the first read is lost.
        """
        return self._one_by_one(self._watcher())

    def watch_batches(self, limit: int = 50) -> AsyncGenerator[list[Snapshot | Removal]]:
        """The same as :meth:`watch` for whoever passes changes on: what is there at once, at most ``limit`` of them."""
        return self._in_batches(self._watcher(), limit)

    def _watcher(self) -> _Watcher:
        watcher = _Watcher(self._snapshots)
        self._watchers.add(watcher)
        if self._closed:
            watcher.close()
        return watcher

    async def _one_by_one(self, watcher: _Watcher) -> AsyncGenerator[Snapshot | Removal]:
        async with aclosing(self._in_batches(watcher, 1)) as batches:
            async for batch in batches:
                yield batch[0]

    async def _in_batches(self, watcher: _Watcher, limit: int) -> AsyncGenerator[list[Snapshot | Removal]]:
        try:
            while batch := await watcher.take(limit):
                yield batch
        finally:
            self._watchers.discard(watcher)

    async def wait_until(self, condition: Callable[[], bool], ids: Collection[str] | None = None) -> None:
        """Return when a condition on some snapshots holds.

        Args:
            condition: Reads snapshots of this bus; evaluated now, and whenever a resource with one of the ids changes.
                What it raises is raised here.
            ids: The resources that it reads; None for all.

        Raises:
            NotRunning: The bus was closed first.
        """
        if condition():
            return
        waiter = _ConditionWaiter(condition)
        watched = [None] if ids is None else list(ids)
        for id in watched:
            self._waiters_by_id.setdefault(id, set()).add(waiter)
        try:
            if self._closed:
                waiter.give_up()
            await waiter.verdict
        finally:
            for id in watched:
                self._waiters_by_id[id].discard(waiter)

    def close(self) -> None:
        """End all watchers, once they have read what there is, and all waits."""
        self._closed = True
        for watcher in self._watchers:
            watcher.close()
        for waiter in {waiter for waiters in self._waiters_by_id.values() for waiter in waiters}:
            waiter.give_up()


class _ConditionWaiter:
    """One wait for a condition."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        self._condition = condition
        self.verdict: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def evaluate(self) -> None:
        if self.verdict.done():
            return
        try:
            if self._condition():
                self.verdict.set_result(None)
        except Exception as error:  # a verdict, not an accident: it belongs to whoever waits
            self.verdict.set_exception(error)

    def give_up(self) -> None:
        if not self.verdict.done():
            self.verdict.set_exception(NotRunning("the run has ended"))


class _Watcher:
    """What one watcher has not read yet: at most one snapshot for each resource."""

    def __init__(self, present: dict[str, Snapshot]) -> None:
        self._unread: dict[str, Snapshot | Removal] = dict(present)
        self._changed = asyncio.Event()
        self._closed = False
        if self._unread:
            self._changed.set()

    def put(self, change: Snapshot | Removal) -> None:
        self._unread.pop(change.id, None)  # the newest goes to the end, so versions rise for the reader too
        self._unread[change.id] = change
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    async def take(self, limit: int) -> list[Snapshot | Removal]:
        """Return what was not read yet, the oldest first, once there is something; nothing at the end."""
        while not self._unread and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        return [self._unread.pop(id) for id in tuple(islice(self._unread, limit))]
