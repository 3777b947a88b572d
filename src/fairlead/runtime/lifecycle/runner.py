"""The life of one resource, the same for every kind.

NotStarted → Waiting → Starting → Running → Stopping → Finished or Exited; FailedToStart from anywhere before Running.

Commands on a resource are done one after the other, and once given are not taken back. Whatever a driver or a function
of the definition raises ends this resource's start, with the reason in its log, and no other's. Declared children
that follow it end and start with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, suppress
from typing import Any

from fairlead.errors import FairleadError, NotRunning, UsageError, ValueMissing, with_remedy
from fairlead.model.command import Command
from fairlead.model.driving.driver import Driver, HostCommand, StopReason
from fairlead.model.observation.state import State
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.attempts.attempt import Attempt
from fairlead.runtime.lifecycle.attempts.end import AttemptEnd, end_line
from fairlead.runtime.lifecycle.command_views import commands_of
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.exit_codes import exit_code_text
from fairlead.runtime.lifecycle.replicas import ReplicaSet, load_driver
from fairlead.runtime.lifecycle.restarts import Restarts
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.snapshot_recorder import SnapshotRecorder
from fairlead.runtime.plan import PlannedStart


class Runner:
    """Brings one resource up and down.

    Args:
        run: The run.
        resource: The resource.
        plan: What the plan says about its start.
    """

    def __init__(self, run: Run, resource: Resource, plan: PlannedStart) -> None:
        self._run = run
        self._resource = resource
        self._plan = plan
        self._recorder = SnapshotRecorder(run, resource)
        self._context = HookContext(run, resource)
        self._operation = asyncio.Lock()
        self._attempt: Attempt | None = None
        self._life: asyncio.Task[object] | None = None
        self._quarantined = ""
        self._starts_with_parent = False
        self._more_arguments = run.job_arguments.get(resource.name, ())
        self.followers: list[Runner] = []
        """The runners of its declared children that follow it."""
        self.failure: FairleadError | None = None
        """Why its last start failed; None when it did not."""

    @property
    def name(self) -> str:
        """The resource's name."""
        return self._resource.name

    @property
    def resource(self) -> Resource:
        """The resource."""
        return self._resource

    def adopt(self, resource: Resource, plan: PlannedStart, *, renews_checks: bool = False) -> None:
        """Go by another evaluation of the definition; what differs in its start counts from the next one.

        Args:
            resource: The resource, as the new definition has it.
            plan: What the new plan says about its start.
            renews_checks: Whether its health is asked for in another way.
        """
        self._resource, self._plan = resource, plan
        self._context = HookContext(self._run, resource)
        if self._attempt is not None:
            self._attempt.adopt(resource, plan, renews_checks=renews_checks and self._is_going)
        self._recorder.adopt(resource)

    @property
    def commands(self) -> Mapping[str, Command]:
        """Its own commands by name: those of its driver while it is up, and those of the definition, which win."""
        status = self._attempt.status if self._attempt is not None else None
        offered = (
            status.replicas.commands if status and status.replicas and status.came_up and not status.ending else ()
        )
        return commands_of(self._resource, offered)

    def running(self, command: str) -> AbstractContextManager[None]:
        """Show inside the block that one of its own commands runs."""
        return self._recorder.running(command)

    # Commands

    async def start(self) -> None:
        """Start it; one that waits stops waiting, and one that is up or coming up is left alone.

        Raises:
            NotRunning: The run is ending, or an earlier start of it has never ended.
        """
        self._require_startable()
        if not self._is_going:
            if self._life is not None:
                self._more_arguments = ()  # those of its last run
            await self._order(self._start_now)
        elif self._recorder.state is State.WAITING and self._attempt is not None:
            self._attempt.skip_waits()

    async def run_job(self, arguments: tuple[str, ...]) -> None:
        """Start it as a job, with arguments beyond its own, which its restarts are given too.

        Raises:
            UsageError: It runs already.
            NotRunning: The run is ending, or an earlier start of it has never ended.
        """
        self._require_startable()
        await self._order(lambda: self._run_job_now(arguments))

    async def stop(self) -> None:
        """Stop it, and return when it has ended."""
        reason = StopReason.RUN_ENDING if self._run.ending.is_set() else StopReason.ASKED
        await self._order(lambda: self._end(reason))

    async def restart(self) -> None:
        """Stop it if it runs, and start it again.

        Raises:
            NotRunning: The run is ending, or an earlier start of it has never ended.
        """
        self._require_startable()
        await self._order(self._restart_now)

    async def end_for_another(self) -> None:
        """Stop it, as its next start follows: that of :meth:`begin_as_another`. No wait sees an end in between."""
        await self._order(lambda: self._end(StopReason.REPLACED))

    async def begin_as_another(self) -> None:
        """Start it, after :meth:`end_for_another`.

        Raises:
            NotRunning: The run is ending, or an earlier start of it has never ended.
        """

        async def begin() -> None:
            if not self._is_going:
                self._begin(is_restart=True)

        await self._order(begin)

    async def end_with_parent(self, reason: StopReason) -> None:
        """End because the parent has ended; :meth:`start_with_parent` starts it again."""
        if self._life is None or self._recorder.state is State.NOT_STARTED or self._waits_for_parent:
            return
        if self._is_going or not self._was_stopped_by_user:
            self._starts_with_parent = True
        if self._is_going:
            await self._order(lambda: self._end(reason))

    async def start_with_parent(self) -> None:
        """Start because the parent starts again, if it had been started before and the user has not stopped it."""
        if self._starts_with_parent and not self._run.ending.is_set() and not self._quarantined:
            self._starts_with_parent = False
            with suppress(NotRunning):  # the run has begun to end meanwhile
                await self._order(self._start_now)

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand:
        """What to run on this machine so that a command runs where the resource does; its first replica, if several.

        Args:
            argv: The command.
            terminal: Whether a user at a terminal runs it.
            child: The id of the observed child in which it is to run; None for the resource itself.

        Raises:
            UsageError: Its kind has no place for commands.
            NotRunning: It is not up.
            EngineError: What it takes to get there is not installed.
        """
        command = self._replicas_up().exec_command(argv, terminal=terminal, child=child)
        if command is None:
            what = f"{child} is of a kind that" if child else f"its kind, {self._resource.kind},"
            raise UsageError(f"{what} has no place where a command could run", resource=self.name)
        return command

    async def details(self) -> AsyncGenerator[object]:
        """What its driver tells beyond snapshots, until it is no longer up.

        Raises:
            UsageError: Its kind tells no more.
            NotRunning: It is not up.
        """
        documents = self._replicas_up().drivers[0].details()
        if documents is None:
            raise UsageError(f"its kind, {self._resource.kind}, has no details", resource=self.name)
        attempt = self._attempt
        async with aclosing(documents):
            async for document in documents:
                if self._attempt is not attempt or not self._is_going:
                    return
                yield document

    @property
    def drivers_up(self) -> Sequence[Driver]:
        """The drivers of its replicas.

        Raises:
            NotRunning: It is not up.
        """
        return self._replicas_up().drivers

    def _replicas_up(self) -> ReplicaSet:
        """Its replicas.

        Raises:
            NotRunning: It is not up.
        """
        status = self._attempt.status if self._attempt is not None else None
        if status is None or status.replicas is None or not status.came_up or status.ending:
            raise NotRunning(f"it is {self._recorder.state}", resource=self.name, remedy="Start it first.")
        return status.replicas

    @property
    def _is_going(self) -> bool:
        if self._life is None or self._life.done() or self._attempt is None:
            return False
        return not self._attempt.status.ending and not self._attempt.is_stopping

    @property
    def _waits_for_parent(self) -> bool:
        snapshot = self._run.bus.current(self.name)
        return snapshot.state is State.WAITING and self._plan.follows in snapshot.blocked_by

    @property
    def _was_stopped_by_user(self) -> bool:
        return self._run.bus.current(self.name).stop_requested

    def _require_startable(self) -> None:
        if self._run.ending.is_set():
            raise NotRunning("the run is ending, so nothing is started any more", resource=self.name)
        if self._quarantined:
            raise NotRunning(
                f"it can't be started again in this run: {self._quarantined}",
                resource=self.name,
                remedy="Stop the app and run it again.",
            )

    def _restart_later(self) -> None:
        """Restart it beside the caller, who belongs to the start that ends with that."""

        async def restart() -> None:
            with suppress(NotRunning):  # the run has begun to end
                await self.restart()

        self._run.tasks.spawn(restart(), f"restart of {self.name}")

    async def _order(self, operation: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something after what was ordered before; goes on when the caller is cancelled."""

        async def in_turn() -> None:
            async with self._operation:
                await operation()

        await asyncio.shield(self._run.tasks.start(in_turn(), f"command on {self.name}"))

    async def _start_now(self) -> None:
        if not self._is_going:
            await self._end(StopReason.FINISHED)  # what ended by itself may not be through with it
            self._begin()

    async def _run_job_now(self, arguments: tuple[str, ...]) -> None:
        if self._is_going:
            raise UsageError(
                "it runs already",
                resource=self.name,
                remedy=f"Wait until it has ended, or stop it: fairlead stop {self.name}.",
            )
        self._more_arguments = arguments
        await self._start_now()

    async def _restart_now(self) -> None:
        await self._end(StopReason.REPLACED)
        self._begin(is_restart=True)

    def _begin(self, *, is_restart: bool = False) -> None:
        self._require_startable()  # the run may have begun to end while this waited for its turn
        self._recorder.change(restarts=0, restart_reason="")
        self._next_attempt(is_restart=is_restart)
        self._life = self._run.tasks.spawn(self._live(), f"life of {self.name}")

    def _next_attempt(self, *, is_restart: bool = False) -> Attempt:
        self.failure = None
        self._starts_with_parent = False
        self._run.outputs.clear(self.name)
        self._recorder.record_start()
        self._attempt = Attempt(
            self._run,
            self._resource,
            self._plan,
            self._recorder,
            self._restart_later,
            is_restart=is_restart,
            more_arguments=self._more_arguments,
        )
        for child in self.followers:
            self._run.tasks.spawn(child.start_with_parent(), f"start of {child.name} with {self.name}")
        return self._attempt

    async def _end(self, reason: StopReason) -> None:
        if self._life is not None and not self._life.done():
            if reason in (StopReason.ASKED, StopReason.PARENT_STOPPED, StopReason.REPLACED):
                theirs = StopReason.REPLACED if reason is StopReason.REPLACED else StopReason.PARENT_STOPPED
                await asyncio.gather(*(child.end_with_parent(theirs) for child in self.followers))
            if self._attempt is not None:
                self._attempt.stop(reason)
            await asyncio.wait([self._life])
        elif reason is StopReason.ASKED:
            await self._undo()

    async def _undo(self) -> None:
        """Have taken back what is left of a start that has ended by itself."""
        if self._attempt is None or not self._attempt.can_be_undone:
            return
        snapshot = self._run.bus.current(self.name)
        self._recorder.change(state=State.STOPPING, reason="")
        trouble = await self._attempt.undo()
        self._context.log_state("Stopped")
        self._recorder.record_end(
            snapshot.state, time.time(), exit_code=snapshot.exit_code, stop_requested=True, reason=trouble
        )

    # Its starts, one after the other

    async def _live(self) -> None:
        try:
            await self._live_on()
        except asyncio.CancelledError:
            if self._attempt is not None:
                self._attempt.give_up()
            raise

    async def _live_on(self) -> None:
        restarts = Restarts(self._plan.restarts)
        while True:
            attempt = self._attempt
            assert attempt is not None
            end = await attempt.live()
            restarts.adopt(self._plan.restarts)
            may_restart = end.may_restart and not attempt.quarantined
            pause = restarts.pause_after(failed=end.failed, up_seconds=end.up_seconds) if may_restart else None
            if self._run.ending.is_set():
                pause = None
            self._record(attempt, end, pause, restarts)
            if end.stop_reason is None and not self._run.ending.is_set():
                for child in self.followers:
                    self._run.tasks.spawn(child.end_with_parent(StopReason.PARENT_STOPPED), f"end of {child.name}")
            await attempt.close()
            self._quarantined = attempt.quarantined
            if pause is None:
                return
            if not await attempt.sleep(pause):
                self._record_end(end, stop_requested=True)
                return
            self._next_attempt()

    def _record(self, attempt: Attempt, end: AttemptEnd, pause: float | None, restarts: Restarts) -> None:
        if end.error is not None and not end.came_up:
            self._record_failure(end.error)
        elif not end.came_up:
            self._record_no_start(end, attempt.quarantined)
        else:
            self._context.log_state(end_line(end))
            self.failure = end.error
            if pause is not None:
                self._record_pause(end, pause, restarts)
            elif (
                end.stop_reason is not StopReason.REPLACED
            ):  # the next start follows: no wait may see an end in between
                self._record_end(end, stop_requested=end.stop_reason is not None)

    def _record_failure(self, error: FairleadError) -> None:
        state = State.VALUE_MISSING if isinstance(error, ValueMissing) else State.FAILED_TO_START
        self.failure = error
        reason = self._recorder.record_failure(state, error, time.time())
        self._context.log_state(f"{'No value' if state is State.VALUE_MISSING else 'Failed to start'}: {reason}")

    def _record_no_start(self, end: AttemptEnd, quarantined: str) -> None:
        self._context.log_state("Stopped before it was up")
        if quarantined:
            self._recorder.record_end(State.FAILED_TO_START, time.time(), stop_requested=True, reason=quarantined)
        elif end.stop_reason is not StopReason.REPLACED:
            self._recorder.record_end(State.NOT_STARTED, time.time(), stop_requested=True, reason=end.reason)

    def _record_end(self, end: AttemptEnd, *, stop_requested: bool) -> None:
        kind = load_driver(self._resource, self._plan.driver)
        if end.kept:
            self._recorder.record_end(kind.up_state, time.time(), stop_requested=True, reason="kept for the next run")
            return
        failure = end.error.explanation if end.error is not None else ""
        self._recorder.record_end(
            kind.end_state,
            time.time(),
            exit_code=end.exit_code,
            stop_requested=stop_requested,
            reason=failure or with_remedy(end.reason, end.remedy),
            end_failure=failure,
            error=end.error,
            remedy=end.remedy,
        )

    def _record_pause(self, end: AttemptEnd, pause: float, restarts: Restarts) -> None:
        how = exit_code_text(end.exit_code) if end.exit_code is not None else "it ended"
        why = end.error.message if end.error is not None else how
        count = f"{restarts.count}" if restarts.limit is None else f"{restarts.count} of {restarts.limit}"
        reason = f"restart {count} in {pause:g} s, after {why}"
        self._context.log_state(reason[0].upper() + reason[1:])
        self._recorder.record_end(State.STARTING, time.time(), exit_code=end.exit_code, reason=reason)
        self._recorder.change(restarts=restarts.count, restart_reason=why)
