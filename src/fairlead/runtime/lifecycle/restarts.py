"""When a program that has ended by itself is started again, and after which pause. Pure."""

from __future__ import annotations

from fairlead.runtime.plan import PlannedRestarts

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
STEADY_SECONDS = 60.0
"""A program that was up for so long counts as having come up well: its next pause is the first one again."""


class Restarts:
    """Counts the restarts of one resource since it was last started by a command.

    Args:
        plan: What the plan says.
    """

    def __init__(self, plan: PlannedRestarts) -> None:
        self._plan = plan
        self._pause = FIRST_PAUSE
        self.count = 0
        """How often in a row it was started again."""

    def adopt(self, plan: PlannedRestarts) -> None:
        """Go by another plan from now on."""
        self._plan = plan

    @property
    def limit(self) -> int | None:
        """How often in a row at most; None for no limit."""
        return self._plan.limit

    def pause_after(self, *, failed: bool, up_seconds: float) -> float | None:
        """Count an end, and tell the seconds until the next start; None when there is none.

        Args:
            failed: Whether it ended with another exit code than 0, or by an error.
            up_seconds: How long it was up.
        """
        if up_seconds >= STEADY_SECONDS:
            self._pause, self.count = FIRST_PAUSE, 0
        wanted = self._plan.policy == "always" or (self._plan.policy == "on-failure" and failed)
        if not wanted or (self._plan.limit is not None and self.count >= self._plan.limit):
            return None
        pause = self._pause
        self._pause = min(2 * pause, LONGEST_PAUSE)
        self.count += 1
        return pause
