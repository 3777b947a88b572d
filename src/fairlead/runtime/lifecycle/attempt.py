"""One start of one resource: what belongs to it, and how that looks. It is thrown away when the next start begins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.model.health import HealthStatus
from fairlead.model.snapshot import HealthReport, SnapshotChange, Url
from fairlead.model.state import State
from fairlead.runtime.lifecycle.health import Check, worst
from fairlead.runtime.lifecycle.replicas import ReplicaSet

SETTLING_SECONDS = 5.0
"""How long a resource that has come up may be unhealthy before the log speaks of it; its state says so at once."""


@dataclass(slots=True, eq=False)
class Attempt:
    """One start.

    Args:
        skip_waits: Whether a person wants it to wait no longer.
        stop_requested: Set when it has to end.
        ending: Whether it is ending, by itself or because it has to.
        interrupted: Whether it ends because it has to, and not by itself.
        restarting: Whether the next start follows at once.
        came_up: Whether it has been up.
        up_since: When it came up, on the monotonic clock.
        started_at: The same, in seconds since the epoch.
        urls: Links to it.
        replicas: What was brought up.
        checks: What tells its health.
        reports: The last answers of the checks.
        logged_health: What the log said last of its health.
        became_healthy: Set when all checks have said so for the first time.
        ready: Whether its ``on_ready`` hooks are done.
        hook_failure: How one of them failed.
    """

    skip_waits: bool = False
    stop_requested: asyncio.Event = field(default_factory=asyncio.Event)
    ending: bool = False
    interrupted: bool = False
    restarting: bool = False
    came_up: bool = False
    up_since: float = 0.0
    started_at: float | None = None
    urls: tuple[Url, ...] = ()
    replicas: ReplicaSet | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    reports: tuple[HealthReport, ...] = ()
    logged_health: HealthStatus | None = None
    became_healthy: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool = False
    hook_failure: HealthReport | None = None

    @property
    def is_settled(self) -> bool:
        """Whether being unhealthy is worth a line in the log: not in the first moments, as most servers begin so."""
        return self.became_healthy.is_set() or time.monotonic() > self.up_since + SETTLING_SECONDS

    @property
    def is_restart(self) -> bool:
        """Whether its end is not worth showing, as it was only ended to be started again."""
        return self.interrupted and self.restarting

    def snapshot_change(self) -> SnapshotChange:
        """What its replicas, their drivers and the health checks say, as fields of a snapshot."""
        replicas = self.replicas
        if replicas is None:
            return {}
        views = replicas.views
        change: SnapshotChange = {
            "replicas": views if len(views) > 1 else (),
            "properties": views[0].properties,
            "environment": replicas.variables,
            "outputs": replicas.outputs,
        }
        if self.ending:
            return change
        if not self.came_up:
            return {**change, "state": replicas.reported_state or State.STARTING}
        reports = self.reports + ((self.hook_failure,) if self.hook_failure else ())
        state = replicas.reported_state or replicas.kind.up_state
        return {
            **change,
            "state": state,
            "reports": reports,
            "started_at": self.started_at,
            "urls": self.urls,
            "ready": self.ready,
            "ready_failure": self.hook_failure.description if self.hook_failure else "",
            "health": self._health(reports) if state is replicas.kind.up_state else None,
            "reason": replicas.ended_reason,
        }

    def _health(self, reports: tuple[HealthReport, ...]) -> HealthStatus:
        """The worst report; unhealthy while one is missing, or while a replica has ended."""
        assert self.replicas is not None
        if (self.checks and not self.reports) or self.replicas.ended_reason:
            return HealthStatus.UNHEALTHY
        return worst(reports)
