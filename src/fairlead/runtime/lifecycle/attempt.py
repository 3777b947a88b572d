"""One start of one resource, from its waits to its end.

A start has two parts. What brings the resource up and keeps it up can be interrupted at any moment, and is when it is
stopped. What ends it (bringing down whatever is up, the hooks, its tasks) always runs to its end, however the first
part ended. All its tasks belong to one scope, which is closed last: a task that ignores its cancellation quarantines
the resource, and nothing of a start is ever left running unseen.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fairlead.engines.tasks import TaskScope, with_time_limit
from fairlead.errors import DependencyFailed, FairleadError, StartError
from fairlead.model.composition.contributions import consumer_of
from fairlead.model.driving.driver import StopReason
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.health import Health, HealthStatus
from fairlead.model.observation.snapshot import HealthReport, WaitView
from fairlead.model.observation.state import State
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle import health
from fairlead.runtime.lifecycle.attempt_status import AttemptStatus
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.lifecycle.observed_children import ObservedChildren
from fairlead.runtime.lifecycle.replica_context import StartServices
from fairlead.runtime.lifecycle.replicas import ReplicaSet
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.snapshot_recorder import SnapshotRecorder
from fairlead.runtime.lifecycle.state_text import reports_text
from fairlead.runtime.lifecycle.urls import endpoints_of, urls_of
from fairlead.runtime.lifecycle.waits import PendingConditions, merged_waits
from fairlead.runtime.plan import PlannedStart, PlannedValue, PlannedWait
from fairlead.runtime.values.env_files import variables_of_files
from fairlead.runtime.values.program_inputs import ProgramInputs, collect_inputs

HOOK_SECONDS = 10.0
"""Limit of an ``on_stopped`` hook; one that never returns would block the rest of the shutdown."""

LONG_SECONDS = 1.0
"""How long a function of the definition may take before the state says that a start is held up by it."""


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How a start ended.

    Args:
        came_up: Whether the resource had been up.
        error: Why it could not be started, or not be kept up; None where it ended in another way.
        exit_code: How it ended, where it had an exit code.
        reason: Why, where the drivers know more than the exit code; or what went wrong with its stop.
        remedy: What to do about it, where the drivers know that.
        stop_reason: Why it was told to stop; None when it ended by itself.
        kept: Whether it goes on without the host.
        up_seconds: How long it was up.
    """

    came_up: bool
    error: FairleadError | None
    exit_code: int | None
    reason: str
    stop_reason: StopReason | None
    kept: bool
    up_seconds: float
    remedy: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended badly by itself."""
        return self.stop_reason is None and (self.error is not None or self.exit_code not in (0, None))

    @property
    def may_restart(self) -> bool:
        """Whether it has run and ended by itself; one that was given up would only be given up again."""
        return self.came_up and self.stop_reason is None and not isinstance(self.error, DependencyFailed)


class Attempt:
    """One start.

    Args:
        run: The run.
        resource: The resource.
        plan: What the plan says about its start.
        recorder: Records it as snapshots.
        restart: Has the resource stopped and started again; returns at once.
        is_restart: Whether the user asked for it by ``restart``.
        more_arguments: Arguments beyond those of the definition, which a job is run with.
    """

    def __init__(
        self,
        run: Run,
        resource: Resource,
        plan: PlannedStart,
        recorder: SnapshotRecorder,
        restart: Callable[[], None],
        *,
        is_restart: bool = False,
        more_arguments: tuple[str, ...] = (),
    ) -> None:
        self._more_arguments = more_arguments
        self.status = AttemptStatus()
        self.quarantined = ""
        """Why the resource must not be started again in this run; empty when it may be."""
        self._run = run
        self._resource = resource
        self._plan = plan
        self._recorder = recorder
        self._restart = restart
        self._context = HookContext(run, resource)
        self._tasks = TaskScope(f"start of {resource.name}", self._fail)
        self._children = ObservedChildren(run, resource.name, self._tasks)
        self._skip_waits = False
        self._stop_reason: StopReason | None = None
        self._failure: Exception | None = None
        self._wake = asyncio.Event()
        self._over = False
        self._is_restart = is_restart
        self._is_undone = False
        self._checking: asyncio.Task[object] | None = None

    # What others do with it

    @property
    def is_stopping(self) -> bool:
        """Whether it has been told to stop."""
        return self._stop_reason is not None

    def stop(self, reason: StopReason) -> None:
        """Have it end; :meth:`live` returns when it has. The first reason holds."""
        if self._stop_reason is None:
            self._stop_reason = reason
            self._wake.set()

    def skip_waits(self) -> None:
        """Start without what it still waits for, because the user started it by hand. Waits for values stay."""
        self._skip_waits = True
        self._run.bus.reevaluate(self._resource.name)

    def adopt(self, resource: Resource, plan: PlannedStart, *, renews_checks: bool) -> None:
        """Go by another evaluation of the definition, in which nothing of this start is another.

        Args:
            resource: The resource, as the new definition has it.
            plan: What the new plan says about its start.
            renews_checks: Whether its health is asked for in another way.
        """
        self._resource, self._plan = resource, plan
        self._context = HookContext(self._run, resource)
        replicas = self.status.replicas
        if replicas is None:
            return
        replicas.adopt(resource)
        if self.status.came_up and not self.status.ending:
            self._show_new_addresses()
            if renews_checks:
                self._renew_checks(replicas)

    def _renew_checks(self, replicas: ReplicaSet) -> None:
        if self._checking is not None:
            self._checking.cancel()
            self._checking = None
        self.status.checks, self.status.reports = health.checks_of(self._run, self._resource, replicas.drivers), ()
        self._check_health()
        self._refresh()

    @property
    def can_be_undone(self) -> bool:
        """Whether it has ended by itself, and its drivers can take back what it has left behind."""
        ended_by_itself = self._over and not self.is_stopping and self.status.came_up and not self._is_undone
        return ended_by_itself and self.status.replicas is not None and self.status.replicas.can_be_undone

    async def undo(self) -> str:
        """Have its drivers take back what it has left behind; returns what went wrong with that, in words."""
        assert self.status.replicas is not None
        self._is_undone = True
        trouble = await self.status.replicas.undo()
        if trouble:
            self._context.log(trouble)
        return trouble

    async def sleep(self, seconds: float) -> bool:
        """Let time pass until the next start; whether all of it has, as nothing told it to stop."""
        try:
            async with asyncio.timeout(seconds):
                while not self.is_stopping:
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            return True
        return False

    # Its life

    async def live(self) -> AttemptEnd:
        """Bring the resource up, keep it up, bring it down, and tell how it ended. Call :meth:`close` afterwards."""
        work = self._tasks.start(self._come_up_and_stay(), "bringing it up")
        work.add_done_callback(lambda _: self._wake.set())
        while not (work.done() or self.is_stopping or self._failure):
            self._wake.clear()
            await self._wake.wait()
        interrupted = not work.done()
        self.status.ending = True
        if interrupted:
            await self._interrupt(work)
        self._over = True
        return await self._bring_down(work, interrupted=interrupted)

    def give_up(self) -> None:
        """Cancel its tasks without waiting for them: the run is being killed, and the watchdog does the rest."""
        self._over = True
        self._tasks.cancel()

    async def close(self) -> None:
        """Call the ``on_stopped`` hooks, and end what is left of the start."""
        self._children.close()
        if self.status.came_up:
            await self._call_stopped_hooks()
        stubborn = await self._tasks.close(self._stop_seconds)
        if stubborn and not self.quarantined:
            self._quarantine("A task of it")

    @property
    def _stop_seconds(self) -> float:
        return self.status.replicas.kind.stop_timeout if self.status.replicas else HOOK_SECONDS

    async def _interrupt(self, work: asyncio.Task[int | None]) -> None:
        if self.status.replicas is not None:
            self._recorder.change(state=State.STOPPING, health=None, ready=False)
        work.cancel()
        await asyncio.wait([work], timeout=self._stop_seconds)
        if not work.done():
            self._quarantine("Its start")
            if self.status.replicas is not None:
                self.status.replicas.abandon()

    def _quarantine(self, what: str) -> None:
        self.quarantined = (
            f"{what} has not ended {self._stop_seconds:g} s after being cancelled, and is no longer waited for"
        )
        self._context.log(f"{self.quarantined}. It can't be started again in this run")

    async def _bring_down(self, work: asyncio.Task[int | None], *, interrupted: bool) -> AttemptEnd:
        error = self._error(work, interrupted=interrupted)
        by_itself = self._stop_reason is None or (not interrupted and error is None)
        replicas = self.status.replicas
        up_seconds = self.status.up_seconds
        trouble, stop_code, kept = "", None, False
        if replicas is not None:
            reason = None if by_itself else self._stop_reason
            trouble = await replicas.stop(reason or StopReason.FINISHED)
            stop_code, kept = replicas.views[0].exit_code, replicas.kept
        if error is not None and not by_itself:
            trouble = trouble or f"An error while it was being stopped: {error.message}"
            error = None
        if trouble:
            self._context.log(trouble)
        ended = error is None and by_itself and work.done() and not work.cancelled()
        return AttemptEnd(
            came_up=self.status.came_up,
            error=error,
            exit_code=work.result() if ended else stop_code,
            reason=trouble or (replicas.end_reason if replicas is not None and by_itself else ""),
            stop_reason=None if by_itself else self._stop_reason,
            kept=kept,
            up_seconds=up_seconds,
            remedy=replicas.end_remedy if replicas is not None and by_itself and not trouble else "",
        )

    def _error(self, work: asyncio.Task[int | None], *, interrupted: bool) -> FairleadError | None:
        """What ended the work of the start; None when it came to its end or was interrupted."""
        if self._failure is not None:
            return _as_fairlead_error(self._failure)
        if not work.done():
            return None
        if work.cancelled():
            text = "it was cancelled from within, by its driver or a function of the definition"
            return None if interrupted else StartError(text)
        error = work.exception()
        return _as_fairlead_error(error) if isinstance(error, Exception) else None

    def _fail(self, error: Exception) -> None:
        """A task that a driver spawned raised."""
        if self._over:
            self._context.log(f"An error after it had ended: {_as_fairlead_error(error).message}")
        elif self._failure is None:
            self._failure = error
            self._wake.set()

    # Bringing it up

    async def _come_up_and_stay(self) -> int | None:
        status = self.status
        for note in self._plan.notes:
            self._context.log(note)
        status.endpoints = endpoints_of(self._run, self._resource)
        await self._wait((*self._plan.waits, *self._plan.values))
        for hook in self._resource.before_start_hooks:
            with self._held_up_by(f"{_name_of(hook)} (on_before_start) has not come back yet"):
                await self._call_hook("on_before_start", hook)
        inputs = await self._inputs()
        services = StartServices(
            self._refresh,
            self._tasks,
            self._children,
            self._wait_for_more,
            status.early_checks,
            self._show_new_addresses,
            self._restart,
            self._is_restart,
        )
        status.replicas = ReplicaSet(self._run, self._resource, self._plan, inputs, services)
        await status.replicas.start()
        status.urls = await urls_of(self._run, self._resource, self._wait_for_more)
        status.checks = health.checks_of(self._run, self._resource, status.replicas.drivers)
        replicas = status.replicas
        self._recorder.set_offered(replicas.commands, can_be_undone=replicas.can_be_undone)
        status.up_since, status.started_at, status.came_up = time.monotonic(), time.time(), True
        status.ready = not status.checks and not self._resource.ready_hooks
        self._refresh()
        return await self._stay(status.replicas)

    async def _wait(self, conditions: Sequence[PlannedWait | PlannedValue]) -> None:
        pending = PendingConditions(conditions, self._run.behavior, self._context.log_state, self._run.wait_limit)
        earlier = self.status.waits
        while missing := self._missing_or_failed(pending, earlier):
            self._show_waits(missing, pending, earlier)
            shown = missing, pending.waits
            ids = (self._resource.name, *pending.resources)
            try:
                async with asyncio.timeout(pending.seconds_left(time.monotonic())):
                    await self._run.bus.wait_until(lambda shown=shown: self._judged(pending) != shown, ids)  # type: ignore[misc]
            except TimeoutError:
                continue  # what has taken too long is judged again
        self._show_waits((), pending, earlier)

    def _missing_or_failed(self, pending: PendingConditions, earlier: tuple[WaitView, ...]) -> tuple[str, ...]:
        """What is missing; a wait that fails the start is shown before."""
        try:
            return self._missing(pending)
        except DependencyFailed:
            self.status.waits = merged_waits((*earlier, *pending.waits))
            self._refresh()
            raise

    def _show_waits(self, missing: tuple[str, ...], pending: PendingConditions, earlier: tuple[WaitView, ...]) -> None:
        self.status.waiting_for, self.status.blocked_by = missing, pending.resources
        self.status.waits = merged_waits((*earlier, *pending.waits))
        self._refresh()

    def _judged(self, pending: PendingConditions) -> tuple[tuple[str, ...], tuple[WaitView, ...]]:
        return self._missing(pending), pending.waits

    def _missing(self, pending: PendingConditions) -> tuple[str, ...]:
        if self._skip_waits:
            pending.skip()
        return pending.missing(self._run.bus.snapshots, time.monotonic())

    async def _wait_for_more(self, condition: PlannedWait | PlannedValue) -> None:
        """Wait for what only turns out to be needed while the driver works; judged like any other wait."""
        if self.status.came_up:
            pending = PendingConditions([condition], self._run.behavior, self._context.log_state, None)
            await self._run.bus.wait_until(
                lambda: not pending.missing(self._run.bus.snapshots, time.monotonic()), [condition.target]
            )
        else:
            await self._wait([condition])

    async def _inputs(self) -> ProgramInputs:
        """What it is started with; what callbacks gave is waited for like what the definition gave."""
        if not isinstance(self._resource, Workload):
            return ProgramInputs({}, frozenset(), ())
        with self._held_up_by("its environment and argument callbacks have not come back yet"):
            files = await variables_of_files(self._resource, self._run.app.directory, os.environ, self._context.log)
            inputs = await collect_inputs(self._resource, files, self._run.plan.excluded, self._run.plan.inactive)
        await self._wait(inputs.needed_values(consumer_of(self._resource, Mode.RUN)))
        return replace(inputs, arguments=(*inputs.arguments, *self._more_arguments))

    # While it is up

    async def _stay(self, replicas: ReplicaSet) -> int | None:
        """Watch it until it has ended by itself, and tell its exit code."""
        self._check_health()
        self._tasks.spawn(self._become_ready(), "on_ready hooks")
        if self._run.wait_limit is not None:
            self._tasks.spawn(self._limit_unhealthy(self._run.wait_limit), "limit of health")
        return await replicas.wait()

    def _check_health(self) -> None:
        if not self.status.checks:
            self.status.became_healthy.set()
        else:
            self._checking = self._tasks.spawn(
                health.watch(self.status.checks, self._take_reports, self.status.early_checks), "health checks"
            )

    async def _become_ready(self) -> None:
        await self.status.became_healthy.wait()
        try:
            for hook in self._resource.ready_hooks:
                await self._call_hook("on_ready", hook)
        except StartError as error:
            self._context.log(error.message)
            report = HealthReport.of("on_ready", Health.unhealthy(error.message), time.time())
            self.status.hook_failure = replace(report, since=report.checked_at)
        else:
            self.status.ready = True
        self._refresh()

    async def _limit_unhealthy(self, seconds: float) -> None:
        """Fail it when it has not become healthy in time: no user is there who could help it."""
        try:
            async with asyncio.timeout(seconds):
                await self.status.became_healthy.wait()
        except TimeoutError:
            bad = reports_text(self.status.reports)
            raise DependencyFailed(
                f"it was not healthy within {seconds:g} s" + (f" ({bad})" if bad else ""),
                remedy="Mend its health check, or give it more time with --wait-limit.",
            ) from None

    def _take_reports(self, reports: tuple[HealthReport, ...]) -> None:
        status = self.status
        status.reports = reports = health.with_times(reports, status.reports)
        verdict = health.worst(reports)
        if verdict is not status.logged_health and (verdict is HealthStatus.HEALTHY or status.is_settled):
            status.logged_health = verdict
            bad = reports_text([report for report in reports if report.status is verdict])
            self._context.log_state(verdict if verdict is HealthStatus.HEALTHY else f"{verdict} ({bad})")
        if verdict is HealthStatus.HEALTHY:
            status.became_healthy.set()
        self._refresh()

    def _show_new_addresses(self) -> None:
        if self.status.came_up:
            self._tasks.spawn(self._show_urls(), "new addresses")

    async def _show_urls(self) -> None:
        self.status.urls = await urls_of(self._run, self._resource, self._wait_for_more)
        self.status.endpoints = endpoints_of(self._run, self._resource)
        self._refresh()

    def _refresh(self) -> None:
        """Show what the replicas, their drivers and the health checks say."""
        if not self._over:
            self._recorder.change(**self.status.snapshot_change())

    # Functions of the definition

    async def _call_stopped_hooks(self) -> None:
        for hook in self._resource.stopped_hooks:
            try:
                await with_time_limit(HOOK_SECONDS, self._call_hook("on_stopped", hook), "on_stopped")
            except StartError as error:
                self._context.log(error.message)
            except TimeoutError as error:
                self._context.log(f"{error}, and is no longer waited for")

    @contextmanager
    def _held_up_by(self, text: str) -> Iterator[None]:
        """Show what holds a start up when that takes long, as the reason why it is not up."""

        def show(reason: str) -> None:
            self.status.held_up_by = reason
            self._refresh()

        timer = asyncio.get_running_loop().call_later(LONG_SECONDS, show, text)
        try:
            yield
        finally:
            timer.cancel()
            show("")

    async def _call_hook(self, event: str, hook: Callable[..., object]) -> None:
        try:
            await self._context.call(hook)
        except Exception as error:
            raise StartError(f"{_name_of(hook)} ({event}) raised {type(error).__name__}: {error}") from error


def end_line(end: AttemptEnd) -> str:
    """A line for the log about how a resource ended that had been up."""
    if end.stop_reason is not None:
        return "Kept for the next run" if end.kept else "Stopped"
    if end.error is not None:
        return f"Ended: {end.error.explanation}"
    text = end_text(end.exit_code).removeprefix("was ")
    text = text[0].upper() + text[1:]
    return f"{text}: {end.reason}" if end.reason else text


def _name_of(hook: Callable[..., object]) -> str:
    return getattr(hook, "__name__", "a function")


def _as_fairlead_error(error: Exception) -> FairleadError:
    return error if isinstance(error, FairleadError) else StartError(f"{type(error).__name__}: {error}")
