"""The one place where the state of all resources can be read and watched.

Each change is a new snapshot with a rising version. A new watcher first gets the present picture of every resource and
then each change; one that reads slowly gets the newest picture of each resource instead of all those in between, so it
costs the same memory as a fast one. Conditions are judged at every change as it happens, so that a state which lasts a
moment only is not missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType

from fairlead.runtime.snapshot import Snapshot


class Bus:
    """Snapshots by resource name. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}
        self._version = 0
        self._watchers: set[_Watcher] = set()
        self._listeners: set[Callable[[Snapshot], None]] = set()
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
        for listener in tuple(self._listeners):
            listener(snapshot)

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

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Return when a condition on the snapshots holds.

        Args:
            condition: Reads snapshots of this bus; judged now and after each change. What it raises is raised here.
        """
        if condition():
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def judge(_: Snapshot) -> None:
            if done.done():
                return
            try:
                if condition():
                    done.set_result(None)
            except Exception as error:  # a verdict, not an accident: it belongs to whoever waits
                done.set_exception(error)

        self._listeners.add(judge)
        try:
            await done
        finally:
            self._listeners.discard(judge)

    def close(self) -> None:
        """End all watchers, once they have read what there is."""
        self._closed = True
        for watcher in self._watchers:
            watcher.close()


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
