"""Waiting from outside for a resource: what ``fairlead wait`` and tests do."""

from __future__ import annotations

import asyncio
from typing import Literal, get_args

from fairlead.errors import ResourceFailed, UsageError, WaitTimeout
from fairlead.model.health import HealthStatus
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.wait import WaitKind
from fairlead.runtime.bus import Bus
from fairlead.runtime.lifecycle.waits import Unsatisfiable, cause, judge
from fairlead.runtime.plan import PlannedWait

Condition = Literal["running", "healthy", "completed"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

_KINDS = {"running": WaitKind.STARTED, "healthy": WaitKind.READY, "completed": WaitKind.COMPLETED}


async def wait_for_condition(
    bus: Bus, name: str, condition: Condition, seconds: float | None, *, ready_when_finished: bool = False
) -> Snapshot:
    """Return when a resource meets a condition.

    Args:
        bus: The run's state.
        name: The id of the resource, as the model spells it.
        condition: ``running``, ``healthy`` (with its ``on_ready`` hooks done), or ``completed`` (ended with 0).
        seconds: How long to wait; None for ever.
        ready_when_finished: Whether the resource counts as healthy once it has ended well, and not before.

    Raises:
        ResourceFailed: It will not meet it unless it is started again; or it was observed, and is gone.
        WaitTimeout: It has not met it in time; the message says what it and those before it wait for.
        UsageError: There is no such condition.
    """
    if condition not in _KINDS:
        raise UsageError(f"there is no condition {condition!r}", remedy=f"Use one of {', '.join(CONDITIONS)}.")
    # Nothing but its own state tells whether an observed resource is ready: no hooks of the definition belong to it.
    wait = PlannedWait(name, _KINDS[condition], finished_counts=ready_when_finished)

    def met() -> bool:
        snapshot = bus.snapshots.get(name)
        if snapshot is None:
            raise ResourceFailed("it is gone", resource=name, remedy="Look at its owner: fairlead resources.")
        verdict = judge(wait, snapshot)
        if isinstance(verdict, Unsatisfiable):
            raise ResourceFailed(cause(snapshot), resource=name, remedy=f"See its log: fairlead logs {name}.")
        return verdict is None

    try:
        async with asyncio.timeout(seconds):
            await bus.wait_until(met, [name])
    except TimeoutError:
        state = "\n".join(explain(bus, name))
        raise WaitTimeout(f"it was not {condition} within {seconds:g} s:\n{state}", resource=name) from None
    return bus.current(name)


def explain(bus: Bus, name: str) -> list[str]:
    """Why a resource is not there yet, a line each, with what it waits for and what that waits for."""
    lines: list[str] = []
    _explain(bus, name, "  ", set(), lines)
    return lines


def _explain(bus: Bus, name: str, indent: str, seen: set[str], lines: list[str]) -> None:
    snapshot = bus.snapshots.get(name)
    if snapshot is None or name in seen:
        return
    seen.add(name)
    health = f", {snapshot.health}" if snapshot.health else ""
    reason = f": {snapshot.reason}" if snapshot.reason else ""
    lines.append(f"{indent}{name} is {snapshot.state}{health}{reason}")
    if snapshot.health not in (HealthStatus.HEALTHY, None):
        lines += [f"{indent}  {r.name}: {r.description}" for r in snapshot.reports if r.status != HealthStatus.HEALTHY]
    for missing, target in zip(snapshot.waiting_for, snapshot.blocked_by, strict=True):
        lines.append(f"{indent}  waiting for {missing}")
        _explain(bus, target, indent + "    ", seen, lines)
    if snapshot.state is State.NOT_STARTED and not snapshot.stop_requested:
        lines.append(f"{indent}  it is started by hand: fairlead start {name}")
