"""What is the matter with one resource, judged from its snapshot alone. Pure.

Whether that is a cause, or the effect of another's trouble, is judged elsewhere: by what it waits for and belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import ReplicaView, Snapshot
from fairlead.model.observation.state import State
from fairlead.runtime.lifecycle.attempts.status import SETTLING_SECONDS
from fairlead.runtime.lifecycle.outcome import has_ended_badly
from fairlead.runtime.lifecycle.restarts import STEADY_SECONDS

POD_SETTLING_SECONDS = 30.0
"""How long a pod may run without being ready, and a workload be without pods, before that is worth a word."""
PLACING_SECONDS = 10.0
"""How long a pod may wait for a node before that is worth a word."""
_FEWEST_RESTARTS = 2
_UP = (State.RUNNING, State.ACTIVE)


class Trouble(Enum):
    """What can be the matter with a resource, the worst first."""

    NO_ENGINE = "no engine"
    FAILED = "failed to start"
    ENDED = "ended badly"
    KEEPS_ENDING = "keeps ending"
    NOT_READY = "not ready"
    STUCK = "stuck"
    NO_VALUE = "no value"
    UNHEALTHY = "unhealthy"
    IDLE = "idle"

    @property
    def is_error(self) -> bool:
        """Whether something has failed, and does not just lack something."""
        return self not in (Trouble.NO_VALUE, Trouble.UNHEALTHY, Trouble.IDLE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is the matter now, and when the passing of time alone may change that.

    Args:
        trouble: What is the matter; None where nothing is.
        changes_at: When it has to be judged again though nothing changed, in seconds since 1970; None for never.
    """

    trouble: Trouble | None
    changes_at: float | None = None


_FINE = Judgement(None)


def judge(snapshot: Snapshot, now: float) -> Judgement:
    """What is the matter with a resource.

    Args:
        snapshot: It.
        now: The time, in seconds since 1970.
    """
    if snapshot.word:
        return _judge_word(snapshot, now)
    if snapshot.state is State.VALUE_MISSING:
        return Judgement(Trouble.NO_VALUE)
    if snapshot.failure == "EngineUnavailable" or _has_lost_engine(snapshot):
        return Judgement(Trouble.NO_ENGINE)
    if snapshot.state is State.FAILED_TO_START:
        return Judgement(Trouble.FAILED)
    if has_ended_badly(snapshot):
        return Judgement(Trouble.ENDED)
    if snapshot.ready_failure and not snapshot.stop_requested:
        return Judgement(Trouble.NOT_READY)
    return _judge_restarts(snapshot, now) or _judge_health(snapshot, now)


def _judge_word(snapshot: Snapshot, now: float) -> Judgement:
    """One that has a word of its own is stuck; for one that still waits for a place, only if that takes long."""
    if snapshot.state is State.WAITING and snapshot.state_since is not None:
        late_at = snapshot.state_since + PLACING_SECONDS
        return Judgement(Trouble.STUCK) if now >= late_at else Judgement(None, late_at)
    return Judgement(Trouble.STUCK)


def _has_lost_engine(snapshot: Snapshot) -> bool:
    return snapshot.state is State.RUNTIME_UNHEALTHY and snapshot.origin == "declared"


def _judge_restarts(snapshot: Snapshot, now: float) -> Judgement | None:
    """One that was restarted several times in a row keeps ending, until it has been up for long."""
    if snapshot.restarts < _FEWEST_RESTARTS or snapshot.state.is_terminal or snapshot.state is State.STOPPING:
        return None
    if snapshot.state not in _UP or snapshot.started_at is None:
        return Judgement(Trouble.KEEPS_ENDING)
    steady_at = snapshot.started_at + STEADY_SECONDS
    return Judgement(Trouble.KEEPS_ENDING, steady_at) if now < steady_at else None


def _judge_health(snapshot: Snapshot, now: float) -> Judgement:
    if snapshot.origin == "observed" and snapshot.state is State.RUNTIME_UNHEALTHY:
        return Judgement(Trouble.UNHEALTHY)
    if snapshot.state not in _UP or snapshot.health in (HealthStatus.HEALTHY, None):
        return _FINE
    settled_at = _settled_at(snapshot)
    return Judgement(Trouble.UNHEALTHY) if settled_at is None or now >= settled_at else Judgement(None, settled_at)


def _settled_at(snapshot: Snapshot) -> float | None:
    """Until when being unhealthy is no news, as it has only begun; None where it counts at once."""
    if snapshot.origin == "observed":
        begun = snapshot.state_since or snapshot.started_at
        return None if begun is None else begun + POD_SETTLING_SECONDS
    if snapshot.ready or snapshot.started_at is None:
        return None
    return snapshot.started_at + SETTLING_SECONDS


def replica_trouble(replica: ReplicaView) -> Trouble | None:
    """What is the matter with one replica of a resource that is unhealthy."""
    if replica.state in (State.FINISHED, State.EXITED) and replica.exit_code not in (0, None):
        return Trouble.ENDED
    is_unhealthy = replica.state in _UP and replica.health not in (HealthStatus.HEALTHY, None)
    return Trouble.UNHEALTHY if is_unhealthy else None
