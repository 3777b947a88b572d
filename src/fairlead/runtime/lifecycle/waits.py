"""When a wait is over, and when it can't be (the rules are Aspire's; app-model §1.5). Pure: reads snapshots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fairlead.errors import DependencyFailed
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot, WaitView
from fairlead.model.observation.state import State
from fairlead.model.wait import WaitBehavior, WaitKind
from fairlead.runtime.lifecycle.exit_codes import end_text, exit_text
from fairlead.runtime.plan import PlannedValue, PlannedWait

_UP = (State.RUNNING, State.ACTIVE)


@dataclass(frozen=True, slots=True)
class Pending:
    """A condition that is not true yet.

    Args:
        text: What is missing, as in "pg to be healthy".
        stuck: Whether nothing in the run is on its way to make it true: the target has to be started by hand, or is up
            and does not become healthy.
    """

    text: str
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """A condition that will not come true by itself; ``cause`` says why, with the causes behind it."""

    cause: str
    text: str


Verdict = Pending | Unsatisfiable | None
"""None when the condition is true."""


def judge(condition: PlannedWait | PlannedValue, target: Snapshot) -> Verdict:
    """Judge one condition by the present snapshot of the resource that it is about."""
    if isinstance(condition, PlannedValue):
        return _judge_value(condition, target)
    if condition.kind is WaitKind.COMPLETED:
        return _judge_completion(condition, target)
    return _judge_start(condition, target)


def _judge_start(wait: PlannedWait, target: Snapshot) -> Verdict:
    up = target.state in _UP
    healthy = up and target.health is HealthStatus.HEALTHY
    if up and (wait.kind is WaitKind.STARTED or (healthy and target.ready and not wait.finished_counts)):
        return None
    if wait.finished_counts and _completed(target) and target.exit_code in (0, None) and not target.end_failure:
        return None
    text = f"{target.name} to be {'ready' if healthy else 'healthy' if up else 'running'}"
    if wait.finished_counts and wait.kind is WaitKind.READY:
        text = f"{target.name} to complete"
    if up and target.ready_failure:
        return Unsatisfiable(cause(target), text)
    return _unless_unavailable(target, text, stuck=up and not wait.finished_counts)


def _judge_completion(wait: PlannedWait, target: Snapshot) -> Verdict:
    text = f"{target.name} to complete"
    if _completed(target):
        if target.exit_code in (wait.exit_code, None) and not target.end_failure:
            return None
        return Unsatisfiable(f"{cause(target)}, and it has to end with {wait.exit_code}", text)
    return _unless_unavailable(target, text)


def _judge_value(value: PlannedValue, provider: Snapshot) -> Verdict:
    if any(name in provider.outputs for name in value.output_names):
        return None
    text = f"the value of {value.description}"
    elsewhere = [name for name in provider.outputs if name.startswith(f"{value.output}@")]
    if elsewhere and provider.state in _UP:
        networks = " and ".join(name.partition("@")[2] for name in elsewhere)
        return Unsatisfiable(f"{provider.name} has made it known on the network {networks} only", text)
    return _unless_unavailable(provider, text, stuck=provider.state in _UP)


def _unless_unavailable(target: Snapshot, text: str, *, stuck: bool = False) -> Pending | Unsatisfiable:
    if target.state.is_unavailable:
        return Unsatisfiable(cause(target), text)
    return Pending(text, stuck or target.state is State.NOT_STARTED)


def _completed(target: Snapshot) -> bool:
    """Whether it has ended by itself: what the user stopped has not done its work, whatever its exit code."""
    return target.state in (State.FINISHED, State.EXITED) and not target.stop_requested


def cause(target: Snapshot) -> str:
    """Why no resource should wait for this one, in a few words, with the causes behind it."""
    if target.state in _UP and target.ready_failure:
        return f"{target.name} will not be ready ({target.ready_failure})"
    words = {
        State.FAILED_TO_START: "failed to start",
        State.VALUE_MISSING: "has no value",
        State.RUNTIME_UNHEALTHY: "has lost its engine",
    }
    text = words.get(target.state, "was stopped" if target.stop_requested else end_text(None))
    if _completed(target):
        text = end_text(target.exit_code)
    return f"{target.name} {text}" + (f" ({target.reason})" if target.reason else "")


def why_not(target: Snapshot) -> str:
    """Why a resource does not meet a condition yet, in a few words without its name.

    They say what it does and no more, so that those who wait for it do not change with each detail of it.
    """
    if target.state in _UP:
        return _why_not_while_up(target)
    if _completed(target):
        return exit_text(target.exit_code)
    if target.state in (State.NOT_STARTED, State.FINISHED, State.EXITED):
        return "stopped" if target.stop_requested else target.reason or "not started"
    return _WHY_NOT.get(target.state, str(target.state).lower())


_WHY_NOT = {
    State.FAILED_TO_START: "failed to start",
    State.VALUE_MISSING: "no value",
    State.RUNTIME_UNHEALTHY: "its engine is down",
}


def _why_not_while_up(target: Snapshot) -> str:
    if target.ready_failure:
        return "on_ready failed"
    if target.health is HealthStatus.HEALTHY:
        return "running" if target.ready else "on_ready not done"
    return "not healthy yet" if not target.ready else str(target.health or "not healthy").lower()


def condition_name(condition: PlannedWait | PlannedValue) -> str:
    """What the target of a condition has to be, in one word: ``healthy``, ``running``, ``completed`` or ``value``."""
    if isinstance(condition, PlannedValue):
        return "value"
    if condition.kind is WaitKind.READY:
        return "completed" if condition.finished_counts else "healthy"
    return "running" if condition.kind is WaitKind.STARTED else "completed"


def merged_waits(waits: Iterable[WaitView]) -> tuple[WaitView, ...]:
    """Waits, those for the same of the same resource as one: over when all are, and open since the first began."""
    merged: dict[tuple[str, str], WaitView] = {}
    for wait in waits:
        known = merged.setdefault((wait.resource, wait.condition), wait)
        if known.satisfied and not wait.satisfied:
            merged[wait.resource, wait.condition] = wait
    return tuple(merged.values())


class PendingConditions:
    """The conditions that one start still has to wait for; a condition that was true once is done with.

    Args:
        conditions: What has to be true.
        behavior: What to do when a condition is unsatisfiable.
        log: Gets a line when a wait begins, changes and ends.
        limit: Seconds after which a condition that is stuck counts as unsatisfiable; None for no limit.
        clock: Tells the time, in seconds since the epoch.
    """

    def __init__(
        self,
        conditions: Sequence[PlannedWait | PlannedValue],
        behavior: WaitBehavior,
        log: Callable[[str], None],
        limit: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._waits: dict[PlannedWait | PlannedValue, WaitView] = {}
        self._logged: dict[PlannedWait | PlannedValue, str] = dict.fromkeys(conditions, "")
        self._stuck_since: dict[PlannedWait | PlannedValue, float] = {}
        self._behavior = behavior
        self._log = log
        self._limit = limit

    @property
    def resources(self) -> tuple[str, ...]:
        """The names of the resources that the remaining conditions are about, one for each condition."""
        return tuple(condition.target for condition in self._logged)

    @property
    def waits(self) -> tuple[WaitView, ...]:
        """All conditions as they were judged last, those that are over too."""
        return tuple(self._waits.values())

    def skip(self) -> None:
        """Drop the waits for resources, because the user started it by hand. Waits for values stay: it needs those."""
        for condition, logged in list(self._logged.items()):
            if isinstance(condition, PlannedWait):
                del self._logged[condition]
                self._waits.pop(condition, None)
                if logged:
                    self._log(f"Started by hand, without waiting for {logged}")

    def seconds_left(self, now: float) -> float | None:
        """Seconds until a condition that is stuck has been so for too long; None when none is, or without a limit."""
        if self._limit is None or not self._stuck_since:
            return None
        return max(0.0, min(self._stuck_since.values()) + self._limit - now)

    def missing(self, snapshots: Mapping[str, Snapshot], now: float) -> tuple[str, ...]:
        """What is still missing, in words, one text for each of :attr:`resources`.

        Args:
            snapshots: The present snapshots by id.
            now: The time, on the monotonic clock.

        Raises:
            DependencyFailed: A condition will not come true, and failures end the run.
        """
        for condition, logged in list(self._logged.items()):
            target = snapshots[condition.target]
            verdict = judge(condition, target)
            self._show(condition, target, verdict)
            if verdict is None:
                del self._logged[condition]
                self._stuck_since.pop(condition, None)
                if logged:
                    self._log(f"No longer waiting for {logged}")
                continue
            self._note_stuck(condition, verdict, now)
            if isinstance(verdict, Unsatisfiable) and self._behavior is WaitBehavior.FAIL_FAST:
                raise DependencyFailed(f"it waits for {verdict.text}, but {verdict.cause}")
            text = f"{verdict.text} ({verdict.cause})" if isinstance(verdict, Unsatisfiable) else verdict.text
            if text != logged:
                self._log(f"Waiting for {text}")
                self._logged[condition] = text
        return tuple(self._logged.values())

    def _show(self, condition: PlannedWait | PlannedValue, target: Snapshot, verdict: Verdict) -> None:
        """Keep how a condition looks now; its time is that of the beginning of the wait, or of its end."""
        known = self._waits.get(condition)
        now = self._clock()
        began = now if known is None or known.since is None else known.since
        since = began if verdict is not None else now
        is_late = isinstance(condition, PlannedValue) and target.state in _UP
        text = "" if verdict is None else "not known yet" if is_late else why_not(target)
        took = since - began if verdict is None else None
        self._waits[condition] = WaitView(
            condition.target, condition_name(condition), verdict is None, since, text, took
        )

    def _note_stuck(self, condition: PlannedWait | PlannedValue, verdict: Pending | Unsatisfiable, now: float) -> None:
        if not (isinstance(verdict, Pending) and verdict.stuck):
            self._stuck_since.pop(condition, None)
            return
        since = self._stuck_since.setdefault(condition, now)
        if self._limit is not None and now >= since + self._limit:
            raise DependencyFailed(
                f"it has waited {self._limit:g} s for {verdict.text}",
                remedy=f"Start or mend {condition.target}, or give more time with --wait-limit.",
            )
