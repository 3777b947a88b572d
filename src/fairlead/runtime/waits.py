"""When a wait is over, and when it is in vain (the rules are Aspire's; app-model §1.5). Pure: reads snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fairlead.errors import DependencyFailed
from fairlead.model.state import State
from fairlead.model.wait import WaitBehavior, WaitKind
from fairlead.runtime.plan import PlannedValue, PlannedWait
from fairlead.runtime.snapshot import Snapshot

_UP = (State.RUNNING, State.ACTIVE)


@dataclass(frozen=True, slots=True)
class Pending:
    """A condition that is not true yet; ``text`` says what is missing, as in "pg to be healthy"."""

    text: str


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A condition that will not come true by itself; ``cause`` says why, with the causes behind it.

    ``final`` is set where a person who starts the target again does not help either.
    """

    cause: str
    text: str
    final: bool = False


def judge(wait: PlannedWait, target: Snapshot, finished_is_ready: bool = False) -> Pending | Hopeless | None:
    """Look at one wait.

    Args:
        wait: The condition.
        target: The present picture of its target.
        finished_is_ready: Whether the target counts as ready once it has ended well.

    Returns:
        None when the condition is true.
    """
    if wait.kind is WaitKind.COMPLETED:
        return _judge_completion(wait, target)
    up = target.state in _UP
    if up and (wait.kind is WaitKind.STARTED or target.ready):
        return None
    ended = target.state in (State.FINISHED, State.EXITED)
    if finished_is_ready and ended and target.exit_code in (0, None):
        return None
    text = f"{target.name} to be {'healthy' if up else 'running'}"
    return Hopeless(cause(target), text) if target.state.is_unavailable else Pending(text)


def _judge_completion(wait: PlannedWait, target: Snapshot) -> Pending | Hopeless | None:
    text = f"{target.name} to complete"
    if target.state in (State.FINISHED, State.EXITED):
        if target.exit_code in (wait.exit_code, None):
            return None
        return Hopeless(f"{cause(target)}, and it has to end with {wait.exit_code}", text, final=True)
    if target.state is State.FAILED_TO_START:
        return Hopeless(cause(target), text, final=True)
    return Hopeless(cause(target), text) if target.state.is_unavailable else Pending(text)


def judge_value(value: PlannedValue, known: bool, provider: Snapshot) -> Pending | Hopeless | None:
    """Look at a value that another resource has to make known; None when it is."""
    if known:
        return None
    text = f"the value of {value.description}"
    return Hopeless(cause(provider), text) if provider.state.is_unavailable else Pending(text)


def cause(target: Snapshot) -> str:
    """Why nobody should wait for a resource, in a few words, with the causes behind it."""
    words = {
        State.FAILED_TO_START: "failed to start",
        State.VALUE_MISSING: "has no value",
        State.RUNTIME_UNHEALTHY: "has lost its engine",
    }
    text = words.get(target.state, "ended")
    if target.state in (State.FINISHED, State.EXITED) and target.exit_code is not None:
        text = f"ended with exit code {target.exit_code}"
    return f"{target.name} {text}" + (f" ({target.reason})" if target.reason else "")


class Waiting:
    """The conditions that one start still has to wait for; a condition that was true once is done with.

    Args:
        name: The resource that waits.
        waits: Conditions on other resources.
        values: Values that others have to make known.
        behavior: What to do when a condition is hopeless.
        finished_is_ready: Names of the resources that count as ready once they have ended well.
        log: Is told when a wait begins, changes and ends.
    """

    def __init__(
        self,
        name: str,
        waits: Sequence[PlannedWait],
        values: Sequence[PlannedValue],
        behavior: WaitBehavior,
        finished_is_ready: frozenset[str],
        log: Callable[[str], None],
    ) -> None:
        self._name = name
        self._left: dict[PlannedWait | PlannedValue, str] = dict.fromkeys((*waits, *values), "")
        self._behavior = behavior
        self._finished_is_ready = finished_is_ready
        self._log = log

    def pending(self, snapshots: Mapping[str, Snapshot], is_known: Callable[[PlannedValue], bool]) -> tuple[str, ...]:
        """What is still missing now.

        Args:
            snapshots: The present pictures by name.
            is_known: Whether a value is known.

        Raises:
            DependencyFailed: A condition will not come true, and nobody is there to help.
        """
        for condition, told in list(self._left.items()):
            verdict = self._judge(condition, snapshots, is_known)
            if verdict is None:
                del self._left[condition]
                if told:
                    self._log(f"No longer waiting for {told}")
                continue
            if isinstance(verdict, Hopeless) and (verdict.final or self._behavior is WaitBehavior.FAIL_FAST):
                raise DependencyFailed(f"it waits for {verdict.text}, but {verdict.cause}")
            text = f"{verdict.text} ({verdict.cause})" if isinstance(verdict, Hopeless) else verdict.text
            if text != told:
                self._log(f"Waiting for {text}")
                self._left[condition] = text
        return tuple(self._left.values())

    def _judge(
        self,
        condition: PlannedWait | PlannedValue,
        snapshots: Mapping[str, Snapshot],
        is_known: Callable[[PlannedValue], bool],
    ) -> Pending | Hopeless | None:
        if isinstance(condition, PlannedValue):
            return judge_value(condition, is_known(condition), snapshots[condition.provider])
        return judge(condition, snapshots[condition.target], condition.target in self._finished_is_ready)
