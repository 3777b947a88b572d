"""What one start of one resource waits for, shown and judged again with each change in the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from fairlead.errors import DependencyFailed
from fairlead.model.observation.snapshot import WaitView
from fairlead.runtime.lifecycle.attempts.status import AttemptStatus
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.waits import PendingConditions, merged_waits
from fairlead.runtime.plan import PlannedValue, PlannedWait


class AttemptWaits:
    """The waits of one start.

    Args:
        run: The run.
        resource: The name of the resource.
        status: Gets what is missing.
        log: Gets a line when a wait begins, changes and ends.
        refresh: Shows what has changed of the status.
    """

    def __init__(
        self, run: Run, resource: str, status: AttemptStatus, log: Callable[[str], None], refresh: Callable[[], None]
    ) -> None:
        self._run = run
        self._resource = resource
        self._status = status
        self._log = log
        self._refresh = refresh
        self._skips = False

    def skip(self) -> None:
        """Wait for no resource any more, because the user started it by hand. Waits for values stay."""
        self._skips = True
        self._run.bus.reevaluate(self._resource)

    async def wait(self, conditions: Sequence[PlannedWait | PlannedValue]) -> None:
        """Wait until all conditions are true.

        Raises:
            DependencyFailed: One will not come true, and failures end the run.
        """
        pending = PendingConditions(conditions, self._run.behavior, self._log, self._run.wait_limit)
        earlier = self._status.waits
        while missing := self._missing_or_failed(pending, earlier):
            self._show_waits(missing, pending, earlier)
            shown = missing, pending.waits
            ids = (self._resource, *pending.resources)
            try:
                async with asyncio.timeout(pending.seconds_left(time.monotonic())):
                    await self._run.bus.wait_until(lambda shown=shown: self._judged(pending) != shown, ids)  # type: ignore[misc]
            except TimeoutError:
                continue  # what has taken too long is judged again
        self._show_waits((), pending, earlier)

    async def wait_for_more(self, condition: PlannedWait | PlannedValue) -> None:
        """Wait for what only turns out to be needed while the driver works; judged like any other wait."""
        if self._status.came_up:
            pending = PendingConditions([condition], self._run.behavior, self._log, None)
            await self._run.bus.wait_until(
                lambda: not pending.missing(self._run.bus.snapshots, time.monotonic()), [condition.target]
            )
        else:
            await self.wait([condition])

    def _missing_or_failed(self, pending: PendingConditions, earlier: tuple[WaitView, ...]) -> tuple[str, ...]:
        """What is missing; a wait that fails the start is shown before."""
        try:
            return self._missing(pending)
        except DependencyFailed:
            self._status.waits = merged_waits((*earlier, *pending.waits))
            self._refresh()
            raise

    def _show_waits(self, missing: tuple[str, ...], pending: PendingConditions, earlier: tuple[WaitView, ...]) -> None:
        self._status.waiting_for, self._status.blocked_by = missing, pending.resources
        self._status.waits = merged_waits((*earlier, *pending.waits))
        self._refresh()

    def _judged(self, pending: PendingConditions) -> tuple[tuple[str, ...], tuple[WaitView, ...]]:
        return self._missing(pending), pending.waits

    def _missing(self, pending: PendingConditions) -> tuple[str, ...]:
        if self._skips:
            pending.skip()
        return pending.missing(self._run.bus.snapshots, time.monotonic())
