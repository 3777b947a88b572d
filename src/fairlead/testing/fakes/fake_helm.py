"""A Helm in memory: charts are functions from values to objects, releases have revisions and statuses."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from fairlead.engines.helm import Chart, Helm, HelmError, Output, Release, ReleaseSpec, ReleaseStatus
from fairlead.engines.helm.records import ReleaseRecord
from fairlead.engines.kube import KubernetesApi, Object, ObjectRef
from fairlead.errors import EngineError

Render = Callable[[ReleaseSpec], Iterable[Mapping[str, Any]]]
"""What a chart makes of a release: its objects.

An object without a namespace gets that of the release; one of the cluster as a whole says that its namespace is None.
"""

_MANAGER = "helm"
_DONE: dict[ReleaseStatus, str] = {"pending-install": "Install complete", "pending-upgrade": "Upgrade complete"}


@dataclass
class FakeChart:
    """A chart; a test may change it at any time.

    Args:
        name: Its name.
        version: Its version.
        render: Makes its objects.
        fails: Why its installation or upgrade fails once its objects are there; empty where it doesn't.
        rolled_out: Set once its workloads are up; an operation that waits is pending until then.
        hooks: The objects of its hooks, which are recorded and not run.
    """

    name: str
    version: str
    render: Render
    fails: str = ""
    rolled_out: asyncio.Event = field(default_factory=asyncio.Event)
    hooks: Sequence[Mapping[str, Any]] = ()


class FakeHelm(Helm):
    """A Helm in memory.

    Args:
        api: Gets the objects of the releases, and the records that Helm keeps of them; None keeps them nowhere.

    Attributes:
        revisions: All revisions of each release, by namespace and name.
        called: The operations asked for so far, by the name of their method.
        killed: Whether an operation that is cancelled leaves its release pending, as one does that is killed.
    """

    def __init__(self, api: KubernetesApi | None = None) -> None:
        self.revisions: dict[tuple[str, str], list[Release]] = {}
        self.called: list[str] = []
        self.killed = False
        self._api = api
        self._charts: list[FakeChart] = []
        self._specs: dict[tuple[str, str, int], tuple[ReleaseSpec, list[Object]]] = {}

    def add_chart(self, name: str, version: str, render: Render, *, is_rolled_out: bool = True) -> FakeChart:
        """Add a chart to what can be installed; with several versions of one name the last one added is the newest.

        Args:
            name: Its name; also the reference, folder or address by which it is asked for.
            version: Its version.
            render: Makes its objects.
            is_rolled_out: Whether its workloads come up at once; else the test sets ``rolled_out``.
        """
        chart = FakeChart(name, version, render)
        if is_rolled_out:
            chart.rolled_out.set()
        self._charts.append(chart)
        return chart

    async def template(self, spec: ReleaseSpec) -> str:
        """The manifests of a release as YAML."""
        self.called.append("template")
        return str(yaml.safe_dump_all(_rendered(self._chart(spec.chart), spec), sort_keys=False))

    async def install(self, spec: ReleaseSpec, on_output: Output) -> None:
        """Install a release that is not there."""
        self.called.append("install")
        if (spec.namespace, spec.name) in self.revisions:
            raise HelmError("INSTALLATION FAILED: cannot re-use a name that is still in use")
        if self._api is not None and spec.create_namespace:
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": spec.namespace}}
            await self._api.apply(namespace, manager=_MANAGER)
        await self._roll_out(spec, "pending-install", on_output)

    async def upgrade(self, spec: ReleaseSpec, on_output: Output) -> None:
        """Change a release that is there, by a new revision."""
        self.called.append("upgrade")
        last = self._last(spec.name, spec.namespace)
        if last is None:
            raise HelmError(f'UPGRADE FAILED: "{spec.name}" has no deployed releases')
        if last.is_pending:
            raise HelmError("UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress")
        before, _ = self._specs[spec.namespace, spec.name, last.revision]
        await self._roll_out(replace(spec, labels={**before.labels, **spec.labels}), "pending-upgrade", on_output)

    async def rollback(self, name: str, namespace: str, revision: int, on_output: Output) -> None:
        """Go back to an earlier revision, by a new one."""
        self.called.append("rollback")
        last = self._last(name, namespace)
        if last is None or (namespace, name, revision) not in self._specs:
            raise HelmError("release: not found")
        spec, objects = self._specs[namespace, name, revision]
        release = replace(last, revision=last.revision + 1, status="deployed", description=f"Rollback to {revision}")
        self._specs[namespace, name, release.revision] = spec, objects
        await self._apply(spec, last.revision, objects)
        await self._supersede(namespace, name)
        await self._record(release)
        on_output([b"Rollback was a success! Happy Helming!"])

    async def uninstall(self, name: str, namespace: str, *, wait_seconds: float | None = 600.0) -> bool:
        """Remove a release, its history and its objects, in whatever state it is."""
        self.called.append("uninstall")
        revisions = self.revisions.pop((namespace, name), [])
        for release in revisions:
            _, objects = self._specs.pop((namespace, name, release.revision))
            await self._delete([ObjectRef.of(obj) for obj in objects])
            await self._delete([_record_of(release).ref])
        return bool(revisions)

    async def history(self, name: str, namespace: str) -> list[Release]:
        """The revisions of a release."""
        self.called.append("history")
        return list(self.revisions.get((namespace, name), []))

    async def pull(self, chart: Chart, folder: Path, on_output: Output) -> Path:
        """Fetch a chart: an archive that holds nothing but its name, by which it can be installed from then on."""
        self.called.append("pull")
        found = self._chart(chart)
        archive = folder / f"{found.name.rpartition('/')[2]}-{found.version}.tgz"
        archive.write_text(found.name)
        return archive

    async def build_dependencies(self, root: Path, chart: Path, on_output: Output) -> None:
        """Leave the folder ``charts`` of a chart empty."""
        self.called.append("build_dependencies")
        (chart / "charts").mkdir(exist_ok=True)

    async def _roll_out(self, spec: ReleaseSpec, pending: ReleaseStatus, on_output: Output) -> None:
        chart = self._chart(spec.chart)
        objects = _rendered(chart, spec)
        before = self._last(spec.name, spec.namespace)
        revision = before.revision + 1 if before else 1
        name = f"{chart.name.rstrip('/').rpartition('/')[2]}-{chart.version}"
        release = Release(name=spec.name, namespace=spec.namespace, revision=revision, status=pending, chart=name)
        self._specs[spec.namespace, spec.name, revision] = spec, objects
        verb = "UPGRADE" if before else "INSTALLATION"
        try:
            await self._record(release)
        except EngineError as error:
            raise HelmError(f"{verb} FAILED: create: failed to create: {error.message}") from error
        on_output([f'Release "{spec.name}" is being rolled out'.encode()])
        try:
            await self._apply(spec, revision - 1, objects)
            if chart.fails:
                raise HelmError(chart.fails)
            if spec.wait:
                await _until(chart.rolled_out, spec.timeout)
        except EngineError as error:
            await self._record(replace(release, status="failed", description=error.message))
            raise HelmError(f"{verb} FAILED: {error.message}") from error
        except asyncio.CancelledError:
            if not self.killed:
                await self._record(replace(release, status="failed", description="context canceled"))
            raise
        await self._supersede(spec.namespace, spec.name)
        await self._record(replace(release, status="deployed", description=_DONE[pending]))
        on_output([b"STATUS: deployed"])

    async def _apply(self, spec: ReleaseSpec, before: int, objects: list[Object]) -> None:
        if self._api is not None:
            for obj in objects:
                await self._api.apply(obj, manager=_MANAGER, force=True)
        _, old = self._specs.get((spec.namespace, spec.name, before), (spec, []))
        now = {ObjectRef.of(obj) for obj in objects}
        await self._delete([ref for ref in map(ObjectRef.of, old) if ref not in now])

    async def _delete(self, refs: list[ObjectRef]) -> None:
        if self._api is not None:
            for ref in reversed(refs):
                await self._api.delete(ref)

    async def _supersede(self, namespace: str, name: str) -> None:
        for release in list(self.revisions.get((namespace, name), [])):
            if release.status == "deployed":
                await self._record(replace(release, status="superseded"))

    async def _record(self, release: Release) -> None:
        """Note a revision, and what became of it."""
        if self._api is not None:
            spec, objects = self._specs[release.namespace, release.name, release.revision]
            secret = _secret(release, spec.labels, objects, self._chart(spec.chart).hooks)
            await self._api.apply(secret, manager=_MANAGER, force=True)
        revisions = self.revisions.setdefault((release.namespace, release.name), [])
        revisions[:] = [one for one in revisions if one.revision != release.revision] + [release]
        revisions.sort(key=lambda one: one.revision)

    def _chart(self, wanted: Chart) -> FakeChart:
        name = wanted.reference
        if Path(name).is_file():  # what has been pulled
            name = Path(name).read_text()
        for chart in reversed(self._charts):
            if chart.name == name and wanted.version in (None, chart.version):
                return chart
        version = f" {wanted.version}" if wanted.version else ""
        raise HelmError(f"chart {wanted.reference!r}{version} not found")

    def _last(self, name: str, namespace: str) -> Release | None:
        revisions = self.revisions.get((namespace, name))
        return revisions[-1] if revisions else None


async def _until(rolled_out: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await rolled_out.wait()
    except TimeoutError:
        raise HelmError("context deadline exceeded") from None


def _record_of(release: Release) -> ReleaseRecord:
    return ReleaseRecord(release.name, release.namespace, release.revision, release.status)


def _secret(
    release: Release, labels: Mapping[str, str], objects: list[Object], hooks: Sequence[Mapping[str, Any]]
) -> Object:
    """The record of a revision as Helm keeps it."""
    content = {
        "name": release.name,
        "namespace": release.namespace,
        "version": release.revision,
        "info": {"status": release.status, "description": release.description},
        "manifest": yaml.safe_dump_all(objects, sort_keys=False),
        "hooks": [{"manifest": yaml.safe_dump(dict(hook))} for hook in hooks],
    }
    data = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(content).encode()))).decode()
    own_labels = {"owner": "helm", "name": release.name, "version": str(release.revision), "status": release.status}
    metadata = {
        "name": _record_of(release).ref.name,
        "namespace": release.namespace,
        "labels": {**labels, **own_labels},
    }
    secret_type = "helm.sh/release.v1"
    return {"apiVersion": "v1", "kind": "Secret", "type": secret_type, "metadata": metadata, "data": {"release": data}}


def _rendered(chart: FakeChart, spec: ReleaseSpec) -> list[Object]:
    objects = []
    for obj in chart.render(spec):
        metadata = {"namespace": spec.namespace, **obj["metadata"]}
        objects.append({**obj, "metadata": {name: value for name, value in metadata.items() if value is not None}})
    return objects
