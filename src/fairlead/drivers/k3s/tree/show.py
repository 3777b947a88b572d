"""Showing the tree of a cluster: what the watches see goes into the tree, and what changes of it into the run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.reasons.events import time_of
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree, Key
from fairlead.drivers.k3s.tree.crash_logs import CrashLogs
from fairlead.drivers.k3s.tree.logs import LogFollowers
from fairlead.drivers.k3s.tree.parents import Origins
from fairlead.drivers.k3s.tree.pod_log import Changes, LogSource
from fairlead.drivers.k3s.tree.watching import follow_objects
from fairlead.engines.kube import Object, ObjectKind, WatchEvent
from fairlead.errors import EngineError
from fairlead.model.driving.driver_context import DriverContext

EVENT: Final = ObjectKind("v1", "Event")
SHOWN_KINDS: Final = (
    ObjectKind("v1", "Node"),
    ObjectKind("apps/v1", "Deployment"),
    ObjectKind("apps/v1", "StatefulSet"),
    ObjectKind("apps/v1", "DaemonSet"),
    ObjectKind("batch/v1", "Job"),
    ObjectKind("batch/v1", "CronJob"),
    ObjectKind("v1", "Pod"),
)
_GATHERING_SECONDS: Final = 0.1
"""Seconds between a change and its showing: a rollout changes each object several times in a moment."""


class TreeShow:
    """The tree of a cluster with the tasks that keep it.

    Args:
        context: The cluster's start.
        link: The cluster.
    """

    def __init__(self, context: DriverContext, link: ClusterLink) -> None:
        self._context = context
        self._link = link
        #: What the watches see.
        self.tree = ClusterTree(Origins.of(context.resource.name, context.children))
        self._changed = asyncio.Event()
        self._crash_logs = CrashLogs(link.api, self._on_last_log)
        self._changes = Changes()
        self._logs = LogFollowers(LogSource(context, link.api, self.tree, self._changes))

    async def show(self) -> None:
        """Show nodes, workloads and pods as observed children, until cancelled.

        It goes on while the API server is away and when it is back. A fault in it is noted, and does not end the
        cluster.
        """
        try:
            await self._run()
        except Exception as error:
            self._context.log(f"Its nodes, workloads and pods can't be shown any more: {_first(error)}")

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for kind in SHOWN_KINDS:
                group.create_task(self._watch(kind))
            group.create_task(self._watch_events())
            group.create_task(self._crash_logs.run())
            group.create_task(self._publish())

    async def _watch(self, kind: ObjectKind) -> None:
        def on_list(objects: Sequence[Object]) -> None:
            self.tree.replace(kind.kind, objects)
            self._changed.set()

        def on_event(event: WatchEvent) -> None:
            if event.type == "DELETED":
                self.tree.remove(Key.of(event.object))
            else:
                self.tree.put(event.object)
            self._changed.set()

        await follow_objects(self._link.api, kind, on_list, on_event, self._on_refusal)

    async def _watch_events(self) -> None:
        def on_list(events: Sequence[Object]) -> None:
            for event in sorted(events, key=time_of):
                self.tree.put_event(event)
            self._changed.set()

        def on_event(event: WatchEvent) -> None:
            if event.type != "DELETED":  # it is forgotten with its object
                self.tree.put_event(event.object)
                self._changed.set()

        await follow_objects(self._link.api, EVENT, on_list, on_event, self._on_refusal)

    def _on_refusal(self, error: EngineError) -> None:
        self._context.log(f"A part of its nodes, workloads and pods can't be shown: {error.message}")

    def _on_last_log(self, pod: Key, text: str) -> None:
        self.tree.put_last_log(pod, text)
        self._changed.set()

    async def _publish(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(_GATHERING_SECONDS)
            self._changed.clear()
            while self.tree.has_changes:
                self._publish_some()
                await asyncio.sleep(0)

    def _publish_some(self) -> None:
        change = self.tree.take_changes()
        for child in change.children:
            key = Key(child.kind, child.namespace, child.name)
            self._context.observe(child, self._logs.follower_of(key))
            if key.kind == "Pod" and (pod := self.tree.object(key)) is not None:
                self._crash_logs.look_at(key, pod)
        for key in change.gone:
            self._context.forget(self.tree.id_of(key))
            self._crash_logs.forget(key)
            self._logs.forget(key)
        self._changes.ring()


def _first(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.message if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
