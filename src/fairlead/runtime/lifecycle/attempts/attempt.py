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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from fairlead.engines.tasks import TaskScope, with_time_limit
from fairlead.errors import FairleadError, StartError
from fairlead.model.composition.contributions import consumer_of
from fairlead.model.driving.driver import StopReason
from fairlead.model.endpoints.consumer import Mode
from fairlead.model.health import Health
from fairlead.model.observation.snapshot import HealthReport
from fairlead.model.observation.state import State
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource
from fairlead.runtime.lifecycle.attempts.end import AttemptEnd
from fairlead.runtime.lifecycle.attempts.health import AttemptHealth
from fairlead.runtime.lifecycle.attempts.status import AttemptStatus
from fairlead.runtime.lifecycle.attempts.waits import AttemptWaits
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.health import checks_of
from fairlead.runtime.lifecycle.observed_children import ObservedChildren
from fairlead.runtime.lifecycle.replica_context import StartServices
from fairlead.runtime.lifecycle.replicas import ReplicaSet
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.snapshot_recorder import SnapshotRecorder
from fairlead.runtime.lifecycle.urls import endpoints_of, urls_of
from fairlead.runtime.plan import PlannedStart
from fairlead.runtime.values.env_files import variables_of_files
from fairlead.runtime.values.program_inputs import ProgramInputs, collect_inputs

HOOK_SECONDS = 10.0
"""Limit of an ``on_stopped`` hook; one that never returns would block the rest of the shutdown."""

LONG_SECONDS = 1.0
"""How long a function of the definition may take before the state says that a start is held up by it."""


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
        self._waits = AttemptWaits(run, resource.name, self.status, self._context.log_state, self._refresh)
        self._health = AttemptHealth(self.status, self._tasks, self._context.log_state, self._refresh)
        self._stop_reason: StopReason | None = None
        self._failure: Exception | None = None
        self._wake = asyncio.Event()
        self._over = False
        self._is_restart = is_restart
        self._is_undone = False

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
        self._waits.skip()

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
                self._health.renew(checks_of(self._run, resource, replicas.drivers))

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
        await self._waits.wait((*self._plan.waits, *self._plan.values))
        for hook in self._resource.before_start_hooks:
            with self._held_up_by(f"{_name_of(hook)} (on_before_start) has not come back yet"):
                await self._call_hook("on_before_start", hook)
        inputs = await self._inputs()
        services = StartServices(
            self._refresh,
            self._tasks,
            self._children,
            self._waits.wait_for_more,
            status.early_checks,
            self._show_new_addresses,
            self._restart,
            self._is_restart,
        )
        status.replicas = ReplicaSet(self._run, self._resource, self._plan, inputs, services)
        await status.replicas.start()
        status.urls = await urls_of(self._run, self._resource, self._waits.wait_for_more)
        status.checks = checks_of(self._run, self._resource, status.replicas.drivers)
        replicas = status.replicas
        self._recorder.set_offered(replicas.commands, can_be_undone=replicas.can_be_undone)
        status.up_since, status.started_at, status.came_up = time.monotonic(), time.time(), True
        status.ready = not status.checks and not self._resource.ready_hooks
        self._refresh()
        return await self._stay(status.replicas)

    async def _inputs(self) -> ProgramInputs:
        """What it is started with; what callbacks gave is waited for like what the definition gave."""
        if not isinstance(self._resource, Workload):
            return ProgramInputs({}, frozenset(), ())
        with self._held_up_by("its environment and argument callbacks have not come back yet"):
            files = await variables_of_files(self._resource, self._run.app.directory, os.environ, self._context.log)
            inputs = await collect_inputs(self._resource, files, self._run.plan.excluded, self._run.plan.inactive)
        await self._waits.wait(inputs.needed_values(consumer_of(self._resource, Mode.RUN)))
        return replace(inputs, arguments=(*inputs.arguments, *self._more_arguments))

    # While it is up

    async def _stay(self, replicas: ReplicaSet) -> int | None:
        """Watch it until it has ended by itself, and tell its exit code."""
        self._health.begin()
        self._tasks.spawn(self._become_ready(), "on_ready hooks")
        if self._run.wait_limit is not None:
            self._tasks.spawn(self._health.limit_unhealthy(self._run.wait_limit), "limit of health")
        return await replicas.wait()

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

    def _show_new_addresses(self) -> None:
        if self.status.came_up:
            self._tasks.spawn(self._show_urls(), "new addresses")

    async def _show_urls(self) -> None:
        self.status.urls = await urls_of(self._run, self._resource, self._waits.wait_for_more)
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


def _name_of(hook: Callable[..., object]) -> str:
    return getattr(hook, "__name__", "a function")


def _as_fairlead_error(error: Exception) -> FairleadError:
    return error if isinstance(error, FairleadError) else StartError(f"{type(error).__name__}: {error}")
