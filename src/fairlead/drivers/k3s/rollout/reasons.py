"""Asks a cluster why a workload is not rolled out: for its pods, their events, and the end of a log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from fairlead.drivers.k3s.reasons import reason_of_pod
from fairlead.drivers.k3s.reasons.containers import containers_of
from fairlead.drivers.k3s.reasons.events import events_of
from fairlead.drivers.k3s.reasons.workload import reason_of_workload
from fairlead.drivers.k3s.rollout.status import rollout_of
from fairlead.drivers.k3s.tree.crash_logs import has_crashed
from fairlead.engines.kube import ApiRefusal, KubernetesApi, Object, ObjectKind, ObjectRef

POD: Final = ObjectKind("v1", "Pod")
_EVENT: Final = ObjectKind("v1", "Event")
_LOG_LINES: Final = 20
_WITH_PODS: Final = frozenset(("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"))


def has_pods(kind: ObjectKind) -> bool:
    """Whether the objects of a kind are rolled out as pods that they select."""
    return kind.kind in _WITH_PODS


def pods_of(workload: Mapping[str, Any], pods: Iterable[Object]) -> list[Object]:
    """The pods that a workload selects, of those in a cluster."""
    selector = (workload.get("spec") or {}).get("selector") or {}
    wanted = selector.get("matchLabels", selector if workload["kind"] == "ReplicationController" else None)
    namespace = workload["metadata"].get("namespace")
    if not wanted:
        return []
    return [
        pod
        for pod in pods
        if pod["metadata"].get("namespace") == namespace
        and wanted.items() <= (pod["metadata"].get("labels") or {}).items()
    ]


async def explain_rollouts(api: KubernetesApi, refs: Iterable[ObjectRef]) -> list[str]:
    """Why objects are not rolled out, a sentence for each that is not.

    Args:
        api: The cluster's API.
        refs: The objects; one that is not there is left out.

    Raises:
        EngineError: The API does not answer, or refuses.
    """
    objects = await asyncio.gather(*map(api.get, refs))
    reasons = await asyncio.gather(*(explain_rollout(api, obj) for obj in objects if obj is not None))
    return [reason for reason in reasons if reason]


async def explain_rollout(api: KubernetesApi, obj: Object) -> str:
    """Why an object is not rolled out, as a sentence that begins with its name; empty if it is.

    Args:
        api: The cluster's API.
        obj: The object as it is now.

    Raises:
        EngineError: The API does not answer, or refuses.
    """
    if rollout_of(obj).done:
        return ""
    ref = ObjectRef.of(obj)
    pods = [obj] if ref.kind == POD else await _pods_of(api, obj)
    events = (await api.list(_EVENT, namespace=ref.namespace)).items if ref.namespace else []
    pod_reasons = [
        (str(pod["metadata"]["name"]), reason_of_pod(pod, events, await _last_words(api, pod))) for pod in pods
    ]
    if ref.kind == POD:
        return f"{ref}: {pod_reasons[0][1] or rollout_of(obj).reason}"
    reason = reason_of_workload(obj, pod_reasons)
    if not any(why for _, why in pod_reasons) and (warning := _last_warning(obj, events)):
        reason = f"{reason}; {warning}"
    return f"{ref}: {reason}"


async def _pods_of(api: KubernetesApi, workload: Object) -> list[Object]:
    if not has_pods(ObjectKind.of(workload)):
        return []
    return pods_of(workload, (await api.list(POD, namespace=workload["metadata"].get("namespace"))).items)


async def _last_words(api: KubernetesApi, pod: Object) -> str:
    """The end of the log of its first container that has crashed; empty if none has, or its log is gone."""
    container = next((each for each in containers_of(pod) if has_crashed(each)), None)
    if container is None:
        return ""
    lines: list[bytes] = []
    with suppress(ApiRefusal):  # the reason goes without it
        async for chunk in api.logs(ObjectRef.of(pod), container=container.name, tail=_LOG_LINES):
            lines += chunk.lines
    return b"\n".join(lines).decode(errors="replace")


def _last_warning(obj: Object, events: Sequence[Mapping[str, Any]]) -> str:
    """Such as a quota that keeps a StatefulSet from creating pods, which its status does not tell."""
    warnings = [event for event in events_of(obj, events) if event.get("type") == "Warning"]
    return str(warnings[-1].get("message") or "").strip() if warnings else ""
