"""Manifests of local clusters that are published as templates of the app's chart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from fairlead.model.resource import Resource
from fairlead.publish.chart.chart import Chart
from fairlead.publish.chart.diagnostics import Report
from fairlead.publish.chart.object_kinds import is_cluster_wide
from fairlead.publish.cluster_kind import ClusterKind
from fairlead.publish.context import PlanningContext
from fairlead.publish.own_objects.custom_kinds import defined_kinds
from fairlead.publish.own_objects.user_manifests import SUFFIXES, add_objects, read_objects
from fairlead.publish.translation.translator import ValueSite
from fairlead.resources.k3s.manifest import KubernetesManifest

_KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
#: The namespace that a manifest is in where the definition names none; published, that is the release's.
_UNNAMED: Final = "default"


class ManifestClusterKind(ClusterKind):
    """A manifest of a local cluster; as a template its objects are those of the chart."""

    def add_objects(self, resource: Resource, context: PlanningContext) -> None:
        """Add the objects of the manifest, in the namespace that it names."""
        assert isinstance(resource, KubernetesManifest)
        manifest, chart, report = resource, context.chart, context.report
        label = f"the manifest {manifest.path}" if manifest.path is not None else "an object of add_k8s_manifest()"
        site = ValueSite(manifest, manifest.where, label)
        contents = _objects(manifest, context.app.directory, site, report)
        bodies = add_objects(context, contents, site)
        if manifest.namespace != _UNNAMED:
            _put_into(manifest.namespace, bodies, chart)


def _objects(manifest: KubernetesManifest, folder: Path, asker: ValueSite, report: Report) -> Iterable[Any]:
    if manifest.path is None:
        return manifest.objects
    path = folder / Path(manifest.path).expanduser()
    if not path.is_dir():
        return read_objects(path, asker, report)
    files = list(_files(path))
    built = next((file for file in files if file.name in _KUSTOMIZATIONS), None)
    if built is not None:
        report.error(
            manifest,
            f"{asker.what} has to be built by Kustomize: it holds {built.relative_to(path)}",
            f'Build it (kubectl kustomize {manifest.path} > FILE) and give FILE, or say publish_as="external".',
        )
        return []
    if not files:
        report.error(manifest, f"{asker.what} is a folder without YAML", "Name another.")
    return [found for file in files for found in read_objects(file, asker, report)]


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder and those below that hold objects, as a run reads them: hidden ones are left alone."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            is_read = Path(name).suffix in SUFFIXES or name in _KUSTOMIZATIONS
            if is_read and not name.startswith("."):
                yield Path(place, name)


def _put_into(namespace: str, bodies: Iterable[dict[str, Any]], chart: Chart) -> None:
    """Give a namespace to the objects that name none and can be in one."""
    defined = defined_kinds(chart)
    for body in bodies:
        group, kind = str(body["apiVersion"]).rpartition("/")[0], str(body["kind"])
        if not is_cluster_wide(group, kind) and defined.get((group, kind)) != "Cluster":
            body["metadata"].setdefault("namespace", namespace)
