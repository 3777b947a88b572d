"""What helps to find out what is wrong with a cluster, in one file: objects, events, logs, nodes, engine; no secrets.

Secrets and ConfigMaps are not asked for, values of variables in pods are left out, and what Fairlead knows to be secret
is masked in all that remains.
"""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import tarfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, Final

from fairlead.drivers.k3s.reasons.containers import containers_of
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree
from fairlead.drivers.k3s.tree.parents import Origins
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import EngineError

COLLECTED: Final = (
    ObjectKind("v1", "Node"),
    ObjectKind("v1", "Namespace"),
    ObjectKind("v1", "Pod"),
    ObjectKind("v1", "Service"),
    ObjectKind("v1", "PersistentVolumeClaim"),
    ObjectKind("v1", "PersistentVolume"),
    ObjectKind("v1", "Event"),
    ObjectKind("apps/v1", "Deployment"),
    ObjectKind("apps/v1", "StatefulSet"),
    ObjectKind("apps/v1", "DaemonSet"),
    ObjectKind("apps/v1", "ReplicaSet"),
    ObjectKind("batch/v1", "Job"),
    ObjectKind("batch/v1", "CronJob"),
    ObjectKind("discovery.k8s.io/v1", "EndpointSlice"),
    ObjectKind("networking.k8s.io/v1", "Ingress"),
)
_SHOWN: Final = ("Node", "Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
_POD_LOG_LINES: Final = 2_000
_MOST_PODS: Final = 200
_NODE_LOG_BYTES: Final = 4 * 2**20
"""How much is kept of the end of a node's log."""
_SECONDS: Final = 10.0
"""Seconds that one log, or the objects of one kind, may take."""
_AT_ONCE: Final = 4
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
LEFT_OUT: Final = "(left out)"

Files = dict[str, bytes]


class Diagnostics:
    """Collects what there is to know of a cluster. What can't be read is said in place of it.

    Args:
        engine: The engine of its nodes.
        containers: The ids of its nodes' containers by the nodes' names.
        api: Its API; None where that is not up.
        masked: Masks secrets in a text.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        containers: Mapping[str, str],
        api: KubernetesApi | None,
        masked: Callable[[str], str],
    ) -> None:
        self._engine = engine
        self._containers = containers
        self._api = api
        self._masked = masked
        self._files: Files = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def collect(self) -> Files:
        """The files of the archive by their paths in it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._add("engine.json", self._engine_facts()))
            for name, container in self._containers.items():
                group.create_task(self._add(f"nodes/{name}.json", self._container(container)))
                group.create_task(self._add(f"nodes/{name}.log", self._node_log(container)))
            if self._api is not None:
                group.create_task(self._add_objects(self._api))
        return self._files

    async def _add(self, path: str, work: Coroutine[Any, Any, str]) -> None:
        try:
            async with self._turns, asyncio.timeout(_SECONDS):
                text = await work
        except EngineError as error:
            text = f"It can't be read: {error.message}\n"
        except TimeoutError:
            text = f"It can't be read: there was no answer within {_SECONDS:g} s\n"
        self._files[path] = self._masked(text).encode()

    # The engine and the nodes

    async def _engine_facts(self) -> str:
        facts = dataclasses.asdict(await self._engine.facts())
        return _json({"name": self._engine.name, "version": self._engine.version, **facts})

    async def _container(self, container: str) -> str:
        info = await self._engine.inspect(container)
        return _json(dataclasses.asdict(info) if info is not None else None)

    async def _node_log(self, container: str) -> str:
        chunks = self._engine.logs(container, follow=False)
        return await _end_of(_lines(chunks), _NODE_LOG_BYTES)

    # The cluster

    async def _add_objects(self, api: KubernetesApi) -> None:
        objects: list[Object] = []
        await self._add("version.txt", api.version())
        for kind in COLLECTED:
            await self._add(f"objects/{kind.kind.lower()}.json", self._objects(api, kind, objects))
        self._files["summary.txt"] = self._masked(summary(objects)).encode()
        pods = [obj for obj in objects if obj["kind"] == "Pod"][:_MOST_PODS]
        async with asyncio.TaskGroup() as group:
            for pod in pods:
                group.create_task(self._add_logs(api, pod))

    async def _objects(self, api: KubernetesApi, kind: ObjectKind, objects: list[Object]) -> str:
        listed = [
            {"apiVersion": kind.api_version, "kind": kind.kind, **without_values(obj)}
            for obj in (await api.list(kind)).items
        ]
        objects += listed
        return _json(listed)

    async def _add_logs(self, api: KubernetesApi, pod: Object) -> None:
        ref = ObjectRef(ObjectKind("v1", "Pod"), pod["metadata"]["name"], pod["metadata"]["namespace"])
        for container in containers_of(pod):
            folder = f"pods/{ref.namespace}/{ref.name}"
            if container.last_end or container.state("running") is not None:
                await self._add(f"{folder}/{container.name}.log", _pod_log(api, ref, container.name))
            if container.status.get("restartCount"):
                path = f"{folder}/{container.name}-before-restart.log"
                await self._add(path, _pod_log(api, ref, container.name, previous=True))


