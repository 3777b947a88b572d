"""The objects of a cluster, as a test applies, reads and awaits them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeAlias

from fairlead.drivers.k3s.manifests.files import parse_objects, read_manifest
from fairlead.drivers.k3s.manifests.objects import ManifestObject, manifest_object
from fairlead.drivers.k3s.rollout.status import rollout_of
from fairlead.engines.kube import Expired, KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import ResourceFailed, WaitTimeout
from fairlead.testing.fakes.object_kinds import parse_kind
from fairlead.testing.kubernetes.object_evidence import evidence

#: One object, several, or YAML: as text, or as the path of a file or folder.
Manifest: TypeAlias = "Mapping[str, object] | Sequence[Mapping[str, object]] | str | os.PathLike[str]"
Condition: TypeAlias = Callable[[Object], object]


class Objects:
    """The objects of a cluster or of one of its namespaces. Kinds are named as :func:`parse_kind` says.

    Args:
        api: The cluster's API.
        namespace: Where objects are that don't say so themselves; None for those of the cluster as a whole.
    """

    def __init__(self, api: KubernetesApi, namespace: str | None = None) -> None:
        #: The API of the cluster, for all that there is no method for here.
        self.api = api
        self._namespace = namespace

    async def apply(self, manifest: Manifest) -> list[Object]:
        """Create objects, or change the fields that are given, in the order in which they are given.

        It is server-side apply in the name of ``fairlead-testing``, which takes fields from other owners.

        Args:
            manifest: An object, several, YAML as text, or the path of a file or folder with YAML.

        Returns:
            The objects as they are then.

        Raises:
            StartError: It is no manifest.
            EngineError: The API refuses, or does not answer.
        """
        placed = [await self._placed(obj) for obj in _objects_of(manifest)]
        return [await self.api.apply(obj, manager="fairlead-testing", force=True) for obj in placed]

    async def get(self, kind: str, name: str) -> Object | None:
        """An object, or None.

        Args:
            kind: Its kind.
            name: Its name.
        """
        return await self.api.get(await self._ref(kind, name))

    async def list(self, kind: str, labels: Mapping[str, str] | None = None) -> list[Object]:
        """The objects of a kind, by name.

        Args:
            kind: Their kind.
            labels: Labels that they carry.
        """
        return (await self.api.list(parse_kind(kind), namespace=self._namespace, labels=labels)).items

    async def delete(self, kind: str, name: str) -> bool:
        """Delete an object; :meth:`wait_gone` waits until nothing of it is left.

        Args:
            kind: Its kind.
            name: Its name.

        Returns:
            Whether it was there.
        """
        return await self.api.delete(await self._ref(kind, name))

    async def wait_for(
        self,
        kind: str,
        name: str,
        condition: Condition | None = None,
        timeout: float = 60,  # noqa: ASYNC109
    ) -> Object:
        """Return an object as soon as it is there and meets a condition.

        Args:
            kind: Its kind.
            name: Its name.
            condition: Is called with the object, each time that it changes; a ``LookupError`` in it, as for a status
                that is not there yet, means no. By default a workload has to be rolled out, a Job completed, a claim
                bound, a CustomResourceDefinition established; any other object has to be there.
            timeout: Seconds.

        Raises:
            ResourceFailed: It is a workload whose rollout has failed.
            WaitTimeout: It has not come to that in time. The notes have the object, and what pods and events say.
        """
        ref = await self._ref(kind, name)
        seen: Object | None = None
        try:
            async with asyncio.timeout(timeout), aclosing(self._changes(ref)) as changes:
                async for seen in changes:
                    if seen is not None and _is_met(ref, seen, condition):
                        return seen
        except TimeoutError:
            raise await self._with_notes(
                WaitTimeout(_lacking(seen, condition, timeout), resource=str(ref)), seen
            ) from None
        except ResourceFailed as error:
            raise await self._with_notes(error, seen) from None
        raise AssertionError("a watch does not end by itself")

    async def wait_gone(self, kind: str, name: str, timeout: float = 60) -> None:  # noqa: ASYNC109
        """Return as soon as an object is not there.

        Args:
            kind: Its kind.
            name: Its name.
            timeout: Seconds.

        Raises:
            WaitTimeout: It is still there then; the message has the finalizers that hold it.
        """
        ref = await self._ref(kind, name)
        seen: Object | None = None
        try:
            async with asyncio.timeout(timeout), aclosing(self._changes(ref)) as changes:
                async for seen in changes:
                    if seen is None:
                        return
        except TimeoutError:
            raise await self._with_notes(WaitTimeout(_remaining(seen, timeout), resource=str(ref)), seen) from None

    async def _ref(self, kind: str, name: str) -> ObjectRef:
        parsed = parse_kind(kind)
        return ObjectRef(parsed, name, self._namespace if await self._is_inside(parsed) else None)

    async def _placed(self, obj: ManifestObject) -> Object:
        """An object with the namespace that it is to be in."""
        if self._namespace is not None and await self._is_inside(obj.ref.kind):
            return obj.in_namespace(self._namespace).body
        return obj.body

    async def _is_inside(self, kind: ObjectKind) -> bool:
        return self._namespace is not None and await self.api.is_namespaced(kind)

    async def _changes(self, ref: ObjectRef) -> AsyncGenerator[Object | None, None]:
        """An object, or None while it is not there, and then each change."""
        name = {"metadata.name": ref.name}
        while True:
            listed = await self.api.list(ref.kind, namespace=ref.namespace, fields=name)
            yield listed.items[0] if listed.items else None
            try:
                events = self.api.watch(ref.kind, listed.resource_version, namespace=ref.namespace, fields=name)
                async with aclosing(events):
                    async for event in events:
                        yield None if event.type == "DELETED" else event.object
            except Expired:
                continue

    async def _with_notes(
        self, error: WaitTimeout | ResourceFailed, seen: Object | None
    ) -> WaitTimeout | ResourceFailed:
        for note in await evidence(self.api, self._namespace, seen):
            error.add_note(note)
        return error


def _objects_of(manifest: Manifest) -> list[ManifestObject]:
    if isinstance(manifest, str):
        return parse_objects(manifest, "the manifest")
    if isinstance(manifest, os.PathLike):
        return read_manifest(Path(manifest), os.fspath(manifest))
    objects = [manifest] if isinstance(manifest, Mapping) else manifest
    return [manifest_object(obj, f"object {number}") for number, obj in enumerate(objects, 1)]


def _is_met(ref: ObjectRef, obj: Object, condition: Condition | None) -> bool:
    if condition is not None:
        try:
            return bool(condition(obj))
        except LookupError:
            return False
    rollout = rollout_of(obj)
    if rollout.failed:
        raise ResourceFailed(rollout.reason, resource=str(ref))
    return rollout.done


def _lacking(seen: Object | None, condition: Condition | None, seconds: float) -> str:
    if seen is None:
        return f"it was not there within {seconds:g} s"
    if condition is not None:
        return f"it did not meet the condition within {seconds:g} s"
    return f"it was not ready within {seconds:g} s: {rollout_of(seen).reason}"


def _remaining(seen: Object | None, seconds: float) -> str:
    metadata = seen["metadata"] if seen else {}
    if "deletionTimestamp" not in metadata:
        return f"it was still there after {seconds:g} s, and nobody has deleted it"
    finalizers = metadata.get("finalizers")
    why = f"its finalizers hold it: {', '.join(finalizers)}" if finalizers else "what belongs to it has to go first"
    return f"it was still there {seconds:g} s later; {why}"
