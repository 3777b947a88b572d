"""The states of a resource, in the words of the Aspire app model."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What a resource is doing. Health is something else, and exists only while Running."""

    NOT_STARTED = "NotStarted"
    WAITING = "Waiting"
    STARTING = "Starting"
    BUILDING = "Building"
    RUNNING = "Running"
    RUNTIME_UNHEALTHY = "RuntimeUnhealthy"
    STOPPING = "Stopping"
    EXITED = "Exited"
    FINISHED = "Finished"
    FAILED_TO_START = "FailedToStart"
    VALUE_MISSING = "ValueMissing"
    ACTIVE = "Active"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing happens any more until somebody starts the resource again."""
        return self in _TERMINAL

    @property
    def is_unavailable(self) -> bool:
        """Whether a dependent would wait in vain, unless a person steps in."""
        return self in _TERMINAL or self in (State.RUNTIME_UNHEALTHY, State.VALUE_MISSING)


_TERMINAL = frozenset({State.FINISHED, State.EXITED, State.FAILED_TO_START})
