"""Brings the objects of a manifest into its cluster: reads them, applies them, prunes, and waits for the rollout."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.drivers.k3s.link import ClusterLink, link_to
from fairlead.drivers.k3s.manifests.apply import Applier
from fairlead.drivers.k3s.manifests.files import kustomization_in, read_manifest
from fairlead.drivers.k3s.manifests.inventory import Inventory
from fairlead.drivers.k3s.manifests.kustomize import render_kustomization
from fairlead.drivers.k3s.manifests.objects import ManifestObject, flattened, manifest_object, without_repetitions
from fairlead.drivers.k3s.manifests.prune import prune_manifest
from fairlead.drivers.k3s.own_labels import APP, RESOURCE, cut
from fairlead.drivers.k3s.rollout.status import rollout_of
from fairlead.drivers.k3s.rollout.waiting import wait_for_rollout
from fairlead.drivers.paths import host_path
from fairlead.engines.kube import ObjectRef
from fairlead.errors import StartError
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.values.value import Value
from fairlead.resources.k3s.manifest import KubernetesManifest


class ManifestDriver(Driver):
    """Applies the objects of a manifest; it has ended when their workloads are up."""

    def __init__(self) -> None:
        self._context: DriverContext | None = None
        self._link: ClusterLink | None = None

    async def start(self, context: DriverContext) -> None:
        """Find the cluster; the work is done by :meth:`wait`.

        Raises:
            StartError: The cluster is not up.
        """
        resource = context.resource
        assert isinstance(resource, KubernetesManifest)
        self._context = context
        self._link = await link_to(context, resource.cluster)

    async def wait(self) -> int:
        """Do the work, and tell 0.

        Raises:
            StartError: It can't be read, an object is refused, or a workload is not up in time.
            EngineError: The cluster's API does not answer, or refuses.
        """
        context, link = self._context, self._link
        assert context is not None
        assert link is not None
        resource = context.resource
        assert isinstance(resource, KubernetesManifest)
        labels = {APP: cut(context.app_id), RESOURCE: cut(resource.name)}
        work = _Work(context, link, resource, Applier(link.api, resource.namespace, labels, context.log))
        await work.do()
        return 0

    async def stop(self, reason: StopReason) -> None:
        """The work has ended; what it has applied so far stays, and is recorded."""


class _Work:
    """What one start of a manifest does.

    Args:
        context: The start.
        link: The cluster.
        resource: The manifest.
        applier: Applies its objects.
    """

    def __init__(
        self, context: DriverContext, link: ClusterLink, resource: KubernetesManifest, applier: Applier
    ) -> None:
        self._context = context
        self._link = link
        self._resource = resource
        self._applier = applier
        self._deadline = time.monotonic() + resource.timeout

    async def do(self) -> None:
        """Read, apply, prune, and wait."""
        try:
            async with asyncio.timeout(self._resource.timeout):
                pending = await self._apply(await self._read())
        except TimeoutError:
            raise StartError(f"not applied within {self._resource.timeout:g} s{self._held_up_by()}") from None
        if self._resource.awaits_rollout:
            left = max(self._deadline - time.monotonic(), 0.0)
            await wait_for_rollout(self._link.api, pending, left, self._context.log)

    async def _apply(self, objects: Sequence[ManifestObject]) -> list[ObjectRef]:
        """Apply objects, remove what is not among them any more, and return those that are not rolled out yet."""
        inventory = Inventory(self._link.api, self._resource.name, self._context.app_id)
        former, planned = await inventory.read(), await self._applier.refs(objects)
        objects = without_repetitions(objects, planned)
        if not former.issuperset(planned):
            await inventory.write({*former, *planned})
        applied = await self._applier.apply(objects)
        refs = [ObjectRef.of(obj) for obj in applied]
        await prune_manifest(inventory, former, refs, self._context.log)
        self._context.log(f"Applied {len(refs)} object{'' if len(refs) == 1 else 's'}")
        self._context.report(objects=len(refs))
        return [ObjectRef.of(obj) for obj in applied if not rollout_of(obj).done]

    def _held_up_by(self) -> str:
        waiting = [f"{ref}: {reason}" for ref, reason in self._applier.waiting.items()]
        return f": {'; '.join(waiting[:3])}" if waiting else ""

    async def _read(self) -> list[ManifestObject]:
        path = self._resource.path
        if path is None:
            return await self._given_objects()
        folder = host_path(self._context.directory, path)
        is_kustomization = await asyncio.to_thread(kustomization_in, folder) is not None
        self._context.report(path=str(folder), mode="kustomize" if is_kustomization else "apply")
        if is_kustomization:
            return await render_kustomization(self._context, self._link.engine, self._resource, folder, path)
        return await asyncio.to_thread(read_manifest, folder, path.rstrip("/"))

    async def _given_objects(self) -> list[ManifestObject]:
        bodies = [await self._resolved(content) for content in self._resource.objects]
        return [
            manifest_object(body, origin)
            for number, content in enumerate(bodies, 1)
            for body, origin in flattened(content, f"object {number} of add_k8s_manifest()")
        ]

    async def _resolved(self, content: Any) -> Any:
        """A structure with the texts of its deferred leaves."""
        if isinstance(content, Value):
            return await self._context.resolve(content)
        if isinstance(content, Mapping):
            return {name: await self._resolved(entry) for name, entry in content.items()}
        if isinstance(content, Sequence) and not isinstance(content, str):
            return [await self._resolved(entry) for entry in content]
        return content
