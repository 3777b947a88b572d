"""The life of one resource, the same for every kind.

NotStarted → Waiting → Starting → Running → Stopping → Finished or Exited; FailedToStart from anywhere before Running. A
start runs in one task from its waits to its end. Commands on a resource are done one after the other. Whatever a driver
or a function of the definition raises ends this resource's start, with the reason in its log, and nobody else's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fairlead.errors import FairleadError, StartError, ValueMissing
from fairlead.model.health import Health, HealthStatus
from fairlead.model.resource import Resource
from fairlead.model.state import State
from fairlead.model.workload import Workload
from fairlead.runtime import health
from fairlead.runtime.commands import available
from fairlead.runtime.context import HookContext, host_consumer
from fairlead.runtime.environment import Settings, collect
from fairlead.runtime.plan import PlannedStart, PlannedValue
from fairlead.runtime.replicas import ReplicaSet
from fairlead.runtime.run import Run
from fairlead.runtime.snapshot import HealthReport, Snapshot
from fairlead.runtime.urls import urls_of
from fairlead.runtime.waits import Waiting

Spawn = Callable[..., "asyncio.Task[None]"]


@dataclass(slots=True)
class _Start:
    """What belongs to one start: it is thrown away when the next one begins."""

    skip_waits: asyncio.Event = field(default_factory=asyncio.Event)
    replicas: ReplicaSet | None = None
    reports: tuple[HealthReport, ...] = ()
    hook_failure: HealthReport | None = None
    came_up: bool = False


class Runner:
    """Brings one resource up and down, and shows how it is.

    Args:
        run: The run.
        resource: The resource.
        plan: What the plan says about its start.
        spawn: Starts a task that belongs to the run.
    """

    def __init__(self, run: Run, resource: Resource, plan: PlannedStart, spawn: Spawn) -> None:
        self._run = run
        self._resource = resource
        self._plan = plan
        self._spawn = spawn
        self._operation = asyncio.Lock()
        self._life: asyncio.Task[None] | None = None
        self._start = _Start()
        self._context = HookContext(run, resource)
        parent = resource.parent or resource.display_parent
        self._snapshot = Snapshot(
            name=resource.name, kind=resource.kind, parent=parent.name if parent else None, commands=()
        )
        self._show()

    @property
    def name(self) -> str:
        """The resource's name."""
        return self._resource.name

    @property
    def alive(self) -> bool:
        """Whether a start of it is under way or up."""
        return self._life is not None and not self._life.done()

    # Commands

    async def start(self) -> None:
        """Start it; one that waits stops waiting, and one that runs is left alone."""
        if self.alive:
            self._start.skip_waits.set()
            self._run.bus.publish(self._snapshot)  # nothing new to see; the waits look again
            return
        async with self._operation:
            if not self.alive:
                self._begin()

    async def stop(self) -> None:
        """Stop it, and return when it has ended."""
        async with self._operation:
            await self._end()

    async def restart(self) -> None:
        """Stop it if it runs, and start it again."""
        async with self._operation:
            await self._end()
            self._begin()

    def _begin(self) -> None:
        self._start = _Start()
        self._life = self._spawn(self._live(self._start), name=f"life of {self.name}")

    async def _end(self) -> None:
        life = self._life
        if life is None or life.done():
            return
        if self._start.replicas is not None:
            self._show(state=State.STOPPING, health=None, ready=False)
        life.cancel()
        try:
            await asyncio.wait([life])
        except asyncio.CancelledError:
            life.cancel()  # no patience left: what is still up is left to the watchdog
            raise

    # One start, from its waits to its end

    async def _live(self, start: _Start) -> None:
        self._run.outputs.clear(self.name)
        self._show(
            state=State.STARTING,
            health=None,
            reports=(),
            ready=False,
            exit_code=None,
            reason="",
            stop_requested=False,
            environment=(),
            starts=self._snapshot.starts + 1,
        )
        try:
            await self._wait(start)
            await self._bring_up(start)
            await self._stay(start)
        except asyncio.CancelledError:
            await self._bring_down(start)
        except ValueMissing as error:
            self._fail(State.VALUE_MISSING, error)
        except Exception as error:
            known = error if isinstance(error, FairleadError) else StartError(f"{type(error).__name__}: {error}")
            await self._fail_cleanly(start, known)
        await self._hooks_after_end(start)

    async def _wait(self, start: _Start) -> None:
        waiting = Waiting(
            self.name,
            self._plan.waits,
            self._plan.values,
            self._run.behavior,
            frozenset(resource.name for resource in self._run.app if resource.ready_when_finished),
            self._context.log,
        )

        def left() -> tuple[str, ...]:
            if start.skip_waits.is_set():
                return ()
            return waiting.pending(self._run.bus.snapshots, self._knows)

        while missing := left():
            self._show(state=State.WAITING, waiting_for=missing)
            shown = missing
            await self._run.bus.wait_until(lambda: left() != shown)  # noqa: B023  (it is awaited within the turn)
        if start.skip_waits.is_set():
            self._context.log("Started by hand, without waiting any longer")
        self._show(state=State.STARTING, waiting_for=())

    def _knows(self, value: PlannedValue) -> bool:
        return self._run.outputs.is_known(value.provider, value.output)

    async def _bring_up(self, start: _Start) -> None:
        for hook in self._resource.before_start_hooks:
            await self._hook("on_before_start", hook)
        settings = (
            await collect(self._resource, host_consumer(self._resource))
            if isinstance(self._resource, Workload)
            else Settings({}, frozenset(), ())
        )
        start.replicas = ReplicaSet(
            self._run, self._resource, settings, self._plan.replicas, lambda: self._replicas_changed(start)
        )
        await start.replicas.start()
        start.came_up = True
        self._show(
            state=start.replicas.kind.up_state,
            started_at=time.time(),
            urls=await urls_of(self._run, self._resource),
        )

    async def _stay(self, start: _Start) -> None:
        replicas = start.replicas
        assert replicas is not None
        checks = health.checks_of(self._run, self._resource, [replica.driver for replica in replicas.replicas])
        became_healthy = asyncio.Event()
        if not checks:
            became_healthy.set()
        watching = [
            asyncio.ensure_future(health.watch(checks, lambda reports: self._reported(start, reports, became_healthy)))
            if checks
            else None,
            asyncio.ensure_future(self._become_ready(start, became_healthy)),
        ]
        self._replicas_changed(start)
        try:
            code = await replicas.wait()
        finally:
            for task in watching:
                if task is not None:
                    task.cancel()
        await replicas.stop()
        self._context.log("Ended" if code is None else f"Ended with exit code {code}")
        self._show_end(replicas.kind.end_state, code)

    async def _bring_down(self, start: _Start) -> None:
        if start.replicas is None or not start.came_up:
            self._show(state=State.NOT_STARTED, waiting_for=(), health=None, ready=False, stop_requested=True)
            return
        await start.replicas.stop()
        self._context.log("Stopped")
        codes = [view.exit_code for view in start.replicas.views]
        self._show_end(start.replicas.kind.end_state, codes[0], stop_requested=True)

    async def _hooks_after_end(self, start: _Start) -> None:
        if start.came_up:
            for hook in self._resource.stopped_hooks:
                try:
                    await self._hook("on_stopped", hook)
                except StartError as error:
                    self._context.log(error.message)

    async def _become_ready(self, start: _Start, became_healthy: asyncio.Event) -> None:
        await became_healthy.wait()
        try:
            for hook in self._resource.ready_hooks:
                await self._hook("on_ready", hook)
        except StartError as error:
            self._context.log(error.message)
            start.hook_failure = HealthReport.of("on_ready", Health.unhealthy(error.message), time.time())
            self._replicas_changed(start)
            return
        self._show(ready=True)

    async def _hook(self, event: str, hook: Callable[..., object]) -> None:
        try:
            await self._context.call(hook)
        except Exception as error:
            name = getattr(hook, "__name__", "a function")
            raise StartError(f"{name} ({event}) raised {type(error).__name__}: {error}") from error

    # What is shown

    def _reported(self, start: _Start, reports: tuple[HealthReport, ...], became_healthy: asyncio.Event) -> None:
        before = health.worst(start.reports) if start.reports else None
        start.reports = reports
        verdict = health.worst(reports)
        if verdict is not before and before is not None:
            bad = [f"{report.name}: {report.description}" for report in reports if report.status is not verdict.HEALTHY]
            self._context.log(f"{verdict}" + (f" ({'; '.join(bad)})" if bad else ""))
        self._replicas_changed(start)
        if verdict is HealthStatus.HEALTHY:
            became_healthy.set()

    def _replicas_changed(self, start: _Start) -> None:
        """Show what the replicas, their drivers and their health checks say."""
        if start is not self._start or start.replicas is None:
            return
        replicas = start.replicas
        changes: dict[str, object] = {
            "replicas": replicas.views if len(replicas.views) > 1 else (),
            "properties": replicas.views[0].properties,
            "environment": replicas.variables,
        }
        state = self._snapshot.state
        if not start.came_up and state in (State.STARTING, State.BUILDING, State.WAITING):
            changes["state"] = replicas.reported_state or State.STARTING
        elif start.came_up and state in (replicas.kind.up_state, State.RUNTIME_UNHEALTHY):
            changes["state"] = replicas.reported_state or replicas.kind.up_state
            changes["reports"] = reports = self._all_reports(start)
            changes["health"] = self._health(start, reports) if changes["state"] is replicas.kind.up_state else None
        self._show(**changes)

    def _all_reports(self, start: _Start) -> tuple[HealthReport, ...]:
        return start.reports + ((start.hook_failure,) if start.hook_failure else ())

    def _health(self, start: _Start, reports: tuple[HealthReport, ...]) -> HealthStatus:
        """The worst report; unhealthy while one is missing, or while a replica has ended."""
        assert start.replicas is not None
        unanswered = self._has_checks(start) and not start.reports
        if unanswered or start.replicas.running < len(start.replicas.views):
            return HealthStatus.UNHEALTHY
        return health.worst(reports)

    def _has_checks(self, start: _Start) -> bool:
        assert start.replicas is not None
        return bool(health.checks_of(self._run, self._resource, [r.driver for r in start.replicas.replicas]))

    async def _fail_cleanly(self, start: _Start, error: FairleadError) -> None:
        if start.replicas is not None:
            try:
                await start.replicas.stop()
            except Exception as trouble:  # the first error is the one that explains the failure
                self._context.log(f"Stopping it failed too: {trouble}")
        self._fail(State.FAILED_TO_START, error)

    def _fail(self, state: State, error: FairleadError) -> None:
        reason = f"{error.message} {error.remedy}" if error.remedy else error.message
        self._context.log(f"{'No value' if state is State.VALUE_MISSING else 'Failed to start'}: {reason}")
        self._show(state=state, reason=reason, health=None, ready=False, waiting_for=(), stopped_at=time.time())

    def _show_end(self, state: State, code: int | None, *, stop_requested: bool = False) -> None:
        self._show(
            state=state,
            exit_code=code,
            health=None,
            ready=False,
            stop_requested=stop_requested,
            stopped_at=time.time(),
            replicas=self._start.replicas.views if self._start.replicas and self._plan.replicas > 1 else (),
        )

    def _show(self, **changes: object) -> None:
        snapshot = replace(self._snapshot, **changes)  # type: ignore[arg-type]
        self._snapshot = replace(snapshot, commands=available(self._resource, snapshot.state))
        self._run.bus.publish(self._snapshot)
