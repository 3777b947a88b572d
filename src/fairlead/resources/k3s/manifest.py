"""Manifests of a cluster: objects that are applied as they are written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from fairlead.model.argument_checks import kind_of
from fairlead.model.locations import Location, mistake
from fairlead.model.publishing import MANIFEST, PublishManifestAs
from fairlead.resources.k3s.content import content_problem, deferred
from fairlead.resources.k3s.objects import ClusterObjects
from fairlead.resources.k3s.server import K3sServer

#: A path, one object, or several.
ManifestSource: TypeAlias = str | os.PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]]


class KubernetesManifest(ClusterObjects):
    """Objects that are applied to a cluster.

    It waits for its cluster by itself, is Running while they are applied, and has Finished with 0 once their workloads
    are up.

    Args:
        name: The resource's name.
        cluster: Its cluster.
        source: As for ``add_k8s_manifest``, like what follows.
        namespace: For objects that name none.
        wait: Whether it is finished only when its workloads are up.
        timeout: Seconds that it may take.
        publish_as: What publishing makes of it.
    """

    kind: ClassVar[str] = "Kubernetes manifest"
    default_icon: ClassVar[str] = "manifest"
    driver: ClassVar[str | None] = "fairlead.drivers.k3s.manifests.manifest:ManifestDriver"
    cluster_kind: ClassVar[str | None] = "fairlead.publish.kinds.k8s_manifest:ManifestClusterKind"
    publish_choices: ClassVar[Sequence[str]] = MANIFEST
    left_behind: ClassVar[str] = "its objects stay until the cluster starts again"

    def __init__(
        self,
        name: str,
        cluster: K3sServer,
        source: ManifestSource,
        *,
        namespace: str | None = None,
        wait: bool = True,
        timeout: float = 600,
        publish_as: PublishManifestAs | None = None,
    ) -> None:
        method = "add_k8s_manifest"
        super().__init__(name, cluster, method=method, wait=wait, timeout=timeout)
        #: Relative to the app file's folder; None where objects are given.
        self.path: str | None = None
        #: The objects that are given; empty where there is a path.
        self.objects: tuple[Mapping[str, Any], ...] = ()
        self._take(source)
        good = namespace is not None and self._namespace(method, namespace)
        self.namespace = namespace if good and namespace is not None else "default"
        self.publish_as = self._published(method, publish_as, MANIFEST)

    @property
    def made_from(self) -> str:
        """Its file or folder, or how many objects it has."""
        count = len(self.objects)
        return self.path or f"{count} {'object' if count == 1 else 'objects'}"

    def _given_values(self) -> Iterator[tuple[object, Location]]:
        """Also the deferred ones in its objects."""
        yield from super()._given_values()
        yield from ((value, self.where) for value in deferred(self.objects))

    def _take(self, source: object) -> None:
        source = os.fspath(source) if isinstance(source, os.PathLike) else source
        if isinstance(source, str):
            self.path = source if self._text("add_k8s_manifest", "path", source) else None
            return
        objects = [source] if isinstance(source, Mapping) else source
        if not isinstance(objects, Sequence) or isinstance(objects, (bytes, bytearray)):
            self._refuse(f"source is {kind_of(source)}")
            return
        if not objects:
            self._refuse("source has no object in it")
        for number, obj in enumerate(objects):
            problem = _object_problem(obj, f"object {number + 1}")
            if problem is not None:
                self._refuse(problem)
                return
        self.objects = tuple(objects)

    def _refuse(self, found: str) -> None:
        mistake(
            f"add_k8s_manifest(): {found}",
            resource=self.name,
            remedy="Give the path of a file or folder, or objects like "
            "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'web'}}.",
        )


def _object_problem(obj: object, place: str) -> str | None:
    if not isinstance(obj, Mapping):
        return f"{place} is {kind_of(obj)}"
    metadata = obj.get("metadata")
    if not all(isinstance(obj.get(key), str) and obj[key] for key in ("apiVersion", "kind")):
        return f"{place} has no apiVersion or no kind"
    if not isinstance(metadata, Mapping) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        return f"{place} has no metadata.name"
    return content_problem(obj, place)
