"""What a change of a resource means: its old and its new snapshot as events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot, WaitView
from fairlead.model.observation.state import State
from fairlead.runtime.events.event import EventKind, Tone

_TONES: dict[State, Tone] = {
    State.NOT_STARTED: "idle",
    State.WAITING: "wait",
    State.STARTING: "busy",
    State.BUILDING: "busy",
    State.RUNNING: "ok",
    State.ACTIVE: "idle",
    State.STOPPING: "busy",
    State.EXITED: "bad",
    State.FINISHED: "ok",
    State.FAILED_TO_START: "bad",
    State.RUNTIME_UNHEALTHY: "bad",
    State.VALUE_MISSING: "warn",
}
_WORDS: dict[State, str] = {
    State.NOT_STARTED: "Stopped before it was up",
    State.RUNNING: "Started",
    State.FAILED_TO_START: "Failed to start",
    State.RUNTIME_UNHEALTHY: "Lost",
    State.VALUE_MISSING: "No value",
}
_MET = {"healthy": "ready", "running": "running", "completed": "done", "value": "known"}
_ENDED = (State.EXITED, State.FINISHED)


class Happening(NamedTuple):
    """What happened, without the resource and the time; see ``ResourceEvent``."""

    kind: EventKind
    tone: Tone
    text: str


def happenings(before: Snapshot | None, after: Snapshot) -> list[Happening]:
    """What happened between two snapshots of a resource, in order.

    Args:
        before: None for the first; one that begins as NotStarted is no news.
        after: The new one.
    """
    first = before or Snapshot(name=after.name, kind=after.kind, id=after.id)
    return [
        *_wait_news(first, after),
        *_state_news(first, after),
        *_health_news(first, after),
        *_value_news(first, after),
    ]


# States


def _state_news(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    if before.state is not after.state and after.state is not State.WAITING:
        yield Happening("state", _tone(after), _state_text(after))
    elif before.word != after.word and after.word:
        yield Happening("state", "bad", _with(after.word, after.reason))


def _tone(after: Snapshot) -> Tone:
    if after.word:
        return "bad"
    if after.state in _ENDED:
        failed = after.exit_code not in (0, None) or bool(after.end_failure)
        return "idle" if after.stop_requested else "bad" if failed else "ok"
    return _TONES[after.state]


def _state_text(after: Snapshot) -> str:
    if after.word:
        return _with(after.word, after.reason)
    if after.state in _ENDED:
        return _with(_end(after), after.reason)
    words = _WORDS.get(after.state, str(after.state))
    if after.state is State.RUNNING and (pid := dict(after.properties).get("pid")):
        return f"{words}, pid {pid}"
    return _with(words, after.reason)


def _end(after: Snapshot) -> str:
    if after.stop_requested:
        return "Stopped"
    if after.exit_code is None:
        return "Failed" if after.end_failure else "Ended"
    return "Finished" if after.exit_code == 0 else f"Ended with exit code {after.exit_code}"


def _with(words: str, reason: str) -> str:
    return f"{words}: {reason}" if reason else words


# Waits


def _wait_news(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    """What it begins to wait for, what it waits for no longer, and what is left."""
    if after.waits == before.waits or (after.state is not State.WAITING and before.state is not State.WAITING):
        return
    known = {(wait.resource, wait.condition): wait for wait in before.waits} if after.starts == before.starts else {}
    still = [wait for wait in after.waits if not wait.satisfied]
    begun = [wait for wait in still if (wait.resource, wait.condition) not in known]
    over = [wait for wait in after.waits if wait.satisfied and not _was_satisfied(known, wait)]
    if begun:
        yield Happening("wait", "wait", f"Waits for {_names(begun)}")
    elif over and still:
        yield Happening("wait", "wait", f"{_met(over)}; still waits for {_names(still)}")
    elif over:
        yield Happening("wait", "wait", f"Waits over: {_names(after.waits)}")


def _was_satisfied(known: dict[tuple[str, str], WaitView], wait: WaitView) -> bool:
    before = known.get((wait.resource, wait.condition))
    return before is not None and before.satisfied


def _names(waits: Iterable[WaitView]) -> str:
    return ", ".join(dict.fromkeys(wait.resource for wait in waits))


def _met(waits: list[WaitView]) -> str:
    return ", ".join(f"{wait.resource} is {_MET.get(wait.condition, 'there')}" for wait in waits)


# Health and values


def _health_news(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    if before.health is after.health or after.health is None:
        return
    if after.health is HealthStatus.HEALTHY:
        if after.reports or before.health is not None:
            yield Happening("health", "ok", f"Became healthy{_time_since_start(before, after)}")
        return
    failing = [report for report in after.reports if report.status is not HealthStatus.HEALTHY]
    if failing or before.health is HealthStatus.HEALTHY:
        why = "; ".join(f"{report.name}: {report.description}" for report in failing) or after.reason
        yield Happening("health", "warn", _with(f"Became {str(after.health).lower()}", why))


def _time_since_start(before: Snapshot, after: Snapshot) -> str:
    """How long after its start it is healthy for the first time."""
    if before.ready or after.started_at is None or not after.reports:
        return ""
    seconds = max(report.checked_at for report in after.reports) - after.started_at
    return f", {max(0.0, seconds):.1f} s after its start"


def _value_news(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    if new := [name for name in after.outputs if name not in before.outputs]:
        yield Happening("value", "idle", f"Made known: {', '.join(new)}")
