"""A Helm in memory: charts are functions from values to objects, releases have revisions and statuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from fairlead.engines.helm import Chart, Helm, HelmError, Output, Release, ReleaseSpec, ReleaseStatus
from fairlead.engines.kube import KubernetesApi, Object, ObjectRef
from fairlead.errors import EngineError

Render = Callable[[ReleaseSpec], Iterable[Mapping[str, Any]]]
"""What a chart makes of a release: its objects.

An object without a namespace gets that of the release; one of the cluster as a whole says that its namespace is None.
"""

_MANAGER = "helm"


@dataclass
class FakeChart:
    """A chart; a test may change it at any time.

    Args:
        name: Its name.
        version: Its version.
        render: Makes its objects.
        fails: Why its installation or upgrade fails once its objects are there; empty where it doesn't.
        rolled_out: Set once its workloads are up; an operation that waits is pending until then.
    """

    name: str
    version: str
    render: Render
    fails: str = ""
    rolled_out: asyncio.Event = field(default_factory=asyncio.Event)


class FakeHelm(Helm):
    """A Helm in memory.

    Args:
        api: Gets the objects of the releases; None keeps them nowhere.

    Attributes:
        history: All revisions of each release, by namespace and name.
        called: The operations asked for so far, by the name of their method.
    """

    def __init__(self, api: KubernetesApi | None = None) -> None:
        self.history: dict[tuple[str, str], list[Release]] = {}
        self.called: list[str] = []
        self._api = api
        self._charts: list[FakeChart] = []
        self._objects: dict[tuple[str, str], list[Object]] = {}

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

    async def install(self, spec: ReleaseSpec, on_output: Output) -> Release:
        """Install a release that is not there."""
        self.called.append("install")
        if (spec.namespace, spec.name) in self.history:
            raise HelmError("INSTALLATION FAILED: cannot re-use a name that is still in use")
        return await self._roll_out(spec, "pending-install", on_output)

    async def upgrade(self, spec: ReleaseSpec, on_output: Output) -> Release:
        """Change a release that is there, by a new revision."""
        self.called.append("upgrade")
        last = self._last(spec.name, spec.namespace)
        if last is None:
            raise HelmError(f'UPGRADE FAILED: "{spec.name}" has no deployed releases')
        if last.is_pending:
            raise HelmError("UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress")
        return await self._roll_out(spec, "pending-upgrade", on_output)

    async def uninstall(self, name: str, namespace: str, *, wait_seconds: float | None = 600.0) -> bool:
        """Remove a release, its history and its objects, in whatever state it is."""
        self.called.append("uninstall")
        there = self.history.pop((namespace, name), None) is not None
        await self._delete(self._objects.pop((namespace, name), []))
        return there

    async def status(self, name: str, namespace: str) -> Release | None:
        """The last revision of a release, or None."""
        self.called.append("status")
        return self._last(name, namespace)

    async def _roll_out(self, spec: ReleaseSpec, pending: ReleaseStatus, on_output: Output) -> Release:
        chart = self._chart(spec.chart)
        objects = _rendered(chart, spec)
        key = spec.namespace, spec.name
        revisions = self.history.setdefault(key, [])
        name = f"{chart.name.rstrip('/').rpartition('/')[2]}-{chart.version}"
        release = Release(
            name=spec.name, namespace=spec.namespace, revision=len(revisions) + 1, status=pending, chart=name
        )
        revisions.append(release)
        on_output([f'Release "{spec.name}" is being rolled out'.encode()])
        try:
            await self._apply(spec, objects)
            if chart.fails:
                raise HelmError(chart.fails)
            if spec.wait:
                await _until(chart.rolled_out, spec.timeout)
        except EngineError as error:
            revisions[-1] = replace(release, status="failed", description=error.message)
            raise HelmError(f"{'UPGRADE' if len(revisions) > 1 else 'INSTALLATION'} FAILED: {error.message}") from error
        revisions[:-1] = [
            replace(one, status="superseded") if one.status == "deployed" else one for one in revisions[:-1]
        ]
        revisions[-1] = replace(release, status="deployed", description="Install complete")
        on_output([f"STATUS: {revisions[-1].status}".encode()])
        return revisions[-1]

    async def _apply(self, spec: ReleaseSpec, objects: list[Object]) -> None:
        key = spec.namespace, spec.name
        if self._api is not None:
            if spec.create_namespace:
                namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": spec.namespace}}
                await self._api.apply(namespace, manager=_MANAGER)
            for obj in objects:
                await self._api.apply(obj, manager=_MANAGER, force=True)
        now = {ObjectRef.of(obj) for obj in objects}
        before, self._objects[key] = self._objects.get(key, []), objects
        await self._delete([obj for obj in before if ObjectRef.of(obj) not in now])

    async def _delete(self, objects: list[Object]) -> None:
        if self._api is not None:
            for obj in reversed(objects):
                await self._api.delete(ObjectRef.of(obj))

    def _chart(self, wanted: Chart) -> FakeChart:
        for chart in reversed(self._charts):
            if chart.name == wanted.reference and wanted.version in (None, chart.version):
                return chart
        version = f" {wanted.version}" if wanted.version else ""
        raise HelmError(f"chart {wanted.reference!r}{version} not found")

    def _last(self, name: str, namespace: str) -> Release | None:
        revisions = self.history.get((namespace, name))
        return revisions[-1] if revisions else None


async def _until(rolled_out: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await rolled_out.wait()
    except TimeoutError:
        raise HelmError("context deadline exceeded") from None


def _rendered(chart: FakeChart, spec: ReleaseSpec) -> list[Object]:
    objects = []
    for obj in chart.render(spec):
        metadata = {"namespace": spec.namespace, **obj["metadata"]}
        objects.append({**obj, "metadata": {name: value for name, value in metadata.items() if value is not None}})
    return objects
