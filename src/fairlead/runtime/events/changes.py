"""What a change of a resource means: its old and its new snapshot as events. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fairlead.model.health import HealthStatus
from fairlead.model.snapshot import HealthReport, Snapshot
from fairlead.model.state import State
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
    return [*_state_news(first, after), *_health_news(first, after)]


def _state_news(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    if before.state is not after.state:
        yield Happening("state", _tone(after), _state_text(after))


def _tone(after: Snapshot) -> Tone:
    failed = after.exit_code not in (0, None) or bool(after.end_failure)
    if after.state in (State.EXITED, State.FINISHED):
        return "idle" if after.stop_requested else "bad" if failed else "ok"
    return _TONES[after.state]


def _state_text(after: Snapshot) -> str:
    return str(after.state) + (f": {after.reason}" if after.reason else "")


def _health_news(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    if before.health is after.health or after.health is None:
        return
    if after.health is HealthStatus.HEALTHY:
        yield Happening("health", "ok", "Became healthy")
        return
    failing = [report for report in after.reports if report.status is not HealthStatus.HEALTHY]
    if failing or before.health is HealthStatus.HEALTHY:
        text = "; ".join(map(_report_text, failing))
        yield Happening("health", "warn", f"Became {str(after.health).lower()}" + (f": {text}" if text else ""))


def _report_text(report: HealthReport) -> str:
    return f"{report.name}: {report.description}"
