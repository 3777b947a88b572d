"""The last words of containers that have crashed: read once after each crash, for the reason of their pod."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

from fairlead.drivers.k3s.reasons.containers import PodContainer, containers_of
from fairlead.drivers.k3s.tree.cluster_tree import Key
from fairlead.engines.kube import KubernetesApi, ObjectKind, ObjectRef
from fairlead.errors import EngineError

_LINES: Final = 20
_SECONDS: Final = 5.0
"""Seconds that a log may take."""
POD: Final = ObjectKind("v1", "Pod")


class CrashLogs:
    """Reads the end of the log of each container that has crashed, one after the other.

    Args:
        api: The API of the cluster.
        on_log: Called with a pod and the end of the log of its container.
    """

    def __init__(self, api: KubernetesApi, on_log: Callable[[Key, str], None]) -> None:
        self._api = api
        self._on_log = on_log
        self._queue: asyncio.Queue[tuple[Key, str]] = asyncio.Queue()
        self._known: dict[Key, tuple[str, str]] = {}

    def look_at(self, key: Key, pod: Mapping[str, Any]) -> None:
        """See whether a container of a pod has crashed since the last look."""
        container = next((each for each in containers_of(pod) if has_crashed(each)), None)
        if container is None:
            return
        crash = (container.name, instance_of(container))
        if self._known.get(key) != crash:
            self._known[key] = crash
            self._queue.put_nowait((key, container.name))

    def forget(self, key: Key) -> None:
        """Forget a pod that is gone."""
        self._known.pop(key, None)

    async def run(self) -> None:
        """Read, until cancelled."""
        while True:
            key, container = await self._queue.get()
            with suppress(EngineError, TimeoutError):  # the reason goes without it
                async with asyncio.timeout(_SECONDS):
                    self._on_log(key, await self._tail(key, container))

    async def _tail(self, key: Key, container: str) -> str:
        lines: list[bytes] = []
        pod = ObjectRef(POD, key.name, key.namespace)
        async with aclosing(self._api.logs(pod, container=container, tail=_LINES)) as chunks:
            async for chunk in chunks:
                lines.extend(chunk.lines)
        return b"\n".join(lines[-_LINES:]).decode("utf-8", "replace")


def has_crashed(container: PodContainer) -> bool:
    """Whether a container has ended that should not have."""
    waiting = container.state("waiting") or {}
    ended = container.state("terminated") or {}
    return waiting.get("reason") == "CrashLoopBackOff" or bool(ended.get("exitCode"))


def instance_of(container: PodContainer) -> str:
    """Tells the starts of a container apart; empty where it has not been started yet."""
    status = container.status
    if container.state("running") is not None:
        return str(status.get("containerID") or status.get("restartCount", 0))
    end = container.last_end
    return str(end.get("containerID") or status.get("restartCount", 0)) if end else ""
