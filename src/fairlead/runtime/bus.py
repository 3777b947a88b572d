"""The one place where the state of all resources can be read and watched.

Each change is a new snapshot with a rising version. A new watcher first gets the present snapshot of every resource and
then each change, in rising versions; one that reads slowly gets the newest snapshot of each resource instead of all
those in between. A watcher is the version that it has read up to and nothing else, so a hundred of them cost a change
no more than one does. Conditions are judged at every change as it happens, so that a state which lasts a moment only is
not missed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing
from itertools import takewhile
from types import MappingProxyType
from weakref import WeakSet

from fairlead.errors import NotRunning
from fairlead.model.observation.snapshot import Removal, Snapshot

_KEPT_REMOVALS = 256

Observer = Callable[[Snapshot | None, Snapshot | Removal], None]
"""Is called with the old snapshot of a resource, None for its first, and with what takes its place."""


class Bus:
    """Snapshots by id. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}
        # The newest change of each resource in rising versions, removals too as long as a watcher has not read them.
        self._changes: dict[str, Snapshot | Removal] = {}
        self._version = 0
        self._removals = 0
        self._idle: set[_Watcher] = set()  # those that wait for a change
        self._watchers: WeakSet[_Watcher] = WeakSet()  # one whose reader went away without a word is forgotten
        self._waiters_by_id: dict[
            str | None, set[_ConditionWaiter]
        ] = {}  # by the resource they read; None for those that read all
        self._observers: list[Observer] = []
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

    def observe(self, observer: Observer) -> None:
        """Have a function called with the old and the new snapshot at each change, before watchers see it."""
        self._observers.append(observer)

    def publish(self, snapshot: Snapshot) -> None:
        """Replace the snapshot of a resource; one that shows nothing new keeps its version, and no watcher is told."""
        known = self._snapshots.get(snapshot.id)
        if known is not None and known.same_as(snapshot):
            snapshot = snapshot.with_version(known.version)  # its checks are of a later time
            self._snapshots[snapshot.id] = self._changes[snapshot.id] = snapshot
            return
        snapshot = snapshot.with_version(self._version + 1)
        self._snapshots[snapshot.id] = snapshot
        self._note(known, snapshot)

    def remove(self, id: str) -> None:
        """Forget an observed resource; watchers are told by a :class:`Removal`. One that is not there is left at that.

        Conditions on it are evaluated again: they find no snapshot, and decide what that means.
        """
        known = self._snapshots.pop(id, None)
        if known is None:
            return
        self._note(known, Removal(id, self._version + 1))
        self._removals += 1
        if self._removals > _KEPT_REMOVALS:
            self._drop_removals()

    def _note(self, known: Snapshot | None, change: Snapshot | Removal) -> None:
        self._version = change.version
        for observer in self._observers:
            observer(known, change)
        self._changes.pop(change.id, None)  # the newest goes to the end
        self._changes[change.id] = change
        idle, self._idle = self._idle, set()
        for watcher in idle:
            watcher.wake()
        self.reevaluate(change.id)

    def _drop_removals(self) -> None:
        """Drop the removals that every watcher has read."""
        read = min((watcher.read for watcher in self._watchers), default=self._version)
        removed = [each.id for each in self._changes.values() if isinstance(each, Removal) and each.version <= read]
        for id in removed:
            del self._changes[id]
        self._removals -= len(removed)

    def changes_after(self, version: int) -> list[Snapshot | Removal]:
        """The newest change of each resource that has changed after a version, in rising versions."""
        newer = takewhile(lambda change: change.version > version, reversed(self._changes.values()))
        return list(newer)[::-1]

    def change(self, id: str) -> Snapshot | Removal | None:
        """The newest change of a resource; None for one that never was, or is long gone."""
        return self._changes.get(id)

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
        watcher = _Watcher(self)
        self._watchers.add(watcher)
        return watcher

    async def wait_for_change(self, watcher: _Watcher) -> bool:
        """Return when there may be something new for a watcher; False where there never will be."""
        if self._closed:
            return False
        self._idle.add(watcher)
        try:
            await watcher.wait()
        finally:
            self._idle.discard(watcher)
        return True

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
        for watcher in self._idle:
            watcher.wake()
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
        except Exception as error:  # it is the answer of the wait, and raised there
            self.verdict.set_exception(error)

    def give_up(self) -> None:
        if not self.verdict.done():
            self.verdict.set_exception(NotRunning("the run has ended"))


class _Watcher:
    """How far one watcher has read.

    Args:
        bus: What it watches.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._begun = bus.version
        self._known = 0
        #: Version of the last change that it was given.
        self.read = 0
        self._unread: deque[tuple[str, int]] = deque()  # ids and versions up to the known one
        self._changed = asyncio.Event()

    def wake(self) -> None:
        self._changed.set()

    async def wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def take(self, limit: int) -> list[Snapshot | Removal]:
        """Return what was not read yet, the oldest first, once there is something; nothing at the end."""
        while not (batch := self._take(limit)):
            if self._known == self._bus.version and not await self._bus.wait_for_change(self):
                return []
        return batch

    def _take(self, limit: int) -> list[Snapshot | Removal]:
        if not self._unread:
            self._unread.extend((change.id, change.version) for change in self._bus.changes_after(self._known))
            self._known = self._bus.version
        batch: list[Snapshot | Removal] = []
        while self._unread and len(batch) < limit:
            id, version = self._unread.popleft()
            change = self._bus.change(id)
            # One that has changed again comes later; what was gone before the watcher began, it has never seen.
            if change is None or change.version != version:
                continue
            if not isinstance(change, Removal) or version > self._begun:
                batch.append(change)
        if batch:
            self.read = batch[-1].version
        return batch
