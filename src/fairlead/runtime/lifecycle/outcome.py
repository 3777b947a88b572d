"""How a resource has turned out, judged from its snapshot. Pure."""

from __future__ import annotations

from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State


def has_ended_badly(snapshot: Snapshot) -> bool:
    """Whether it has ended by itself with an exit code or an error that says that it failed."""
    failed = snapshot.exit_code not in (0, None) or bool(snapshot.end_failure)
    return snapshot.state in (State.FINISHED, State.EXITED) and failed and not snapshot.stop_requested


def has_failed(snapshot: Snapshot) -> bool:
    """Whether it could not start or become ready, has no value, or ended badly without being told to."""
    if snapshot.state in (State.FAILED_TO_START, State.VALUE_MISSING, State.RUNTIME_UNHEALTHY):
        return True
    return has_ended_badly(snapshot) or (bool(snapshot.ready_failure) and not snapshot.stop_requested)
