"""What a manifest has brought into its cluster, recorded there, so that what it no longer has can be removed.

The record is a ConfigMap. It names an object before that is applied for the first time, and until it is gone: a run
that is interrupted at any moment leaves nothing unrecorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fairlead.drivers.k3s.own_labels import RESOURCE, app_labels, cut, own_name
from fairlead.engines.kube import KubernetesApi, Object, ObjectKind, ObjectRef
from fairlead.errors import EngineError

NAMESPACE: Final = "kube-system"  # it is in every cluster, and no manifest's own
CONFIG_MAP: Final = ObjectKind("v1", "ConfigMap")
RECORD: Final = {"dev.fairlead.record": "manifest"}
_OBJECTS: Final = "objects"
_RESOURCE: Final = "resource"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The record of one manifest.

    Args:
        api: The cluster's API.
        resource: The manifest's name.
        app_id: The app that it belongs to.
    """

    api: KubernetesApi
    resource: str
    app_id: str

    @property
    def ref(self) -> ObjectRef:
        """The ConfigMap."""
        return ObjectRef(CONFIG_MAP, own_name(f"manifest-{self.resource}"), NAMESPACE)

    async def read(self) -> set[ObjectRef]:
        """The recorded objects; none before the first time."""
        record = await self.api.get(self.ref)
        return recorded_objects(record) if record else set()

    async def write(self, refs: Iterable[ObjectRef]) -> None:
        """Record objects in place of those before; none removes the record."""
        rows = sorted([ref.kind.api_version, ref.kind.kind, ref.namespace or "", ref.name] for ref in set(refs))
        if not rows:
            await self.api.delete(self.ref)
            return
        record = {
            "apiVersion": CONFIG_MAP.api_version,
            "kind": CONFIG_MAP.kind,
            "metadata": {
                "name": self.ref.name,
                "namespace": NAMESPACE,
                "labels": {**RECORD, **app_labels(self.app_id), RESOURCE: cut(self.resource)},
            },
            "data": {_RESOURCE: self.resource, _OBJECTS: json.dumps(rows, separators=(",", ":"))},
        }
        await self.api.apply(record, force=True)


async def inventories(api: KubernetesApi) -> dict[str, set[ObjectRef]]:
    """The recorded objects of all manifests in a cluster, by the names of these.

    Raises:
        EngineError: A record can't be read, or the API refuses.
    """
    records = await api.list(CONFIG_MAP, namespace=NAMESPACE, labels=RECORD)
    return {(record.get("data") or {}).get(_RESOURCE, ""): recorded_objects(record) for record in records.items}


def recorded_objects(record: Object) -> set[ObjectRef]:
    """The objects that a record names.

    Raises:
        EngineError: It is none of ours any more.
    """
    # [["apps/v1","Deployment","shop","web"],["v1","Namespace","","shop"]]
    try:
        rows = json.loads(record["data"][_OBJECTS])
        return {ObjectRef(ObjectKind(version, kind), name, within or None) for version, kind, within, name in rows}
    except (LookupError, TypeError, ValueError) as error:
        ref = ObjectRef.of(record)
        raise EngineError(
            f"{ref}, which records what a manifest has brought, can't be read",
            remedy=f"Delete it: kubectl delete configmap {ref.name} -n {ref.namespace}. Nothing else goes by that.",
        ) from error
