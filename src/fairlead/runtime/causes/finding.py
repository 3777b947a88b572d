"""Finding the causes: what needs a person, from the snapshots of all resources. Pure.

A resource that failed, lacks something or is unhealthy by itself is a cause. One that is so for the sake of another is
an effect, and is counted by its cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fairlead.model.snapshot import Snapshot
from fairlead.model.state import State
from fairlead.runtime.causes.cause import Cause, CauseAction
from fairlead.runtime.lifecycle.outcome import has_failed


@dataclass(frozen=True, slots=True)
class Findings:
    """The causes at one moment.

    Args:
        causes: The causes, worst first.
        outdated_at: When the passing of time alone makes others of them, in seconds since 1970; None for never.
    """

    causes: tuple[Cause, ...]
    outdated_at: float | None = None

    def is_outdated(self, now: float) -> bool:
        """Whether time alone has made others of them."""
        return self.outdated_at is not None and now >= self.outdated_at


def find_causes(snapshots: Sequence[Snapshot], now: float) -> Findings:
    """Find what needs a person.

    Args:
        snapshots: The present snapshots, in the order of the definition.
        now: The time, in seconds since 1970.
    """
    waiting = _waiting(snapshots)
    causes = [
        Cause(
            id=f"{snapshot.id}/{snapshot.starts}",
            resource=snapshot.id,
            name=snapshot.name,
            severity="warning" if snapshot.state is State.VALUE_MISSING else "error",
            title=f"{snapshot.name} {snapshot.state}",
            what=snapshot.reason,
            raw="",
            remedy="",
            file=snapshot.declared.file if snapshot.declared else None,
            line=snapshot.declared.line if snapshot.declared else None,
            since=snapshot.stopped_at or now,
            waiting=tuple(waiting.get(snapshot.name, ())),
            action=CauseAction("details", "See details", snapshot.id),
        )
        for snapshot in snapshots
        if has_failed(snapshot)
    ]
    return Findings(tuple(causes))


def _waiting(snapshots: Sequence[Snapshot]) -> dict[str, list[str]]:
    waiting: dict[str, list[str]] = {}
    for snapshot in snapshots:
        for target in snapshot.blocked_by:
            waiting.setdefault(target, []).append(snapshot.name)
    return waiting
