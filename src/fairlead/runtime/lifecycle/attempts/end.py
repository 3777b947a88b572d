"""How one start of one resource ended."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.errors import DependencyFailed, FairleadError
from fairlead.model.driving.driver import StopReason
from fairlead.runtime.lifecycle.exit_codes import end_text


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How a start ended.

    Args:
        came_up: Whether the resource had been up.
        error: Why it could not be started, or not be kept up; None where it ended in another way.
        exit_code: How it ended, where it had an exit code.
        reason: Why, where the drivers know more than the exit code; or what went wrong with its stop.
        remedy: What to do about it, where the drivers know that.
        stop_reason: Why it was told to stop; None when it ended by itself.
        kept: Whether it goes on without the host.
        up_seconds: How long it was up.
    """

    came_up: bool
    error: FairleadError | None
    exit_code: int | None
    reason: str
    stop_reason: StopReason | None
    kept: bool
    up_seconds: float
    remedy: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended badly by itself."""
        return self.stop_reason is None and (self.error is not None or self.exit_code not in (0, None))

    @property
    def may_restart(self) -> bool:
        """Whether it has run and ended by itself; one that was given up would only be given up again."""
        return self.came_up and self.stop_reason is None and not isinstance(self.error, DependencyFailed)


def end_line(end: AttemptEnd) -> str:
    """A line for the log about how a resource ended that had been up."""
    if end.stop_reason is not None:
        return "Kept for the next run" if end.kept else "Stopped"
    if end.error is not None:
        return f"Ended: {end.error.explanation}"
    text = end_text(end.exit_code).removeprefix("was ")
    text = text[0].upper() + text[1:]
    return f"{text}: {end.reason}" if end.reason else text
