"""Removes from a cluster what a manifest has brought there and no longer has.

Only what still carries the manifest's label is removed: an object that another manifest has taken over, or that others
have created under the same name, stays. So does what holds data that nobody declared: claims and volumes, a definition
whose kind has objects, and a namespace that has others' objects in it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.manifests.inventory import Inventory, inventories
from fairlead.drivers.k3s.manifests.order import CRD, NAMESPACE, Wave, plan_deletion, wave_of
from fairlead.drivers.k3s.own_labels import RESOURCE, cut
from fairlead.engines.kube import KubernetesApi, NotFound, Object, ObjectKind, ObjectRef
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.driving.driver_context import DriverContext

GONE_SECONDS: Final = 30.0
"""Seconds that custom resources may take to go, for which their controllers are still there."""
KEEP: Final = "helm.sh/resource-policy"
_DATA: Final = frozenset(("PersistentVolume", "PersistentVolumeClaim"))
_CONTENTS: Final = tuple(
    ObjectKind(*kind.split())
    for kind in (
        "v1 Pod",
        "v1 PersistentVolumeClaim",
        "v1 Service",
        "v1 Secret",
        "v1 ConfigMap",
        "apps/v1 Deployment",
        "apps/v1 StatefulSet",
        "apps/v1 DaemonSet",
        "batch/v1 Job",
        "batch/v1 CronJob",
    )
)
_OF_EACH_NAMESPACE: Final = ("kube-root-ca.crt", "kubernetes")
_PAUSE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Pruning:
    """A removal of objects.

    Args:
        api: The cluster's API.
        owner: The name of the manifest that has brought them.
        log: Takes a line about what has been done, or left.
    """

    api: KubernetesApi
    owner: str
    log: Callable[[str], None]

    async def remove(self, refs: Iterable[ObjectRef]) -> set[ObjectRef]:
        """Remove objects, in the reverse of the order in which they were applied.

        Returns:
            Those that stay for now and are to be tried again another time.

        Raises:
            EngineError: The API refuses.
        """
        remaining = {await placed_ref(self.api, ref) for ref in refs}
        kept: set[ObjectRef] = set()
        for kinds in plan_deletion(ref.kind for ref in remaining):
            members = sorted((ref for ref in remaining if ref.kind in kinds), key=str)
            kept |= {ref for ref in members if not await self._remove(ref)}
            if any(wave_of(kind) is Wave.CUSTOM_RESOURCES for kind in kinds):
                await self._wait_until_gone(set(members) - kept)
        return kept

    async def _remove(self, ref: ObjectRef) -> bool:
        """Remove one object; whether the record may forget it."""
        try:
            obj = await self.api.get(ref)
        except NotFound:  # its kind has gone, and all objects with it
            return True
        if obj is None or _label(obj) != cut(self.owner):
            return True
        if reason := _reason_to_keep(obj):
            self.log(f"Kept {ref}, {reason}; {_by_hand(ref)} deletes it")
            return True
        if occupants := await self._occupants(obj, ref):
            self.log(f"Kept {ref}, as there is {occupants}; {_by_hand(ref)} deletes all of it")
            return False
        await self.api.delete(ref)
        self.log(f"Removed {ref}, which is no longer declared")
        return True

    async def _occupants(self, obj: Object, ref: ObjectRef) -> str:
        """What would go with an object though nobody declared that, in words; empty where nothing would."""
        if ref.kind == NAMESPACE:
            return await self._content_of(ref.name)
        return await self._objects_of(obj) if ref.kind == CRD else ""

    async def _content_of(self, namespace: str) -> str:
        for kind in _CONTENTS:
            for obj in (await self.api.list(kind, namespace=namespace)).items:
                metadata = obj["metadata"]
                depends = metadata.get("ownerReferences") or "deletionTimestamp" in metadata
                if not depends and metadata["name"] not in _OF_EACH_NAMESPACE:
                    return str(ObjectRef.of(obj))
        return ""

    async def _objects_of(self, definition: Object) -> str:
        spec = definition["spec"]
        version = next((each["name"] for each in spec["versions"] if each.get("served", True)), None)
        if version is None:
            return ""
        try:
            found = await self.api.list(ObjectKind(f"{spec['group']}/{version}", spec["names"]["kind"]))
        except NotFound:  # it has never been established
            return ""
        return str(ObjectRef.of(found.items[0])) if found.items else ""

    async def _wait_until_gone(self, refs: set[ObjectRef]) -> None:
        deadline = time.monotonic() + GONE_SECONDS
        while refs := {ref for ref in refs if await self._is_there(ref)}:
            if time.monotonic() > deadline:
                names = ", ".join(sorted(map(str, refs)))
                self.log(f"Still being deleted after {GONE_SECONDS:.0f} s, as finalizers have to go first: {names}")
                return
            await asyncio.sleep(_PAUSE)

    async def _is_there(self, ref: ObjectRef) -> bool:
        try:
            obj = await self.api.get(ref)
        except NotFound:
            return False
        return obj is not None and "deletionTimestamp" in obj["metadata"]


async def prune_manifest(
    inventory: Inventory, former: Collection[ObjectRef], current: Collection[ObjectRef], log: Callable[[str], None]
) -> None:
    """Remove what a manifest has brought and no longer has, and record what is left.

    Args:
        inventory: Its record.
        former: What it has brought before.
        current: The objects that it has now; they have been applied.
        log: Takes lines about what has been done, or left.

    Raises:
        EngineError: The API refuses; nothing is forgotten then.
    """
    stale = {await placed_ref(inventory.api, ref) for ref in former} - set(current)
    if stale:
        known = await inventories(inventory.api)
        stale -= {ref for name, refs in known.items() if name != inventory.resource for ref in refs}
    kept = await Pruning(inventory.api, inventory.resource, log).remove(stale)
    if {*current, *kept} != await inventory.read():
        await inventory.write({*current, *kept})


async def placed_ref(api: KubernetesApi, ref: ObjectRef) -> ObjectRef:
    """A recorded object as it is called in the cluster: one of a kind unknown then was recorded with a namespace."""
    try:
        return ref if await api.is_namespaced(ref.kind) else replace(ref, namespace=None)
    except NotFound:
        return ref


async def prune_manifests(context: DriverContext, link: ClusterLink, declared: Collection[str]) -> None:
    """Remove from a cluster what manifests have brought there that are no longer declared.

    Args:
        context: The start of the cluster, whose log tells.
        link: The cluster.
        declared: The names of the cluster's manifests in the definition, also of those that this run leaves out.

    Raises:
        EngineUnavailable: The API does not answer. What it refuses is a line of the log, and is tried another time.
    """
    try:
        known = await inventories(link.api)
        claimed = {ref for name, refs in known.items() if name in declared for ref in refs}
        for name in sorted(known.keys() - set(declared)):
            context.log(f"The manifest {name} is no longer declared: removing what it has brought")
            kept = await Pruning(link.api, name, context.log).remove(known[name] - claimed)
            await Inventory(link.api, name, context.app_id).write(kept)
    except EngineUnavailable:
        raise
    except EngineError as error:
        context.log(f"Something that is no longer declared is left, for the next start: {error.explanation}")


def _label(obj: Object) -> str | None:
    found = (obj["metadata"].get("labels") or {}).get(RESOURCE)
    return None if found is None else str(found)


def _reason_to_keep(obj: Object) -> str:
    """Why an object stays for good; empty where nothing speaks against its removal."""
    if obj["kind"] in _DATA:
        return "which holds data"
    is_kept = (obj["metadata"].get("annotations") or {}).get(KEEP) == "keep"
    return f"as its annotation {KEEP} says" if is_kept else ""


def _by_hand(ref: ObjectRef) -> str:
    """The command that deletes it."""
    group, _, _ = ref.kind.api_version.rpartition("/")
    kind = ref.kind.kind.lower() + (f".{group}" if group else "")
    return f"'kubectl delete {kind} {ref.name}{f' -n {ref.namespace}' if ref.namespace else ''}'"
