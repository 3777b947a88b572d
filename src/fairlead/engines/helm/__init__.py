"""What Fairlead asks of Helm: charts, values and releases as plain data, and the operations as an abstract class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fairlead.errors import EngineError

ReleaseStatus = Literal[
    "deployed",
    "failed",
    "pending-install",
    "pending-upgrade",
    "pending-rollback",
    "superseded",
    "uninstalling",
    "uninstalled",
    "unknown",
]
"""Helm's own words. A ``pending-…`` one stays when Helm is killed in the middle; then it refuses to upgrade."""

Output = Callable[[list[bytes]], None]
"""Takes lines that Helm writes, as they come."""


class HelmError(EngineError):
    """Helm refused or failed; the message has its own words."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Args:
        reference: Its name in a repository, a local folder or archive, or an ``oci://`` address.
        repository: The repository's URL, where the reference is a name.
        version: The version; None for the newest.
    """

    reference: str
    repository: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSpec:
    """A release as it is to be.

    Args:
        name: Its name.
        namespace: Its namespace.
        chart: Its chart.
        values: Values above the chart's own, with their types.
        create_namespace: Whether to create the namespace if it is missing.
        wait: Whether to wait until its workloads are rolled out.
        timeout: Seconds for that, and for its hooks.
        labels: Labels that Helm keeps with the release; an upgrade adds its own to those of the revision before.
    """

    name: str
    namespace: str
    chart: Chart
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)  # may be secret
    create_namespace: bool = True
    wait: bool = True
    timeout: float = 600.0
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release as it is.

    Args:
        name: Its name.
        namespace: Its namespace.
        revision: Counts its installation and upgrades, from 1.
        status: What became of that revision.
        chart: The chart's name and version, such as ``argo-cd-7.8.0``.
        description: What Helm says of the revision, such as why it failed.
    """

    name: str
    namespace: str
    revision: int
    status: ReleaseStatus
    chart: str
    description: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether an operation is under way, or was when Helm was killed."""
        return self.status.startswith("pending-") or self.status == "uninstalling"


class Helm(ABC):
    """Helm for one cluster.

    Each operation raises ``HelmError`` with Helm's words when it refuses or fails, and ``EngineUnavailable`` when what
    it runs in does not answer. An operation that is cancelled is interrupted as by Ctrl+C: Helm has a few seconds to
    record the release as failed. One that is killed leaves it pending.
    """

    @abstractmethod
    async def template(self, spec: ReleaseSpec) -> str:
        """The manifests of a release as YAML, without asking the cluster; hooks are left out."""

    @abstractmethod
    async def install(self, spec: ReleaseSpec, on_output: Output) -> None:
        """Install a release that is not there; return when it is deployed.

        Raises:
            HelmError: Its name is in use, its chart can't be had or rendered, or it was not rolled out in time: then it
                is there, as ``failed``.
        """

    @abstractmethod
    async def upgrade(self, spec: ReleaseSpec, on_output: Output) -> None:
        """Change a release that is there, by a new revision; return when that is deployed.

        Raises:
            HelmError: There is none, an operation on it is pending, or as for :meth:`install`.
        """

    @abstractmethod
    async def rollback(self, name: str, namespace: str, revision: int, on_output: Output) -> None:
        """Go back to an earlier revision, by a new one; also where an operation is pending. Does not wait for pods.

        Raises:
            HelmError: There is no such revision.
        """

    @abstractmethod
    async def uninstall(self, name: str, namespace: str, *, wait_seconds: float | None = 600.0) -> bool:
        """Remove a release, its history and its objects, in whatever state it is.

        Args:
            name: Its name.
            namespace: Its namespace.
            wait_seconds: Seconds in which its objects have to be gone; None doesn't wait for that.

        Returns:
            Whether it was there.
        """

    @abstractmethod
    async def history(self, name: str, namespace: str) -> list[Release]:
        """The revisions of a release that Helm remembers, the last one at the end; empty where there is none."""

    async def status(self, name: str, namespace: str) -> Release | None:
        """The last revision of a release, or None."""
        return next(reversed(await self.history(name, namespace)), None)

    @abstractmethod
    async def pull(self, chart: Chart, folder: Path, on_output: Output) -> Path:
        """Fetch a chart from its repository or registry into a folder of this machine.

        Returns:
            The path of its archive.

        Raises:
            HelmError: It can't be had.
        """

    @abstractmethod
    async def build_dependencies(self, root: Path, chart: Path, on_output: Output) -> None:
        """Fetch what the ``dependencies`` of a chart name into its folder ``charts``, as its lock file says.

        Args:
            root: A folder of this machine with the chart, and with the folders that ``file://`` names.
            chart: The folder of the chart, below the root or the same.
            on_output: Takes what Helm writes.

        Raises:
            HelmError: One of them can't be had.
        """
