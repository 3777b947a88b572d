"""What a release waits for while Helm is at it, and why it was not rolled out: the pods, and their reasons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from fairlead.drivers.k3s.manifests.yaml_documents import InvalidYaml, parse_documents
from fairlead.drivers.k3s.rollout.reasons import explain_rollouts, has_pods
from fairlead.drivers.k3s.rollout.waiting import wait_for_rollout
from fairlead.engines.helm.records import ReleaseRecord, read_records
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import EngineError, StartError

_PAUSE: Final = 0.5
"""Seconds between two looks at a release whose objects are not all there yet."""
_FOR_EVER: Final = 24 * 3600.0
_SHOWN: Final = 3
"""Objects that an error tells about; the others are counted."""
_SERVICE: Final = ObjectKind("v1", "Service")
_OTHERS: Final = frozenset({"Pod", "PersistentVolumeClaim"})


def rolled_out_objects(record: ReleaseRecord) -> list[ObjectRef]:
    """The objects of a revision that Helm waits for: its workloads but for Jobs, which may also have gone since."""
    return [ref for ref in _workloads(record.manifests, record.namespace) if ref.kind.kind != "Job"]


def hook_objects(record: ReleaseRecord) -> list[ObjectRef]:
    """The objects of a revision's hooks that Helm waits for; they come and go in their time."""
    return _workloads(record.hooks, record.namespace)


async def follow_release(
    api: KubernetesApi, name: str, namespace: str, without_addresses: str, on_progress: Callable[[str], None]
) -> None:
    """Tell what a release waits for, each time that changes, until cancelled.

    Args:
        api: The cluster.
        name: The release.
        namespace: Its namespace.
        without_addresses: Why Services of the type LoadBalancer get no address; empty where they do.
        on_progress: Takes a line.
    """
    told = ""

    def tell(text: str) -> None:
        nonlocal told
        if text and text != told:
            told = text
            on_progress(text)

    while True:
        try:
            records = await read_records(api, namespace=namespace, name=name)
            if records and records[-1].is_pending:
                objects = [*hook_objects(records[-1]), *rolled_out_objects(records[-1])]
                absent = await missing_objects(api, objects)
                await wait_for_rollout(api, [ref for ref in objects if ref not in absent], _FOR_EVER, tell)
                tell(await _why_without_address(api, records[-1], without_addresses))
        except (EngineError, StartError):
            pass  # an object has gone again, or a Job has failed, as Helm will notice: the error tells it
        await asyncio.sleep(_PAUSE)


async def explain_release(api: KubernetesApi, name: str, namespace: str, without_addresses: str) -> str:
    """Why the last revision of a release is not rolled out, in words; empty where all of it is.

    Args:
        api: The cluster.
        name: The release.
        namespace: Its namespace.
        without_addresses: Why Services of the type LoadBalancer get no address; empty where they do.
    """
    try:
        records = await read_records(api, namespace=namespace, name=name)
        if not records:
            return ""
        reasons = await explain_rollouts(api, [*hook_objects(records[-1]), *rolled_out_objects(records[-1])])
        reasons += filter(None, [await _why_without_address(api, records[-1], without_addresses)])
    except EngineError:
        return ""
    more = [f"and {len(reasons) - _SHOWN} more"] if len(reasons) > _SHOWN else []
    return "; ".join([*reasons[:_SHOWN], *more])


async def missing_objects(api: KubernetesApi, refs: Iterable[ObjectRef]) -> list[ObjectRef]:
    """The objects that are not there."""
    refs = list(refs)
    there = await asyncio.gather(*map(api.get, refs))
    return [ref for ref, obj in zip(refs, there, strict=True) if obj is None]


async def _why_without_address(api: KubernetesApi, record: ReleaseRecord, because: str) -> str:
    """Which Service still waits for the address of a load balancer, which Helm waits for as well."""
    for obj in _objects(record.manifests, record.namespace):
        is_balanced = (obj.get("spec") or {}).get("type") == "LoadBalancer"
        if ObjectKind.of(obj) != _SERVICE or not is_balanced:
            continue
        service = await api.get(ObjectRef.of(obj))
        status: dict[str, Any] = (service or {}).get("status") or {}
        if not (status.get("loadBalancer") or {}).get("ingress"):
            return f"{ObjectRef.of(obj)} has no address of a load balancer{f': {because}' if because else ' yet'}"
    return ""


def _workloads(text: str, namespace: str) -> list[ObjectRef]:
    return [
        ObjectRef.of(obj) for obj in _objects(text, namespace) if has_pods(ObjectKind.of(obj)) or obj["kind"] in _OTHERS
    ]


def _objects(text: str, namespace: str) -> Iterator[Object]:
    """The objects of a manifest, with the namespace of the release where they name none."""
    try:
        documents = parse_documents(text)
    except InvalidYaml:
        return
    for document in documents:
        obj = document.content
        if isinstance(obj, dict) and isinstance(obj.get("metadata"), dict) and obj["metadata"].get("name"):
            yield {**obj, "metadata": {"namespace": namespace, **obj["metadata"]}}
