"""When a wait is over, and when it is in vain (the rules are Aspire's; app-model §1.5). Pure: reads snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fairlead.errors import DependencyFailed
from fairlead.model.health import HealthStatus
from fairlead.model.snapshot import Snapshot
from fairlead.model.state import State
from fairlead.model.wait import WaitBehavior, WaitKind
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.plan import PlannedValue, PlannedWait

_UP = (State.RUNNING, State.ACTIVE)


@dataclass(frozen=True, slots=True)
class Pending:
    """A condition that is not true yet; ``text`` says what is missing, as in "pg to be healthy"."""

    text: str


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """A condition that will not come true by itself; ``cause`` says why, with the causes behind it.

    ``final`` is set where a person who starts the target again does not help either.
    """

    cause: str
    text: str
    final: bool = False


def judge(condition: PlannedWait | PlannedValue, target: Snapshot) -> Pending | Unsatisfiable | None:
    """Look at one condition.

    Args:
        condition: The condition.
        target: The present picture of the resource that it is about.

    Returns:
        None when the condition is true.
    """
    if isinstance(condition, PlannedValue):
        return _judge_value(condition, target)
    if condition.kind is WaitKind.COMPLETED:
        return _judge_completion(condition, target)
    return _judge_start(condition, target)


def _judge_start(wait: PlannedWait, target: Snapshot) -> Pending | Unsatisfiable | None:
    up = target.state in _UP
    healthy = up and target.health is HealthStatus.HEALTHY
    if up and (wait.kind is WaitKind.STARTED or (healthy and target.ready)):
        return None
    if wait.finished_counts and _completed(target) and target.exit_code in (0, None):
        return None
    text = f"{target.name} to be {'ready' if healthy else 'healthy' if up else 'running'}"
    if up and target.ready_failure:
        return Unsatisfiable(cause(target), text)
    return _unless_unavailable(target, text)


def _judge_completion(wait: PlannedWait, target: Snapshot) -> Pending | Unsatisfiable | None:
    text = f"{target.name} to complete"
    if _completed(target):
        if target.exit_code in (wait.exit_code, None):
            return None
        return Unsatisfiable(f"{cause(target)}, and it has to end with {wait.exit_code}", text, final=True)
    if target.state is State.FAILED_TO_START:
        return Unsatisfiable(cause(target), text, final=True)
    return _unless_unavailable(target, text)


def _judge_value(value: PlannedValue, provider: Snapshot) -> Pending | Unsatisfiable | None:
    if value.output in provider.outputs:
        return None
    return _unless_unavailable(provider, f"the value of {value.description}")


def _unless_unavailable(target: Snapshot, text: str) -> Pending | Unsatisfiable:
    return Unsatisfiable(cause(target), text) if target.state.is_unavailable else Pending(text)


def _completed(target: Snapshot) -> bool:
    """Whether it has ended by itself: what somebody stopped has not done its work, whatever its exit code."""
    return target.state in (State.FINISHED, State.EXITED) and not target.stop_requested


def cause(target: Snapshot) -> str:
    """Why nobody should wait for a resource, in a few words, with the causes behind it."""
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


class PendingConditions:
    """The conditions that one start still has to wait for; a condition that was true once is done with.

    Args:
        conditions: What has to be true.
        behavior: What to do when a condition is hopeless.
        log: Is told when a wait begins, changes and ends.
    """

    def __init__(
        self,
        conditions: Sequence[PlannedWait | PlannedValue],
        behavior: WaitBehavior,
        log: Callable[[str], None],
    ) -> None:
        self._left: dict[PlannedWait | PlannedValue, str] = dict.fromkeys(conditions, "")
        self._behavior = behavior
        self._log = log

    @property
    def resources(self) -> tuple[str, ...]:
        """The names of the resources that the conditions left are about, one for each condition."""
        return tuple(condition.target for condition in self._left)

    def skip(self) -> None:
        """Wait for no resource any longer, as a person has decided; for a value there is no doing without."""
        for condition, told in list(self._left.items()):
            if isinstance(condition, PlannedWait):
                del self._left[condition]
                if told:
                    self._log(f"Started by hand, without waiting for {told}")

    def pending(self, snapshots: Mapping[str, Snapshot]) -> tuple[str, ...]:
        """What is still missing now, in words, one text for each of :attr:`resources`.

        Args:
            snapshots: The present pictures by name.

        Raises:
            DependencyFailed: A condition will not come true, and nobody is there to help.
        """
        for condition, told in list(self._left.items()):
            verdict = judge(condition, snapshots[condition.target])
            if verdict is None:
                del self._left[condition]
                if told:
                    self._log(f"No longer waiting for {told}")
                continue
            if isinstance(verdict, Unsatisfiable) and (verdict.final or self._behavior is WaitBehavior.FAIL_FAST):
                raise DependencyFailed(f"it waits for {verdict.text}, but {verdict.cause}")
            text = f"{verdict.text} ({verdict.cause})" if isinstance(verdict, Unsatisfiable) else verdict.text
            if text != told:
                self._log(f"Waiting for {text}")
                self._left[condition] = text
        return tuple(self._left.values())
