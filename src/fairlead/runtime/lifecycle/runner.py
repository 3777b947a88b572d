"""The life of one resource, the same for every kind.

NotStarted → Waiting → Starting → Running → Stopping → Finished or Exited; FailedToStart from anywhere before Running.

A start has two parts. What brings it up and keeps it up can be interrupted at any moment, and is when somebody stops
it. What ends it (bringing down whatever is up, the hooks, the last state) always runs to its end, however the first
part ended. Commands on a resource are done one after the other, and once given are not taken back. Whatever a driver or
a function of the definition raises ends this resource's start, with the reason in its log, and nobody else's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fairlead.errors import FairleadError, NotRunning, StartError, UsageError, ValueMissing
from fairlead.model.driver import HostCommand
from fairlead.model.health import Health, HealthStatus
from fairlead.model.resource import Resource
from fairlead.model.state import State
from fairlead.model.workload import Workload
from fairlead.runtime.lifecycle import health
from fairlead.runtime.lifecycle.attempt import Attempt
from fairlead.runtime.lifecycle.context import HookContext
from fairlead.runtime.lifecycle.exit_codes import end_text
from fairlead.runtime.lifecycle.replicas import ReplicaSet
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.snapshot_recorder import SnapshotRecorder
from fairlead.runtime.lifecycle.time_limit import with_time_limit
from fairlead.runtime.lifecycle.urls import urls_of
from fairlead.runtime.lifecycle.waits import PendingConditions
from fairlead.runtime.plan import PlannedStart, PlannedValue, PlannedWait
from fairlead.runtime.snapshot import HealthReport
from fairlead.runtime.values.program_inputs import ProgramInputs, collect_inputs

STOPPED_HOOK_SECONDS = 10.0
"""How long an ``on_stopped`` hook may take: longer, and nothing behind it would ever be stopped."""

LONG_SECONDS = 1.0
"""How long a function of the definition may take before the state says that a start is held up by it."""

Spawn = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"]


class Runner:
    """Brings one resource up and down.

    Args:
        run: The run.
        resource: The resource.
        plan: What the plan says about its start.
        spawn: Starts a task that belongs to the run, under a name.
    """

    def __init__(self, run: Run, resource: Resource, plan: PlannedStart, spawn: Spawn) -> None:
        self._run = run
        self._resource = resource
        self._plan = plan
        self._spawn = spawn
        self._recorder = SnapshotRecorder(run, resource)
        self._context = HookContext(run, resource)
        self._operation = asyncio.Lock()
        self._attempt = Attempt()
        self._life: asyncio.Task[None] | None = None
        self.failure: FairleadError | None = None
        """Why its last start failed; None when it did not."""

    @property
    def name(self) -> str:
        """The resource's name."""
        return self._resource.name

    # Commands

    async def start(self) -> None:
        """Start it; one that waits stops waiting, and one that is up or coming up is left alone.

        Raises:
            NotRunning: The run is ending.
        """
        self._refuse_at_the_end()
        if not self._is_going:
            await self._order(self._start_now)
        elif self._recorder.state is State.WAITING:
            self._attempt.skip_waits = True
            self._run.bus.reevaluate(self.name)

    async def stop(self) -> None:
        """Stop it, and return when it has ended."""
        await self._order(self._end)

    async def restart(self) -> None:
        """Stop it if it runs, and start it again.

        Raises:
            NotRunning: The run is ending.
        """
        self._refuse_at_the_end()
        await self._order(self._restart_now)

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool) -> HostCommand:
        """What to run on this machine so that a command runs where the resource does; its first replica, if several.

        Args:
            argv: The command.
            terminal: Whether a person at a terminal runs it.

        Raises:
            UsageError: Its kind has no place for commands.
            NotRunning: It is not up.
            EngineError: What it takes to get there is not installed.
        """
        attempt = self._attempt
        if attempt.replicas is None or not attempt.came_up or attempt.ending:
            raise NotRunning(f"it is {self._recorder.state}", resource=self.name, remedy="Start it first.")
        found = attempt.replicas.drivers[0].exec_command(argv, terminal=terminal)
        if found is None:
            raise UsageError(
                f"its kind, {self._resource.kind}, has no place where a command could run", resource=self.name
            )
        return found

    @property
    def _is_going(self) -> bool:
        return self._life is not None and not self._life.done() and not self._attempt.ending

    def _refuse_at_the_end(self) -> None:
        if self._run.ending.is_set():
            raise NotRunning("the run is ending, so nothing is started any more", resource=self.name)

    async def _order(self, operation: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something after what was ordered before; goes on when whoever ordered it is cancelled."""

        async def in_turn() -> None:
            async with self._operation:
                await operation()

        await asyncio.shield(self._spawn(in_turn(), f"command on {self.name}"))

    async def _start_now(self) -> None:
        if not self._is_going:
            await self._end()  # what ended by itself may not be through with it
            self._begin()

    async def _restart_now(self) -> None:
        self._attempt.restarting = True  # so nobody takes the end in between for its end
        await self._end()
        self._begin()

    def _begin(self) -> None:
        self._attempt = Attempt()
        self.failure = None
        self._run.outputs.clear(self.name)
        self._recorder.record_start()
        self._life = self._spawn(self._live(self._attempt), f"life of {self.name}")

    async def _end(self) -> None:
        if self._life is not None and not self._life.done():
            self._attempt.stop_requested.set()
            await asyncio.wait([self._life])

    # One start, from its waits to its end

    async def _live(self, attempt: Attempt) -> None:
        work = asyncio.ensure_future(self._come_up_and_stay(attempt))
        asked = asyncio.ensure_future(attempt.stop_requested.wait())
        try:
            await asyncio.wait([work, asked], return_when=asyncio.FIRST_COMPLETED)
            attempt.interrupted = not work.done()
            attempt.ending = True
            if attempt.interrupted:
                await self._interrupt(attempt, work)
            await self._conclude(attempt, work)
        finally:
            asked.cancel()
            work.cancel()

    async def _interrupt(self, attempt: Attempt, work: asyncio.Future[int | None]) -> None:
        if attempt.replicas is not None:
            self._recorder.change(state=State.STOPPING, health=None, ready=False)
        work.cancel()
        patience = attempt.replicas.kind.stop_timeout if attempt.replicas else STOPPED_HOOK_SECONDS
        await asyncio.wait([work], timeout=patience)
        if not work.done():
            self._context.log(f"What was starting it has not reacted for {patience:g} s, and is left alone from now on")

    async def _conclude(self, attempt: Attempt, work: asyncio.Future[int | None]) -> None:
        """Bring down what is up, and show how it ended."""
        error = None if attempt.interrupted and work.cancelled() else _error_of(work)
        trouble = await attempt.replicas.stop() if attempt.replicas is not None else ""
        if error is not None and attempt.interrupted:
            trouble = trouble or f"Stopping it was not as smooth as it should be: {error.message}"
            error = None
        if trouble:
            self._context.log(trouble)
        if error is not None:
            self._show_failure(error)
        elif attempt.replicas is not None and attempt.came_up:
            self._show_end(attempt, attempt.replicas, work, trouble)
        else:
            self._show_no_start(attempt, trouble)
        if attempt.came_up:
            await self._call_stopped_hooks()

    def _show_failure(self, error: FairleadError) -> None:
        state = State.VALUE_MISSING if isinstance(error, ValueMissing) else State.FAILED_TO_START
        self.failure = error
        reason = self._recorder.record_failure(state, error, time.time())
        self._context.log(f"{'No value' if state is State.VALUE_MISSING else 'Failed to start'}: {reason}")

    def _show_end(self, attempt: Attempt, replicas: ReplicaSet, work: asyncio.Future[int | None], trouble: str) -> None:
        code = replicas.views[0].exit_code if attempt.interrupted else work.result()
        why = "" if attempt.interrupted else replicas.end_reason
        text = "stopped" if attempt.interrupted else end_text(code).removeprefix("was ")
        text = text[0].upper() + text[1:]
        self._context.log(f"{text}: {why}" if why else text)
        if not attempt.is_restart:
            self._recorder.record_end(
                replicas.kind.end_state,
                time.time(),
                exit_code=code,
                stop_requested=attempt.interrupted,
                reason=trouble or why,
            )

    def _show_no_start(self, attempt: Attempt, trouble: str) -> None:
        self._context.log("Stopped before it was up")
        if not attempt.is_restart:
            self._recorder.record_end(State.NOT_STARTED, time.time(), stop_requested=True, reason=trouble)

    async def _come_up_and_stay(self, attempt: Attempt) -> int | None:
        for note in self._plan.notes:
            self._context.log(note)
        await self._wait(attempt, (*self._plan.waits, *self._plan.values))
        for hook in self._resource.before_start_hooks:
            with self._at(f"{_name_of(hook)} (on_before_start) has not come back yet"):
                await self._hook("on_before_start", hook)
        settings = await self._settings(attempt)
        attempt.replicas = ReplicaSet(
            self._run, self._resource, settings, self._plan.replicas, lambda: self._refresh(attempt)
        )
        await attempt.replicas.start()
        urls = await urls_of(self._run, self._resource)
        attempt.checks = health.checks_of(self._run, self._resource, attempt.replicas.drivers)
        attempt.came_up = True
        attempt.up_since = time.monotonic()
        attempt.ready = not attempt.checks and not self._resource.ready_hooks
        self._recorder.change(started_at=time.time(), urls=urls, **attempt.snapshot_change())
        return await self._stay(attempt, attempt.replicas)

    async def _wait(self, attempt: Attempt, conditions: Sequence[PlannedWait | PlannedValue]) -> None:
        waiting = PendingConditions(conditions, self._run.behavior, self._context.log)

        def pending() -> tuple[str, ...]:
            if attempt.skip_waits:
                waiting.skip()
            return waiting.pending(self._run.bus.snapshots)

        while missing := pending():
            self._recorder.record_waiting(missing, waiting.resources)
            names = (self.name, *waiting.resources)
            await self._run.bus.wait_until(lambda shown=missing: pending() != shown, names)  # type: ignore[misc]
        self._recorder.record_waiting((), ())

    async def _settings(self, attempt: Attempt) -> ProgramInputs:
        """What it is started with; what callbacks gave is waited for like what the definition gave."""
        if not isinstance(self._resource, Workload):
            return ProgramInputs({}, frozenset(), ())
        with self._at("its environment and argument callbacks have not come back yet"):
            settings = await collect_inputs(self._resource, self._run.plan.excluded)
        await self._wait(attempt, settings.needed_values(self._resource))
        return settings

    async def _stay(self, attempt: Attempt, replicas: ReplicaSet) -> int | None:
        """Watch it until it has ended by itself, and tell its exit code."""
        if not attempt.checks:
            attempt.became_healthy.set()
        watching = [asyncio.ensure_future(self._become_ready(attempt))]
        if attempt.checks:
            watching.append(
                asyncio.ensure_future(
                    health.watch(attempt.checks, lambda reports: self._take_reports(attempt, reports))
                )
            )
        try:
            return await replicas.wait()
        finally:
            for task in watching:
                task.cancel()
            await asyncio.wait(watching)

    async def _become_ready(self, attempt: Attempt) -> None:
        await attempt.became_healthy.wait()
        try:
            for hook in self._resource.ready_hooks:
                await self._hook("on_ready", hook)
        except StartError as error:
            self._context.log(error.message)
            attempt.hook_failure = HealthReport.of("on_ready", Health.unhealthy(error.message), time.time())
        else:
            attempt.ready = True
        self._refresh(attempt)

    def _take_reports(self, attempt: Attempt, reports: tuple[HealthReport, ...]) -> None:
        attempt.reports = reports
        verdict = health.worst(reports)
        if verdict is not attempt.logged_health and (verdict is HealthStatus.HEALTHY or attempt.is_settled):
            attempt.logged_health = verdict
            bad = [f"{report.name}: {report.description}" for report in reports if report.status is verdict]
            self._context.log(verdict if verdict is HealthStatus.HEALTHY else f"{verdict} ({'; '.join(bad)})")
        if verdict is HealthStatus.HEALTHY:
            attempt.became_healthy.set()
        self._refresh(attempt)

    def _refresh(self, attempt: Attempt) -> None:
        """Show what the replicas, their drivers and their health checks say."""
        if attempt is self._attempt:
            self._recorder.change(**attempt.snapshot_change())

    # Functions of the definition

    async def _call_stopped_hooks(self) -> None:
        for hook in self._resource.stopped_hooks:
            try:
                await with_time_limit(STOPPED_HOOK_SECONDS, self._hook("on_stopped", hook), "on_stopped")
            except StartError as error:
                self._context.log(error.message)
            except TimeoutError as error:
                self._context.log(f"{error}, and is left alone from now on")

    @contextmanager
    def _at(self, text: str) -> Iterator[None]:
        """Show what a start is at when that takes long, as the reason why it is not up."""
        timer = asyncio.get_running_loop().call_later(LONG_SECONDS, lambda: self._recorder.change(reason=text))
        try:
            yield
        finally:
            timer.cancel()
            self._recorder.change(reason="")

    async def _hook(self, event: str, hook: Callable[..., object]) -> None:
        try:
            await self._context.call(hook)
        except Exception as error:
            raise StartError(f"{_name_of(hook)} ({event}) raised {type(error).__name__}: {error}") from error


def _name_of(hook: Callable[..., object]) -> str:
    return getattr(hook, "__name__", "a function")


def _error_of(work: asyncio.Future[int | None]) -> FairleadError | None:
    """What ended the work of a start; None when it came to its end or was interrupted."""
    if not work.done():
        return None
    if work.cancelled():
        return StartError("it was cancelled from within, by its driver or a function of the definition")
    error = work.exception()
    if error is None or isinstance(error, FairleadError):
        return error
    return StartError(f"{type(error).__name__}: {error}")
