"""What Fairlead asks of Helm: charts, values and releases as plain data, and the operations as an abstract class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    """

    name: str
    namespace: str
    chart: Chart
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)  # may be secret
    create_namespace: bool = True
    wait: bool = True
    timeout: float = 600.0


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
    it runs in does not answer. One that is cancelled leaves the release as Helm left it: pending, as a rule.
    """

    @abstractmethod
    async def template(self, spec: ReleaseSpec) -> str:
        """The manifests of a release as YAML, without asking the cluster; hooks are left out."""

    @abstractmethod
    async def install(self, spec: ReleaseSpec, on_output: Output) -> Release:
        """Install a release that is not there.

        Raises:
            HelmError: Its name is in use, its chart can't be had or rendered, or it was not rolled out in time: then it
                is there, as ``failed``.
        """

    @abstractmethod
    async def upgrade(self, spec: ReleaseSpec, on_output: Output) -> Release:
        """Change a release that is there, by a new revision.

        Raises:
            HelmError: There is none, an operation on it is pending, or as for :meth:`install`.
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
    async def status(self, name: str, namespace: str) -> Release | None:
        """The last revision of a release, or None."""
