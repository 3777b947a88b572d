"""Records what happens to one resource as snapshots. Decides nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Unpack

from fairlead.errors import FairleadError
from fairlead.model.command import Command
from fairlead.model.observation.snapshot import Declaration, HealthReport, ReplicaView, Snapshot, SnapshotChange
from fairlead.model.observation.state import State
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.command_views import Neighbours, Offered, command_views
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.state_text import summary_of


class SnapshotRecorder:
    """The newest snapshot of a resource; each change is published on the bus of the run.

    Args:
        run: The run.
        resource: The resource.
    """

    def __init__(self, run: Run, resource: Resource) -> None:
        self._run = run
        self._resource = resource
        self._neighbours = Neighbours.of(resource, run.plan)
        self._offered = Offered()
        self._running: Counter[str] = Counter()
        self._snapshot = self._declared(Snapshot(name=resource.name, kind=resource.kind))
        self.change()

    def adopt(self, resource: Resource) -> None:
        """Show what another evaluation of the definition says of the resource.

        Args:
            resource: The same resource, as the new definition has it.
        """
        self._resource = resource
        self._neighbours = Neighbours.of(resource, self._run.plan)
        self._snapshot = self._declared(self._snapshot)
        self.change()

    def _declared(self, snapshot: Snapshot) -> Snapshot:
        """A snapshot with what the definition says."""
        resource = self._resource
        parent = resource.parent or resource.display_parent
        is_fresh = snapshot.state is State.NOT_STARTED and not snapshot.stop_requested
        by_request = "" if _starts_by_itself(self._run, resource) else "starts on request"
        return replace(
            snapshot,
            parent=parent.name if parent else None,
            declared=Declaration.of(resource.where, self._run.app.directory),
            icon=resource.icon or resource.default_icon,
            reason=by_request if is_fresh else snapshot.reason,
        )

    @property
    def state(self) -> State:
        """The state that is shown."""
        return self._snapshot.state

    def change(self, **changes: Unpack[SnapshotChange]) -> None:
        """Publish new values for some fields; secrets in their texts are masked."""
        snapshot = replace(self._snapshot, **self._masked(changes))
        commands = command_views(self._resource, snapshot, self._neighbours, self._offered)
        if snapshot.state is not self._snapshot.state or snapshot.starts != self._snapshot.starts:
            snapshot = replace(snapshot, state_since=time.time())
        self._snapshot = replace(snapshot, commands=commands, summary=summary_of(snapshot))
        self._run.bus.publish(self._snapshot)

    def set_offered(self, commands: Sequence[Command], *, can_be_undone: bool) -> None:
        """Show from now on until its next start what its driver offers.

        Args:
            commands: Its commands, beside those of the definition.
            can_be_undone: Whether a stop takes back what a start has left behind that has ended.
        """
        self._offered = replace(self._offered, commands=tuple(commands), can_be_undone=can_be_undone)

    @contextmanager
    def running(self, command: str) -> Iterator[None]:
        """Show inside the block that one of its own commands runs, and since when."""
        begin = time.time()
        self._set_running({**self._offered.running, command: self._offered.running.get(command, begin)})
        self._running[command] += 1
        try:
            yield
        finally:
            self._running[command] -= 1
            if not self._running[command]:
                self._set_running({name: since for name, since in self._offered.running.items() if name != command})

    def _set_running(self, running: Mapping[str, float]) -> None:
        self._offered = replace(self._offered, running=running)
        self.change()

    def record_start(self) -> None:
        """A start begins: nothing of the one before counts any more."""
        self.set_offered((), can_be_undone=False)
        self.change(
            state=State.STARTING,
            health=None,
            reports=(),
            ready=False,
            ready_failure="",
            exit_code=None,
            end_failure="",
            failure="",
            reason="",
            remedy="",
            raw="",
            stop_requested=False,
            waiting_for=(),
            blocked_by=(),
            waits=(),
            environment=(),
            replicas=(),
            properties=(),
            outputs=(),
            starts=self._snapshot.starts + 1,
        )

    def record_failure(self, state: State, error: FairleadError, now: float) -> str:
        """It could not be started, or not be kept up; returns the reason in words."""
        self.record_end(state, now, reason=error.explanation, error=error)
        return self._snapshot.reason

    def record_end(
        self,
        state: State,
        now: float,
        *,
        exit_code: int | None = None,
        stop_requested: bool = False,
        reason: str = "",
        end_failure: str = "",
        error: FairleadError | None = None,
        remedy: str = "",
    ) -> None:
        """It is in a state in which nothing of it runs.

        Args:
            state: The state.
            now: The time, in seconds since the epoch.
            exit_code: How it ended, if it had an exit code.
            stop_requested: Whether a command stopped it.
            reason: Why it is as it is; empty when all is well.
            end_failure: The error that ended it, if one did.
            error: The error that it failed by, if it did.
            remedy: What to do about it, where no error says so.
        """
        self.set_offered((), can_be_undone=self._offered.can_be_undone)
        change: SnapshotChange = {
            "state": state,
            "health": None,
            "ready": False,
            "waiting_for": (),
            "blocked_by": (),
            "exit_code": exit_code,
            "end_failure": end_failure,
            "stop_requested": stop_requested,
            "failure": type(error).__name__ if error is not None else "",
            "reason": reason,
            "remedy": (error.remedy or "") if error is not None else remedy,
            "raw": error.raw if error is not None else "",
        }
        if state is not State.NOT_STARTED:
            change["stopped_at"] = now
        self.change(**change)

    def _masked_replica(self, replica: ReplicaView) -> ReplicaView:
        masked = self._run.logs.masked
        return replace(replica, reports=self._masked_reports(replica.reports), reason=masked(replica.reason))

    def _masked_reports(self, reports: Sequence[HealthReport]) -> tuple[HealthReport, ...]:
        masked = self._run.logs.masked
        return tuple(
            replace(each, description=masked(each.description), got=masked(each.got), raw=masked(each.raw))
            for each in reports
        )

    def _masked(self, changes: SnapshotChange) -> SnapshotChange:
        masked = self._run.logs.masked
        clean: SnapshotChange = {**changes}
        if "reason" in changes:
            clean["reason"] = masked(changes["reason"])
        if "remedy" in changes:
            clean["remedy"] = masked(changes["remedy"])
        if "raw" in changes:
            clean["raw"] = masked(changes["raw"])
        if "end_failure" in changes:
            clean["end_failure"] = masked(changes["end_failure"])
        if "ready_failure" in changes:
            clean["ready_failure"] = masked(changes["ready_failure"])
        if "waiting_for" in changes:
            clean["waiting_for"] = tuple(map(masked, changes["waiting_for"]))
        if "reports" in changes:
            clean["reports"] = self._masked_reports(changes["reports"])
        if "replicas" in changes:
            clean["replicas"] = tuple(self._masked_replica(replica) for replica in changes["replicas"])
        if "properties" in changes:
            clean["properties"] = tuple((name, masked(value)) for name, value in changes["properties"])
        return clean


def _starts_by_itself(run: Run, resource: Resource) -> bool:
    return any(start.automatic for start in run.plan.starts if start.name == resource.name)
