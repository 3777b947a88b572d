"""Restarting the pods of a workload, as ``kubectl rollout restart`` does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from fairlead.drivers.k3s.commands.workload_choice import choose_workload
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef

RESTARTABLE: Final = tuple(ObjectKind("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet"))
_RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
_MANAGER: Final = "fairlead-restart"
"""Not the manager of manifests: what that applies next time must not take the annotation back, which restarts again."""


async def restart_workload(api: KubernetesApi, text: str) -> ObjectRef:
    """Have all pods of a workload replaced, as its strategy of updates says.

    Args:
        api: The API of the cluster.
        text: The workload, as for ``choose_workload``.

    Returns:
        The workload.

    Raises:
        UsageError: There is no such workload, or there are several.
        EngineError: The API refuses.
    """
    lists = await asyncio.gather(*(api.list(kind) for kind in RESTARTABLE))
    workload = choose_workload(text, [ObjectRef.of(obj) for objects in lists for obj in objects.items])
    await api.apply(restart_of(workload, datetime.now(UTC)), manager=_MANAGER, force=True)
    return workload


def restart_of(workload: ObjectRef, time: datetime) -> Object:
    """What is applied to have a workload restarted: a pod template that differs from the one before."""
    return {
        "apiVersion": workload.kind.api_version,
        "kind": workload.kind.kind,
        "metadata": {"name": workload.name, "namespace": workload.namespace},
        "spec": {"template": {"metadata": {"annotations": {_RESTARTED_AT: time.isoformat(timespec="seconds")}}}},
    }
