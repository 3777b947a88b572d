"""The one place where the state of all resources can be read and watched.

Each change is a new snapshot with a rising version. A new watcher first gets the present picture of every resource and
then each change; one that reads slowly gets the newest picture of each resource instead of all those in between, so it
costs the same memory as a fast one. Conditions are judged at every change as it happens, so that a state which lasts a
moment only is not missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from types import MappingProxyType
from weakref import WeakSet

from fairlead.errors import NotRunning
from fairlead.runtime.snapshot import Snapshot


class Bus:
    """Snapshots by resource name. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}
        self._version = 0
        self._watchers: WeakSet[_Watcher] = WeakSet()  # one whose reader went away without a word is forgotten
        self._waiters_by_name: dict[
            str | None, set[_ConditionWaiter]
        ] = {}  # by the resource they read; None for those that read all
        self._closed = False

    @property
    def version(self) -> int:
        """The version of the newest snapshot."""
        return self._version

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """The present pictures by name; a live view."""
        return MappingProxyType(self._snapshots)

    def current(self, name: str) -> Snapshot:
        """The present picture of a resource.

        Raises:
            KeyError: There is none of that name.
        """
        return self._snapshots[name]

    def all(self) -> list[Snapshot]:
        """The present pictures of all resources, in the order of their declaration."""
        return list(self._snapshots.values())

    def publish(self, snapshot: Snapshot) -> None:
        """Replace the picture of a resource; one that shows nothing new is dropped."""
        known = self._snapshots.get(snapshot.name)
        if known is not None and known.same_as(snapshot):
            return
        self._version += 1
        snapshot = snapshot.with_version(self._version)
        self._snapshots[snapshot.name] = snapshot
        for watcher in self._watchers:
            watcher.put(snapshot)
        self.reevaluate(snapshot.name)

    def reevaluate(self, name: str) -> None:
        """Have the conditions on a resource judged again, though nothing of it may have changed."""
        for waiter in (*self._waiters_by_name.get(name, ()), *self._waiters_by_name.get(None, ())):
            waiter.evaluate()

    def watch(self) -> AsyncIterator[Snapshot]:
        """The present picture of every resource, then each change; ends when the bus is closed.

        The present is what it is when this is called, so nothing between the call and the first read is lost.
        """
        watcher = _Watcher(self._snapshots)
        self._watchers.add(watcher)
        if self._closed:
            watcher.close()
        return self._read(watcher)

    async def _read(self, watcher: _Watcher) -> AsyncIterator[Snapshot]:
        try:
            while True:
                snapshot = await watcher.get()
                if snapshot is None:
                    return
                yield snapshot
        finally:
            self._watchers.discard(watcher)

    async def wait_until(self, condition: Callable[[], bool], names: Collection[str] | None = None) -> None:
        """Return when a condition on some snapshots holds.

        Args:
            condition: Reads snapshots of this bus; judged now, and whenever one of those named changes. What it raises
                is raised here.
            names: The resources that it reads; None for all.

        Raises:
            NotRunning: The bus was closed first.
        """
        if condition():
            return
        waiter = _ConditionWaiter(condition)
        places = [None] if names is None else list(names)
        for place in places:
            self._waiters_by_name.setdefault(place, set()).add(waiter)
        try:
            if self._closed:
                waiter.give_up()
            await waiter.verdict
        finally:
            for place in places:
                self._waiters_by_name[place].discard(waiter)

    def close(self) -> None:
        """End all watchers, once they have read what there is, and all waits."""
        self._closed = True
        for watcher in self._watchers:
            watcher.close()
        for waiter in {waiter for waiters in self._waiters_by_name.values() for waiter in waiters}:
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
        self._unread = dict(present)
        self._changed = asyncio.Event()
        self._closed = False
        if self._unread:
            self._changed.set()

    def put(self, snapshot: Snapshot) -> None:
        self._unread.pop(snapshot.name, None)  # the newest goes to the end, so versions rise for the reader too
        self._unread[snapshot.name] = snapshot
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    async def get(self) -> Snapshot | None:
        while not self._unread:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._unread.pop(next(iter(self._unread)))
