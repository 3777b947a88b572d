"""The log of a pod: of all its containers, across their restarts and those of the API server, with its events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

from fairlead.drivers.k3s.reasons.containers import PodContainer, containers_of
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree, Key
from fairlead.drivers.k3s.tree.crash_logs import POD, instance_of
from fairlead.engines.kube import ApiRefusal, KubernetesApi, ObjectRef
from fairlead.errors import EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext

_LINES: Final = 10_000
"""How many lines of a container's log are read at most, as many as Fairlead keeps of a log."""
_PAUSE: Final = 1.0
"""Seconds after which a log that has ended, or can't be read, is tried again where the pod does not change before."""
_NOT_FOLLOWED: Final = b"failed to create fsnotify watcher"
_NOT_FOUND: Final = b"unable to retrieve container logs for "
_POLLED: Final = (
    "The node can't follow this log, so it is read once a second: too many files are watched on its machine. "
    "Raise the sysctl fs.inotify.max_user_instances"
)


class Changes:
    """Tells those that wait that something in the tree has changed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Something has changed."""
        self._event.set()
        self._event = asyncio.Event()

    def next(self) -> Callable[[], Awaitable[object]]:
        """Waits for the next change; take it before looking at the tree, so that none is missed."""
        return self._event.wait


@dataclass
class _Position:
    """How far the log of a container has been read: up to a time, and which start of the container to its end."""

    since: str | None = None
    begun: str = ""
    finished: str = ""


@dataclass(frozen=True, slots=True)
class LogSource:
    """What logs are read from, and where to.

    Args:
        context: The cluster's start.
        api: The API of the cluster.
        tree: What is known of its pods.
        changes: Tells of changes of the tree.
    """

    context: DriverContext
    api: KubernetesApi
    tree: ClusterTree
    changes: Changes


class PodLog:
    """Writes the log of a pod into the log of a child: its own, or its workload's.

    Args:
        source: What it is read from.
        pod: The pod.
        target: The child; the pod itself, or its workload, whose log tells pods apart.
    """

    def __init__(self, source: LogSource, pod: Key, target: Key) -> None:
        self._context = source.context
        self._api = source.api
        self._tree = source.tree
        self._changes = source.changes
        self._pod = pod
        self._id = source.tree.id_of(target)
        self._prefix = None if target == pod else pod.name
        self._positions: dict[str, _Position] = {}
        self._events: set[str] = set()
        self._is_polled = False

    async def follow(self) -> None:
        """Go on behind what has been written, until no container of the pod will be started any more."""
        names = [container.name for container in self._containers()]
        async with asyncio.TaskGroup() as group:
            events = group.create_task(self._follow_events())
            async with asyncio.TaskGroup() as container_group:
                for name in names:
                    container_group.create_task(self._follow_container(name, has_name=len(names) > 1))
            events.cancel()
        self._write_events()

    async def _follow_events(self) -> None:
        while True:
            changed = self._changes.next()
            self._write_events()
            await changed()

    def _write_events(self) -> None:
        """Write the events that have not been written; one that is repeated is written once."""
        for event in self._tree.events(self._pod):
            name = event["metadata"]["name"]
            if name not in self._events:
                self._events.add(name)
                text = str(event.get("message") or event.get("reason") or "").strip()
                self._context.log_child(self._id, f"{self._prefix}: {text}" if self._prefix else text)

    def _containers(self) -> list[PodContainer]:
        pod = self._tree.object(self._pod)
        return list(containers_of(pod)) if pod is not None else []

    async def _follow_container(self, name: str, *, has_name: bool) -> None:
        source = "/".join(part for part in (self._prefix, name if has_name else None) if part) or None
        position = self._positions.setdefault(name, _Position())
        while True:
            changed = self._changes.next()
            container = next((each for each in self._containers() if each.name == name), None)
            if container is None:
                return
            instance = instance_of(container)
            if instance and instance != position.finished:
                await self._read(container, position, source)
                if container.state("running") is None:
                    position.finished = instance
                else:  # it has ended, or only the connection has: the tree will tell
                    await _wait(changed)
            elif self._will_not_start(container):
                return
            else:
                await changed()

    def _will_not_start(self, container: PodContainer) -> bool:
        pod = self._tree.object(self._pod)
        if pod is None or pod["status"].get("phase") in ("Succeeded", "Failed"):
            return True
        end = container.state("terminated")
        return container.is_init and not container.is_sidecar and end is not None and end.get("exitCode") == 0

    async def _read(self, container: PodContainer, position: _Position, source: str | None) -> None:
        """Read what a container has written since the last time; first the rest of its former start."""
        instance = instance_of(container)
        try:
            if position.begun != instance and container.status.get("restartCount"):
                with suppress(ApiRefusal):  # it may have been removed
                    await self._stream(container, position, source, previous=True)
            position.begun = instance
            await self._stream(container, position, source, follow=container.state("running") is not None)
        except (ApiRefusal, EngineUnavailable):
            await asyncio.sleep(_PAUSE)

    async def _stream(
        self,
        container: PodContainer,
        position: _Position,
        source: str | None,
        *,
        follow: bool = False,
        previous: bool = False,
    ) -> None:
        chunks = self._api.logs(
            ObjectRef(POD, self._pod.name, self._pod.namespace),
            container=container.name,
            follow=follow,
            since=position.since,
            tail=None if position.since else _LINES,
            previous=previous,
        )
        async with aclosing(chunks):
            async for chunk in chunks:
                lines = [line for line in chunk.lines if not self._is_of_kubelet(line)]
                self._context.write_child(self._id, lines, source=source)
                position.since = chunk.time

    def _is_of_kubelet(self, line: bytes) -> bool:
        """Whether a line is an error of the kubelet's, which it writes among those of the container."""
        if line.startswith(_NOT_FOLLOWED) and not self._is_polled:
            self._is_polled = True
            self._context.log_child(self._id, _POLLED)
        return line.startswith((_NOT_FOLLOWED, _NOT_FOUND))


async def _wait(changed: Callable[[], Awaitable[object]]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_PAUSE):
            await changed()
