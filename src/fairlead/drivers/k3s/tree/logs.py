"""The logs of pods and workloads, followed while they are read."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from fairlead.drivers.k3s.tree.cluster_tree import Key
from fairlead.drivers.k3s.tree.pod_log import LogSource, PodLog
from fairlead.model.driving.driver_context import FollowLog

MOST_PODS: Final = 20
"""How many pods of a workload are followed at once."""
_FOLLOWED_WORKLOADS: Final = ("Deployment", "StatefulSet", "DaemonSet", "Job")


class LogFollowers:
    """Follows the logs of the pods of a cluster.

    Args:
        source: What they are read from.
    """

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._logs: dict[tuple[Key, Key], PodLog] = {}  # by the pod, and the child with the log

    def follower_of(self, key: Key) -> FollowLog | None:
        """What follows the log of an object; None for what has none."""
        if key.kind == "Pod":
            return partial(self._follow_pod, key, key)
        return partial(self._follow_workload, key) if key.kind in _FOLLOWED_WORKLOADS else None

    def forget(self, key: Key) -> None:
        """Forget how far the log of a child that is gone was read."""
        for names in [names for names in self._logs if key in names]:
            del self._logs[names]

    async def _follow_pod(self, pod: Key, target: Key) -> None:
        if (pod, target) not in self._logs:
            self._logs[pod, target] = PodLog(self._source, pod, target)
        await self._logs[pod, target].follow()

    async def _follow_workload(self, workload: Key) -> None:
        """Follow the pods that a workload has, and those that it gets."""
        followed: set[Key] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                changed = self._source.changes.next()
                for pod in self._source.tree.pods_below(workload):
                    if pod not in followed and len(followed) < MOST_PODS:
                        followed.add(pod)
                        group.create_task(self._follow_pod(pod, workload))
                await changed()