async def _pod_log(api: KubernetesApi, pod: ObjectRef, container: str, *, previous: bool = False) -> str:
    lines: list[bytes] = []
    async with aclosing(api.logs(pod, container=container, tail=_POD_LOG_LINES, previous=previous)) as chunks:
        async for chunk in chunks:
            lines.extend(chunk.lines)
    return b"".join(line + b"\n" for line in lines).decode(errors="replace")


async def _lines(chunks: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        for line in chunk.lines:
            yield line


async def _end_of(lines: AsyncIterator[bytes], limit: int) -> str:
    """The last lines, together of some bytes at most."""
    kept: deque[bytes] = deque()
    size = 0
    async for line in lines:
        kept.append(line)
        size += len(line) + 1
        while size > limit:
            size -= len(kept.popleft()) + 1
    return b"".join(line + b"\n" for line in kept).decode(errors="replace")


def without_values(obj: Mapping[str, Any]) -> Object:
    """An object without what may be secret in it: the values of variables, and what kubectl keeps of them."""
    cleaned = _without_values(obj)
    annotations = cleaned.get("metadata", {}).get("annotations")
    if annotations:
        annotations.pop(_LAST_APPLIED, None)
    return dict(cleaned)


def _without_values(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {
            name: _without_env(value) if name == "env" and isinstance(value, list) else _without_values(value)
            for name, value in part.items()
        }
    return [_without_values(item) for item in part] if isinstance(part, list) else part


def _without_env(variables: list[Any]) -> list[Any]:
    return [
        {**each, "value": LEFT_OUT} if isinstance(each, Mapping) and "value" in each else each for each in variables
    ]


def summary(objects: list[Object]) -> str:
    """What is not well in a cluster, a line each, as the tree shows it."""
    tree = ClusterTree(Origins("cluster"))
    for obj in objects:
        if obj["kind"] in _SHOWN:
            tree.put(obj)
        elif obj["kind"] == "Event":
            tree.put_event(obj)
    reasons: dict[str, str] = {}
    while tree.has_changes:
        for child in tree.take_changes().children:
            name = f"{child.namespace}/{child.name}" if child.namespace else child.name
            reasons[f"{child.kind} {name}"] = f"{child.state}: {child.reason}" if child.reason else ""
    lines = [f"{name}: {reason}\n" for name, reason in sorted(reasons.items()) if reason]
    return "".join(lines) or "All that the tree shows is well.\n"


def archive(files: Mapping[str, bytes], folder: str) -> bytes:
    """A ``.tar.gz`` with files in a folder."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{path}")
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def _json(content: Any) -> str:
    return json.dumps(content, indent=1, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
