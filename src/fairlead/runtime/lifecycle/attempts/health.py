"""The health of one start of one resource: its checks asked from when it is up, and what their answers lead to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from fairlead.engines.tasks import TaskScope
from fairlead.errors import DependencyFailed
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import HealthReport
from fairlead.runtime.lifecycle.attempts.status import AttemptStatus
from fairlead.runtime.lifecycle.health import Check, watch, with_times, worst
from fairlead.runtime.lifecycle.state_text import reports_text


class AttemptHealth:
    """The health of one start.

    Args:
        status: Has the checks, and gets their answers.
        tasks: Owns the tasks of the start.
        log: Gets a line when the health changes.
        refresh: Shows what has changed of the status.
    """

    def __init__(
        self, status: AttemptStatus, tasks: TaskScope, log: Callable[[str], None], refresh: Callable[[], None]
    ) -> None:
        self._status = status
        self._tasks = tasks
        self._log = log
        self._refresh = refresh
        self._checking: asyncio.Task[object] | None = None

    def begin(self) -> None:
        """Ask the checks again and again; without any it is healthy."""
        if not self._status.checks:
            self._status.became_healthy.set()
        else:
            self._checking = self._tasks.spawn(
                watch(self._status.checks, self._take_reports, self._status.early_checks), "health checks"
            )

    def renew(self, checks: Mapping[str, Check]) -> None:
        """Ask other checks from now on."""
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        self._status.checks, self._status.reports = checks, ()
        self.begin()
        self._refresh()

    async def limit_unhealthy(self, seconds: float) -> None:
        """Fail it when it has not become healthy in time: no user is there who could help it."""
        try:
            async with asyncio.timeout(seconds):
                await self._status.became_healthy.wait()
        except TimeoutError:
            bad = reports_text(self._status.reports)
            raise DependencyFailed(
                f"it was not healthy within {seconds:g} s" + (f" ({bad})" if bad else ""),
                remedy="Mend its health check, or give it more time with --wait-limit.",
            ) from None

    def _take_reports(self, reports: tuple[HealthReport, ...]) -> None:
        status = self._status
        status.reports = reports = with_times(reports, status.reports)
        verdict = worst(reports)
        if verdict is not status.logged_health and (verdict is HealthStatus.HEALTHY or status.is_settled):
            status.logged_health = verdict
            bad = reports_text([report for report in reports if report.status is verdict])
            self._log(verdict if verdict is HealthStatus.HEALTHY else f"{verdict} ({bad})")
        if verdict is HealthStatus.HEALTHY:
            status.became_healthy.set()
        self._refresh()
