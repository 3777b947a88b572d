"""What is shown of one resource, kept in step with what happens to it. Decides nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fairlead.errors import FairleadError
from fairlead.model.resource import Resource
from fairlead.model.state import State
from fairlead.runtime.lifecycle.commands import available
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.snapshot import Snapshot


class SnapshotRecorder:
    """The newest snapshot of a resource; each change is published on the bus of the run.

    Args:
        run: The run.
        resource: The resource.
    """

    def __init__(self, run: Run, resource: Resource) -> None:
        self._run = run
        self._resource = resource
        parent = resource.parent or resource.display_parent
        self._snapshot = Snapshot(name=resource.name, kind=resource.kind, parent=parent.name if parent else None)
        self.change()

    @property
    def state(self) -> State:
        """The state that is shown."""
        return self._snapshot.state

    def change(self, **changes: Any) -> None:
        """Show the given fields of the snapshot differently from now on; secrets in their texts are masked."""
        snapshot = replace(self._snapshot, **self._masked(changes))
        self._snapshot = replace(snapshot, commands=available(self._resource, snapshot.state))
        self._run.bus.publish(self._snapshot)

    def record_start(self) -> None:
        """A start begins: nothing of the one before counts any more."""
        self.change(
            state=State.STARTING,
            health=None,
            reports=(),
            ready=False,
            ready_failure="",
            exit_code=None,
            reason="",
            stop_requested=False,
            waiting_for=(),
            blocked_by=(),
            environment=(),
            replicas=(),
            properties=(),
            outputs=(),
            starts=self._snapshot.starts + 1,
        )

    def record_waiting(self, texts: tuple[str, ...], resources: tuple[str, ...]) -> None:
        """It waits for something, or, without any, no longer."""
        self.change(
            state=State.WAITING if texts else State.STARTING,
            waiting_for=texts,
            blocked_by=resources,
        )

    def record_failure(self, state: State, error: FairleadError, now: float) -> str:
        """It could not be started, or not be kept up; returns the reason in words."""
        self.record_end(state, now, reason=error.explanation)
        return self._snapshot.reason

    def record_end(self, state: State, now: float, **changes: Any) -> None:
        """It is in a state in which nothing of it runs."""
        ended: dict[str, Any] = {
            "state": state,
            "health": None,
            "ready": False,
            "waiting_for": (),
            "blocked_by": (),
            "reason": "",
        }
        if state is not State.NOT_STARTED:
            ended["stopped_at"] = now
        self.change(**(ended | changes))

    def _masked(self, changes: dict[str, Any]) -> dict[str, Any]:
        masked = self._run.logs.masked
        clean: dict[str, Any] = {}
        for text in ("reason", "ready_failure"):
            if text in changes:
                clean[text] = masked(changes[text])
        if "waiting_for" in changes:
            clean["waiting_for"] = tuple(map(masked, changes["waiting_for"]))
        if "reports" in changes:
            clean["reports"] = tuple(replace(each, description=masked(each.description)) for each in changes["reports"])
        if "properties" in changes:
            clean["properties"] = tuple((name, masked(value)) for name, value in changes["properties"])
        return changes | clean
