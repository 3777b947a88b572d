"""A cause in words: what is wrong, what was said about it, what to do, and the one action that helps. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.runtime.causes.cause import Cause, CauseAction
from fairlead.runtime.causes.rows import Row, Rows
from fairlead.runtime.causes.troubles import Trouble
from fairlead.runtime.lifecycle.exit_codes import exit_meaning, exit_text
from fairlead.runtime.lifecycle.state_text import duration_text, fact_of, reports_text, sentence

_AT_ONCE = 0.1
"""Seconds below which a life was none."""
_MOST_RAW = 2000
"""Characters that are passed on of what an engine or a program said."""

LastLine = Callable[[str, str | None], str]


def cause_of(row: Row, trouble: Trouble, effects: Sequence[str], rows: Rows, last_line: LastLine, now: float) -> Cause:
    """What is the matter with a row as a cause.

    Args:
        row: The resource or replica.
        trouble: What is the matter.
        effects: The names of those that wait for it.
        rows: All rows.
        last_line: Gives the last line that a resource, or one replica of it, has written.
        now: The time, in seconds since 1970.
    """
    declared = rows.declared(row.snapshot)
    where = declared.declared if declared is not None else None
    return Cause(
        id=f"{row.id}:{trouble.value}:{row.snapshot.starts}",
        resource=row.id,
        name=row.name,
        severity="error" if trouble.is_error else "warning",
        title=_title(row, trouble),
        what=sentence(_what(row, trouble)),
        raw=_raw(row, trouble, last_line)[:_MOST_RAW],
        remedy=_remedy(row, trouble),
        file=where.file if where else None,
        line=where.line if where else None,
        since=_since(row, trouble, now),
        waiting=tuple(effects),
        action=_action(row, trouble, rows),
    )


def _title(row: Row, trouble: Trouble) -> str:
    snapshot = row.snapshot
    match trouble:
        case Trouble.NO_ENGINE:
            return f"{row.name} has no engine"
        case Trouble.FAILED:
            return f"{row.name} failed to start"
        case Trouble.ENDED:
            return f"{row.name} {_end(row)}"
        case Trouble.KEEPS_ENDING:
            return f"{row.name} keeps ending"
        case Trouble.NOT_READY:
            return f"{row.name} did not become ready"
        case Trouble.STUCK:
            return f"{row.name}: {snapshot.word}"
        case Trouble.NO_VALUE:
            return f"{row.name} has no value"
        case Trouble.UNHEALTHY:
            return f"{row.name} is {_health(row)}"
        case Trouble.IDLE:
            return f"{row.name} {_idleness(snapshot)}"


def _end(row: Row) -> str:
    if row.snapshot.end_failure and row.exit_code in (0, None):
        return "failed"
    text = exit_text(row.exit_code)
    return f"was {text}" if text.startswith("killed") else text


def _health(row: Row) -> str:
    health = row.snapshot.health if row.replica is None else row.replica.health
    return str(health or HealthStatus.UNHEALTHY).lower()


def _idleness(snapshot: Snapshot) -> str:
    if snapshot.stop_requested:
        return "was stopped"
    return "has ended" if snapshot.state.is_terminal else "is not started"


def _what(row: Row, trouble: Trouble) -> str:
    snapshot = row.snapshot
    fact = fact_of(snapshot)
    match trouble:
        case Trouble.NO_VALUE:
            return fact or "nothing gives it a value"
        case Trouble.ENDED:
            return _what_ended(row, fact)
        case Trouble.KEEPS_ENDING:
            times = f"{snapshot.restarts} times in a row"
            return f"it has ended {times}, the last time with {snapshot.restart_reason}"
        case Trouble.NOT_READY:
            return snapshot.ready_failure
        case Trouble.UNHEALTHY:
            return reports_text(row.reports) or fact or f"it is {_health(row)}"
        case Trouble.IDLE:
            return _why_idle(snapshot)
        case _:
            return fact or _title(row, trouble)


def _what_ended(row: Row, fact: str) -> str:
    """How it ended, what that exit code means, and why where that is known."""
    if row.replica is not None:
        fact = ""
    if row.exit_code in (0, None):
        return fact or "it failed"
    end = exit_text(row.exit_code)
    meaning = fact or exit_meaning(row.exit_code)
    return f"{end[0].upper()}{end[1:]}{_life(row)}" + (f": {meaning}" if meaning else "")


def _life(row: Row) -> str:
    """How long it had been up, where that is known."""
    shown = row.snapshot if row.replica is None else row.replica
    if shown.started_at is None or shown.stopped_at is None:
        return ""
    seconds = shown.stopped_at - shown.started_at
    return f" after {duration_text(seconds)}" if seconds >= _AT_ONCE else " at once"


def _why_idle(snapshot: Snapshot) -> str:
    if snapshot.stop_requested:
        return "it was stopped, and what waits for it does not start it"
    if snapshot.state.is_terminal:
        return "it has ended, and what waits for it does not start it again"
    return "it starts on request only"


def _raw(row: Row, trouble: Trouble, last_line: LastLine) -> str:
    snapshot = row.snapshot
    if snapshot.raw and row.replica is None:
        return snapshot.raw
    if trouble is Trouble.UNHEALTHY:
        return next((each.raw for each in row.reports if each.raw and each.status is not HealthStatus.HEALTHY), "")
    if trouble in (Trouble.ENDED, Trouble.KEEPS_ENDING, Trouble.FAILED) and snapshot.origin == "declared":
        return last_line(snapshot.id, row.replica.id if row.replica is not None else None)
    return ""


def _remedy(row: Row, trouble: Trouble) -> str:
    snapshot = row.snapshot
    if snapshot.remedy and row.replica is None:
        return snapshot.remedy
    match trouble:
        case Trouble.NO_ENGINE:
            return "Start the engine; what needs it goes on by itself." if not snapshot.failure else ""
        case Trouble.IDLE:
            return f"Start it: fairlead start {snapshot.name}."
        case Trouble.ENDED | Trouble.KEEPS_ENDING:
            return f"See its log: fairlead logs {row.id}."
        case _:
            return ""


def _since(row: Row, trouble: Trouble, now: float) -> float:
    snapshot = row.snapshot
    if trouble is Trouble.UNHEALTHY:
        times = [report.since for report in row.reports if report.status is not HealthStatus.HEALTHY]
        known = [time for time in times if time is not None]
        return min(known) if known else snapshot.state_since or now
    return snapshot.state_since or now


def _action(row: Row, trouble: Trouble, rows: Rows) -> CauseAction:
    """The one thing that helps: to give a value, a command that can be given now, or else to look at the details."""
    snapshot = row.snapshot
    if trouble is Trouble.NO_VALUE:
        return CauseAction("parameter", "Enter value", snapshot.id)
    owner = rows.snapshots.get(snapshot.owner or "")
    if trouble is Trouble.STUCK and owner is not None and "Image" in snapshot.word and _offers(owner, "load-image"):
        return CauseAction("command", "Load image", owner.id, "load-image")
    if trouble is Trouble.IDLE and _offers(snapshot, "start"):
        return CauseAction("command", "Start", snapshot.id, "start")
    is_over = trouble in (Trouble.ENDED, Trouble.FAILED, Trouble.NOT_READY) and row.replica is None
    if is_over and _offers(snapshot, "restart"):
        return CauseAction("command", "Restart", snapshot.id, "restart")
    return CauseAction("details", "See why" if trouble is Trouble.UNHEALTHY else "See details", row.id)


def _offers(snapshot: Snapshot, command: str) -> bool:
    return any(each.name == command and each.enabled for each in snapshot.commands)
