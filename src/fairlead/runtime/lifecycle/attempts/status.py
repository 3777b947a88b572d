"""What is known of one start of one resource, and how that looks. Decides nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import EndpointView, HealthReport, ReplicaView, SnapshotChange, Url, WaitView
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.early_checks import EarlyChecks
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.lifecycle.health import Check, worst
from fairlead.runtime.lifecycle.replicas import ReplicaSet
from fairlead.runtime.lifecycle.state_text import reports_text

SETTLING_SECONDS = 5.0
"""How long a resource that has come up may be unhealthy before the log speaks of it; its state says so at once."""


@dataclass(slots=True, eq=False)
class AttemptStatus:
    """One start, as far as it has come.

    Args:
        ending: Whether it is ending, by itself or because it has to.
        came_up: Whether it has been up.
        up_since: When it came up, on the monotonic clock.
        started_at: The same, in seconds since the epoch.
        held_up_by: What a start that takes long is held up by, in words; empty when nothing holds it up.
        waiting_for: What it waits for, in words.
        blocked_by: The resources that it waits for, one for each text.
        waits: All that it waits or has waited for.
        endpoints: The addresses of its endpoints.
        urls: Links to it.
        replicas: What was brought up.
        checks: What tells its health.
        reports: The last answers of the checks.
        logged_health: What the log said last of its health.
        early_checks: What has its health checks asked before their time.
        became_healthy: Set when all checks have said so for the first time.
        ready: Whether its ``on_ready`` hooks are done.
        hook_failure: How one of them failed.
    """

    ending: bool = False
    came_up: bool = False
    up_since: float = 0.0
    started_at: float | None = None
    held_up_by: str = ""
    waiting_for: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    waits: tuple[WaitView, ...] = ()
    endpoints: tuple[EndpointView, ...] = ()
    urls: tuple[Url, ...] = ()
    replicas: ReplicaSet | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    reports: tuple[HealthReport, ...] = ()
    logged_health: HealthStatus | None = None
    early_checks: EarlyChecks = field(default_factory=EarlyChecks)
    became_healthy: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool = False
    hook_failure: HealthReport | None = None

    @property
    def is_settled(self) -> bool:
        """Whether being unhealthy is worth a line in the log: not in the first moments, as most servers begin so."""
        return self.became_healthy.is_set() or time.monotonic() > self.up_since + SETTLING_SECONDS

    @property
    def up_seconds(self) -> float:
        """How long it has been up; 0 before."""
        return time.monotonic() - self.up_since if self.came_up else 0.0

    def snapshot_change(self) -> SnapshotChange:
        """What its replicas, their drivers and the health checks say, as fields of a snapshot."""
        change = self._replica_change()
        if self.ending:
            return change
        if not self.came_up:
            reported = self.replicas.reported_state if self.replicas is not None else None
            return {
                **change,
                "waits": self.waits,
                "endpoints": self.endpoints,
                "state": State.WAITING if self.waiting_for else reported or State.STARTING,
                "waiting_for": self.waiting_for,
                "blocked_by": self.blocked_by,
                "reason": self.held_up_by,
            }
        return {**change, **self._change_while_up()}

    def _replica_change(self) -> SnapshotChange:
        replicas = self.replicas
        if replicas is None:
            return {}
        views = replicas.views
        return {
            "replicas": tuple(map(self._with_health, views)) if len(views) > 1 else (),
            "properties": views[0].properties if len(views) == 1 else (),
            "environment": replicas.variables,
            "outputs": replicas.outputs,
        }

    def _with_health(self, view: ReplicaView) -> ReplicaView:
        """A replica with what the checks report that ask it alone."""
        labels = {name: check.label for name, check in self.checks.items() if check.replica == view.number}
        reports = tuple(replace(each, name=labels[each.name]) for each in self.reports if each.name in labels)
        if view.state is not State.RUNNING or self.ending:
            ended = end_text(view.exit_code) if view.exit_code not in (0, None) else ""
            return replace(view, reason=ended)
        health = HealthStatus.UNHEALTHY if labels and not reports else worst(reports)
        return replace(view, health=health, reports=reports, reason=reports_text(reports))

    def _change_while_up(self) -> SnapshotChange:
        assert self.replicas is not None
        reports = self.reports + ((self.hook_failure,) if self.hook_failure else ())
        up_state = self.replicas.kind.up_state
        state = self.replicas.reported_state or up_state
        has_lost_engine = state is State.RUNTIME_UNHEALTHY
        return {
            "state": state,
            "started_at": self.started_at,
            "urls": self.urls,
            "endpoints": self.endpoints,
            "waiting_for": (),
            "blocked_by": (),
            "reports": reports,
            "ready": self.ready,
            "ready_failure": self.hook_failure.description if self.hook_failure else "",
            "health": self._health(reports) if state is up_state else None,
            "reason": self.replicas.ended_reason or ("its engine does not answer" if has_lost_engine else ""),
        }

    def _health(self, reports: tuple[HealthReport, ...]) -> HealthStatus:
        """The worst report; unhealthy while one is missing, or while a replica has ended."""
        assert self.replicas is not None
        if (self.checks and not self.reports) or self.replicas.ended_reason:
            return HealthStatus.UNHEALTHY
        return worst(reports)
