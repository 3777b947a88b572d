"""One resource: its states, its hooks, its commands, and what goes wrong with it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import pytest
from tests.support.kinds import Hasty, Odd
from tests.support.stage import stage

from fairlead import AppBuilder, DriverContext, Health, NotRunning, ResourceFailed, StartError, State, UsageError, ref
from fairlead.model.health import HealthStatus
from fairlead.model.wait import WaitBehavior
from fairlead.runtime.lifecycle.attempts import attempt as attempt_module
from fairlead.runtime.lifecycle.commands import CommandError
from fairlead.testing import InMemory


class Trace:
    """Notes the calls of hooks, and can hold them back."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate = asyncio.Event()

    def sync(self, name: str) -> Any:
        return lambda: self.calls.append(name)

    def value(self, name: str) -> Any:
        def callback() -> str:
            self.calls.append(name)
            return str(len(self.calls))

        return callback

    def held(self, name: str) -> Any:
        async def hook() -> None:
            self.calls.append(name)
            await self.gate.wait()

        return hook


async def forever(*_: object) -> None:
    await asyncio.get_running_loop().create_future()


async def deaf(*_: object) -> None:
    """Ignore being cancelled, the first time: the event loop does it again when the test is over."""
    try:
        await forever()
    except asyncio.CancelledError:
        await forever()


def raising(error: BaseException) -> Any:
    async def fail(*_: object) -> None:
        raise error

    return fail


# States


async def test_a_life_from_start_to_stop() -> None:
    """A resource must go through the states of its life in order, and be the same again when started anew."""
    async with stage(lambda app: app.add(InMemory("a"))) as shown:
        await shown.wait_healthy("a")
        await shown.command("a", "stop")
        stopped = shown.snapshot("a")
        await shown.command("a", "start")
        again = await shown.wait_healthy("a")
    assert shown.states("a") == [
        "NotStarted", "Starting", "Running", "Stopping", "Finished", "Starting", "Running", "Stopping", "Finished",
    ]  # fmt: skip
    assert (stopped.stop_requested, stopped.exit_code, stopped.health, stopped.ready) == (True, 0, None, False)
    assert (again.stop_requested, again.exit_code, again.starts) == (False, None, 2)
    assert shown.memory("a").events == ["start", "stop", "start", "stop"]


@pytest.mark.parametrize(
    ("code", "told"), [(0, "Ended with exit code 0"), (3, "Ended with exit code 3"), (-9, "Killed by SIGKILL")]
)
async def test_ending_by_itself(code: int, told: str) -> None:
    """What ends by itself must be Finished with its exit code, at once, and be brought down all the same."""
    async with stage(lambda app: app.add(InMemory("a", exit_code=code))) as shown:
        ended = await shown.reach("a", State.FINISHED)
        assert (ended.exit_code, ended.stop_requested, ended.health) == (code, False, None)
        assert told in shown.text("a")
        assert [snapshot.name for snapshot in shown.host.failures] == ([] if code == 0 else ["a"])
        assert shown.host.is_over


async def test_a_start_that_fails_says_why() -> None:
    """A driver's error must make the resource FailedToStart with the reason, in its picture and in its log."""
    async with stage(lambda app: app.add(InMemory("a", fails="no disk"))) as shown:
        failed = await shown.reach("a", State.FAILED_TO_START)
        assert failed.reason == "no disk"
        assert "Failed to start: no disk" in shown.text("a")
        shown.memory("a").fails = None
        await shown.command("a", "start")
        assert (await shown.wait_healthy("a")).reason == ""


@pytest.mark.parametrize(
    ("step", "error", "reason"),
    [
        ("start", ValueError("bad"), "ValueError: bad"),
        ("start", SystemExit(3), "its driver called sys.exit(3)"),
        ("start", asyncio.CancelledError(), "it was cancelled from within"),
        ("wait", ValueError("bad"), "ValueError: bad"),
        ("wait", SystemExit(3), "its driver called sys.exit(3)"),
        ("wait", asyncio.CancelledError(), "it was cancelled from within"),
    ],
)
async def test_what_a_driver_raises_stays_with_its_resource(step: str, error: BaseException, reason: str) -> None:
    """Whatever a driver raises must be the reason why its own resource failed, and touch no other."""

    def define(app: AppBuilder) -> None:
        app.add(Odd("a", **{step: raising(error)}))
        app.add(InMemory("b"))

    async with stage(define) as shown:
        failed = await shown.reach("a", State.FAILED_TO_START if step == "start" else State.FINISHED)
        assert reason in failed.reason
        assert (await shown.wait_healthy("b")).state is State.RUNNING


async def test_a_driver_that_is_not_there() -> None:
    """A kind whose driver can't be loaded must fail with its name and a remedy, not with an ImportError."""

    class Strange(InMemory):
        driver = "no.such.package:Driver"

    async with stage(lambda app: app.add(Strange("a"))) as shown:
        failed = await shown.reach("a", State.FAILED_TO_START)
        assert "'no.such.package:Driver'" in failed.reason and "Install" in failed.reason


async def test_explicit_start_waits_for_a_person() -> None:
    """What has an explicit start must stay NotStarted, without Waiting, until it is started."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("a"))
        app.add(InMemory("b").wait_for(app.add(InMemory("c"))).with_explicit_start())

    async with stage(define) as shown:
        await shown.wait_healthy("c")
        assert shown.states("b") == ["NotStarted"]
        assert [command.name for command in shown.snapshot("b").commands if command.enabled] == ["start"]
        await shown.command("b", "start")
        await shown.wait_healthy("b")


async def test_a_start_is_seen_at_once() -> None:
    """Once a start has been ordered the old end must not be seen any more: who waits next would take it for the new."""
    async with stage(lambda app: app.add(InMemory("a", exit_code=1, fails=None))) as shown:
        await shown.reach("a", State.FINISHED)
        shown.memory("a").exit_code = None
        await shown.command("a", "start")
        assert shown.snapshot("a").state is not State.FINISHED
        assert (await shown.wait_for("a", "running")).starts == 2


async def test_a_state_reported_by_the_driver() -> None:
    """A driver must be able to show a state of its own while it starts and while it is up, and take it back."""
    steps: asyncio.Queue[State] = asyncio.Queue()

    async def report(context: DriverContext) -> None:
        while True:
            context.report(await steps.get(), detail="x")

    async def start(context: DriverContext) -> None:
        context.report(State.BUILDING, image="one")

    async with stage(lambda app: app.add(Odd("a", start=start, wait=report))) as shown:
        await shown.wait_healthy("a")
        for state in (State.RUNTIME_UNHEALTHY, State.RUNNING, State.BUILDING, State.RUNNING):
            steps.put_nowait(state)
            seen = await shown.reach("a", state)
            assert seen.health is (HealthStatus.HEALTHY if state is State.RUNNING else None)
    assert shown.states("a") == [
        "NotStarted", "Starting", "Building", "Running", "RuntimeUnhealthy", "Running", "Building", "Running",
        "Stopping", "Finished",
    ]  # fmt: skip
    assert dict(shown.history["a"][-1].properties) == {"image": "one", "detail": "x"}


# Stopping


async def test_stopping_what_waits() -> None:
    """A resource that waits must be stopped at once, be NotStarted again, and wait again when started again."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("b").wait_for(app.add(InMemory("a", blocks_start=True))))

    async with stage(define) as shown:
        await shown.reach("b", State.WAITING)
        await shown.command("b", "stop")
        stopped = shown.snapshot("b")
        assert (stopped.state, stopped.waiting_for, stopped.stop_requested) == (State.NOT_STARTED, (), True)
        assert shown.memory("b").events == []
        await shown.command("b", "start")
        await shown.reach("b", State.WAITING)


async def test_stopping_what_starts() -> None:
    """A start under way must be cancelled in the driver, and leave the resource NotStarted."""
    seen: list[str] = []
    began = asyncio.Event()

    async def start(context: DriverContext) -> None:
        began.set()
        try:
            await forever()
        finally:
            seen.append("cleaned up")

    async with stage(lambda app: app.add(Odd("a", start=start))) as shown:
        await began.wait()
        await shown.command("a", "stop")
        assert shown.snapshot("a").state is State.NOT_STARTED
        assert seen == ["cleaned up"]


async def test_stopping_twice_and_starting_meanwhile() -> None:
    """A start that is ordered while the resource stops must come after the stop, and not be lost."""
    gate = asyncio.Event()

    async def stop(context: DriverContext) -> None:
        await gate.wait()

    async with stage(lambda app: app.add(Odd("a", stop=stop))) as shown:
        await shown.wait_healthy("a")
        orders = [asyncio.ensure_future(shown.command("a", "stop")) for _ in range(2)]
        await shown.reach("a", State.STOPPING)
        orders.append(asyncio.ensure_future(shown.command("a", "start")))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*orders)
        assert (await shown.wait_healthy("a")).starts == 2


@pytest.mark.parametrize("stop", [raising(OSError("stuck")), forever, deaf])
async def test_a_stop_that_raises_or_hangs(stop: Any) -> None:
    """A driver that can't be stopped must not hold up anybody: the resource ends, with the reason, and can start."""
    async with stage(lambda app: app.add(Hasty("a", stop=stop))) as shown:
        await shown.wait_healthy("a")
        await shown.command("a", "stop")
        ended = shown.snapshot("a")
        assert ended.state is State.FINISHED and "could not be stopped" in ended.reason
        assert "could not be stopped" in shown.text("a")
        await shown.command("a", "start")
        await shown.wait_healthy("a")


async def test_a_start_that_does_not_hear() -> None:
    """A driver whose start ignores being cancelled must be left behind after its time, not waited for for ever."""
    began = asyncio.Event()

    async def start(context: DriverContext) -> None:
        began.set()
        await deaf()

    async with stage(lambda app: app.add(Hasty("a", start=start))) as shown:
        await began.wait()
        await shown.command("a", "stop")
        stopped = shown.snapshot("a")
        assert stopped.state is State.FAILED_TO_START
        assert "has not ended 0.05 s after being cancelled" in stopped.reason
        for command in ("start", "restart"):
            with pytest.raises(NotRunning, match="can't be started again in this run"):
                await shown.command("a", command)


async def test_a_start_that_comes_up_after_all() -> None:
    """A start that ignored its cancellation and comes up long after must be brought down at once."""
    began, gate, stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def start(context: DriverContext) -> None:
        began.set()
        while not gate.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await gate.wait()

    async def stop(context: DriverContext) -> None:
        stopped.set()

    async with stage(lambda app: app.add(Hasty("a", start=start, stop=stop))) as shown:
        await began.wait()
        await shown.command("a", "stop")
        assert not stopped.is_set()
        gate.set()
        await asyncio.wait_for(stopped.wait(), 40)
        assert shown.snapshot("a").state is State.FAILED_TO_START


async def test_a_wait_that_raises_is_an_end() -> None:
    """What came up and whose driver then fails has ended: with the reason, and as a failure, not as one to start."""

    async def wait(context: DriverContext) -> int:
        raise StartError("the connection is lost")

    def define(app: AppBuilder) -> None:
        app.add(Odd("a", wait=wait))

    async with stage(define) as shown:
        ended = await shown.reach("a", State.FINISHED)
        assert State.FAILED_TO_START not in {snapshot.state for snapshot in shown.history["a"]}
        assert (ended.reason, ended.stop_requested) == ("the connection is lost", False)
        assert [failed.name for failed in shown.host.failures] == ["a"]


async def test_work_beside_a_driver() -> None:
    """What a driver spawns must be cancelled when the resource has stopped; an error in it must end the resource."""
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await forever()
        finally:
            cancelled.set()

    async def fail() -> None:
        raise StartError("the pump broke")

    async def start_well(context: DriverContext) -> None:
        context.spawn(work(), "work")

    async def start_badly(context: DriverContext) -> None:
        context.spawn(fail(), "work")

    def define(app: AppBuilder) -> None:
        app.add(Odd("good", start=start_well))
        app.add(Odd("bad", start=start_badly))

    async with stage(define) as shown:
        ended = await shown.until("bad", lambda snapshot: snapshot.state.is_terminal)
        assert ended.reason == "the pump broke"
        await shown.wait_healthy("good")
        assert not cancelled.is_set()
        await shown.command("good", "stop")
        assert cancelled.is_set()


async def test_an_error_while_it_is_stopped_is_no_failed_start() -> None:
    """What a driver raises because it was cancelled must be logged, and the resource be shown as stopped."""

    began = asyncio.Event()

    async def start(context: DriverContext) -> None:
        began.set()
        try:
            await forever()
        except asyncio.CancelledError:
            raise StartError("interrupted") from None

    async with stage(lambda app: app.add(Odd("a", start=start))) as shown:
        await began.wait()
        await shown.command("a", "stop")
        assert shown.snapshot("a").state is State.NOT_STARTED
        assert "interrupted" in shown.text("a")


async def test_a_caller_that_goes_away_does_not_take_the_order_back() -> None:
    """A stop or restart whose caller is cancelled must still be carried out to its end."""
    gate = asyncio.Event()

    async def stop(context: DriverContext) -> None:
        await gate.wait()

    async with stage(lambda app: app.add(Odd("a", stop=stop))) as shown:
        await shown.wait_healthy("a")
        order = asyncio.ensure_future(shown.command("a", "restart"))
        await shown.reach("a", State.STOPPING)
        order.cancel()
        gate.set()
        assert (await shown.until("a", lambda snapshot: snapshot.starts == 2)).state is not State.FINISHED
        await shown.wait_healthy("a")


async def test_a_storm_of_commands_ends_consistent() -> None:
    """However commands come, each start must be stopped before the next one, and the last state must be true."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("b").wait_for(app.add(InMemory("a"))))

    async with stage(define) as shown:
        orders = [
            asyncio.ensure_future(shown.command(name, command))
            for command in ("start", "stop", "restart", "stop", "start", "restart", "start", "stop", "start") * 10
            for name in ("a", "b")
        ]
        await asyncio.gather(*orders)
        await shown.command("a", "start")
        await shown.command("b", "start")
        await shown.wait_healthy("b")
        for name in ("a", "b"):
            events = shown.memory(name).events
            assert events == ["start", "stop"] * (len(events) // 2) + ["start"] or "startstart" not in "".join(events)
            assert len([driver for driver in shown.memory(name).drivers if not driver._ended.done()]) == 1
    assert shown.states("a")[-1] == shown.states("b")[-1] == "Finished"


async def test_a_restart_shows_no_end() -> None:
    """A restart must not be taken for an end by those who wait, who would give up."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("b").wait_for(app.add(InMemory("a", healthy=False))))

    async with stage(define, WaitBehavior.FAIL_FAST) as shown:
        await shown.reach("a", State.RUNNING)
        await shown.reach("b", State.WAITING)
        await shown.command("a", "restart")
        shown.memory("a").healthy = True
        await shown.wait_healthy("b")
    assert "Finished" not in shown.states("a")[:-1]


async def test_nothing_starts_while_the_run_ends() -> None:
    """A start that is ordered when the run ends must be refused, and leave nothing up."""
    async with stage(lambda app: app.add(InMemory("a"))) as shown:
        await shown.wait_healthy("a")
    with pytest.raises(NotRunning, match="ending"):
        await shown.command("a", "start")
    with pytest.raises(NotRunning, match="ending"):
        await shown.command("a", "restart")
    assert shown.memory("a").events == ["start", "stop"]


# Hooks and callbacks


async def test_the_order_of_events() -> None:
    """Hooks must be called in the order of a life, in their order of declaration, ``def`` and ``async def`` alike."""
    trace = Trace()
    trace.gate.set()

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).on_before_start(trace.sync("before")).on_before_start(trace.held("before too"))
        a.with_environment("X", trace.value("callback"))
        a.on_ready(trace.sync("ready")).on_ready(trace.held("ready too"))
        a.on_stopped(trace.sync("stopped")).on_stopped(trace.held("stopped too"))
        app.on_before_start(trace.sync("app"))

    async with stage(define) as shown:
        await shown.wait_healthy("a")
        assert trace.calls == ["app", "before", "before too", "callback", "ready", "ready too"]
        trace.calls.clear()
        await shown.command("a", "restart")
        await shown.wait_healthy("a")
        assert trace.calls == [
            "stopped", "stopped too", "before", "before too", "callback", "ready", "ready too"
        ]  # fmt: skip


async def test_a_hook_before_the_start_that_raises() -> None:
    """A raising ``on_before_start`` must fail the start with its name; the driver must not have been asked."""

    def check_disk() -> None:
        raise OSError("full")

    async with stage(lambda app: app.add(InMemory("a").on_before_start(check_disk))) as shown:
        failed = await shown.reach("a", State.FAILED_TO_START)
        assert failed.reason == "check_disk (on_before_start) raised OSError: full"
        assert shown.memory("a").events == []


async def test_ready_hooks_hold_waiters_back() -> None:
    """Who waits for a resource must wait for its ``on_ready`` hooks too, and be shown as waiting for that."""
    trace = Trace()

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).on_ready(trace.held("ready"))
        app.add(InMemory("b").wait_for(a))
        app.add(InMemory("c").wait_for_start(a))

    async with stage(define) as shown:
        await shown.wait_healthy("c")
        waiting = await shown.until("b", lambda snapshot: snapshot.waiting_for == ("a to be ready",))
        assert waiting.blocked_by == ("a",)
        trace.gate.set()
        await shown.wait_healthy("b")
    assert trace.calls == ["ready"]


async def test_a_ready_hook_that_raises() -> None:
    """A raising ``on_ready`` must make the resource unhealthy with the reason; nobody who waits may start."""

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).on_ready(raising(ValueError("no seed data")))
        app.add(InMemory("b").wait_for(a))

    async with stage(define) as shown:
        sick = await shown.until("a", lambda snapshot: any(report.name == "on_ready" for report in snapshot.reports))
        assert sick.health is HealthStatus.UNHEALTHY and "no seed data" in sick.reports[-1].description
        assert shown.snapshot("b").state is State.WAITING
        assert shown.snapshot("a").state is State.RUNNING


async def test_a_ready_hook_that_raises_is_a_failure() -> None:
    """Where nobody can help, a raising ``on_ready`` must fail who waits and count as a failure, until started again."""
    broken = [True]

    async def seed() -> None:
        if broken[0]:
            raise ValueError("no seed data")

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).on_ready(seed)
        app.add(InMemory("b").wait_for(a))

    async with stage(define, WaitBehavior.FAIL_FAST) as shown:
        failed = await shown.reach("b", State.FAILED_TO_START)
        why = "a will not be ready (seed (on_ready) raised ValueError: no seed data)"
        assert failed.reason == f"it waits for a to be healthy, but {why}"
        with pytest.raises(ResourceFailed) as raised:
            await shown.wait_healthy("a")
        assert raised.value.message == why
        assert [snapshot.name for snapshot in shown.host.failures] == ["a", "b"]
        broken[0] = False
        await shown.command("a", "restart")
        assert (await shown.wait_healthy("a")).ready_failure == ""


async def test_a_stop_during_a_ready_hook() -> None:
    """A resource that is stopped while a hook runs must not become ready afterwards."""
    trace = Trace()
    async with stage(lambda app: app.add(InMemory("a").on_ready(trace.held("ready")))) as shown:
        await shown.until("a", lambda _: bool(trace.calls) or shown.snapshot("a").state is State.RUNNING)
        await shown.command("a", "stop")
        trace.gate.set()
        assert not shown.snapshot("a").ready
    assert not any(snapshot.ready for snapshot in shown.history["a"])


@pytest.mark.parametrize("hook", [raising(ValueError("late")), forever, deaf, lambda: sys.exit(4)])
async def test_a_stopped_hook_that_raises_or_hangs(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken ``on_stopped`` must be told in the log; it must neither change the end nor hold anything up."""
    monkeypatch.setattr(attempt_module, "HOOK_SECONDS", 0.1)
    async with stage(lambda app: app.add(InMemory("a").on_stopped(hook))) as shown:
        await shown.wait_healthy("a")
        await shown.command("a", "stop")
        assert shown.snapshot("a").state is State.FINISHED
        assert "on_stopped" in shown.text("a")


async def test_callbacks_are_called_once_per_start() -> None:
    """Environment and argument callbacks must be called once for each start, also with several replicas."""
    trace = Trace()
    calls = trace.calls

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).with_replicas(2)
        a.with_environment("N", trace.value("env"))

        async def more() -> list[str]:
            calls.append("args")
            return ["--one", "--two"]

        a.with_args("zero", more)

    async with stage(define) as shown:
        await shown.wait_healthy("a")
        assert calls == ["env", "args"]
        assert (shown.memory("a").seen["N"], shown.memory("a").seen_arguments) == ("1", ["zero", "--one", "--two"])
        await shown.command("a", "restart")
        await shown.wait_healthy("a")
        assert calls == ["env", "args"] * 2 and shown.memory("a").seen["N"] == "3"


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        (raising(ValueError("no file")), "the callback of X raised ValueError: no file"),
        (lambda: None, "the callback of X returned None"),
        (lambda: [1], "the callback of X returned list"),
        (lambda: sys.exit(1), "the callback of X raised RuntimeError: it called sys.exit(1)"),
        (lambda: "a\0b", "the variable X holds a zero byte"),
    ],
)
async def test_callbacks_that_go_wrong(callback: Any, reason: str) -> None:
    """A callback that raises, or gives what can't be a value, must fail the start and name the variable."""
    async with stage(lambda app: app.add(InMemory("a").with_environment("X", callback))) as shown:
        assert reason in (await shown.reach("a", State.FAILED_TO_START)).reason


# Commands


async def test_own_commands() -> None:
    """A resource's own command must be offered, called with its context, and answer with what it returned."""

    async def greet(context: Any) -> str:
        context.log("greeting")
        return f"hello from {context.resource.name}"

    async with stage(lambda app: app.add(InMemory("a").with_command("greet", greet, confirm="Sure?"))) as shown:
        await shown.wait_healthy("a")
        offered = {command.name: command.confirm for command in shown.snapshot("a").commands}
        assert offered == {"start": None, "stop": None, "restart": None, "greet": "Sure?"}
        assert await shown.command("A", "greet") == "hello from a"
        assert "greeting" in shown.text("a")


async def test_commands_that_go_wrong() -> None:
    """A raising command, an unknown one and an unknown resource must each be one clear error, and change nothing."""
    async with stage(
        lambda app: app.add(InMemory("api").with_command("seed", raising(ValueError("no table"))))
    ) as shown:
        await shown.wait_healthy("api")
        with pytest.raises(CommandError, match="api: seed raised ValueError: no table"):
            await shown.command("api", "seed")
        with pytest.raises(UsageError, match=r"no command 'sed'.*'seed'"):
            await shown.command("api", "sed")
        with pytest.raises(UsageError, match=r"Did you mean 'api'"):
            await shown.host.supervisor.command("apy", "stop")
        assert shown.snapshot("api").state is State.RUNNING


# Replicas


async def test_replicas_count_as_one() -> None:
    """Replicas must be up together; when one ends the resource is unhealthy and says which; all ended is its end."""
    async with stage(lambda app: app.add(InMemory("a").with_replicas(2))) as shown:
        running = await shown.wait_healthy("a")
        assert [view.state for view in running.replicas] == [State.RUNNING] * 2
        shown.memory("a").drivers[1].end(3)
        sick = await shown.until("a", lambda snapshot: snapshot.health is HealthStatus.UNHEALTHY)
        assert (sick.state, sick.reason) == (State.RUNNING, "a-2 ended with exit code 3")
        assert "a-2 ended with exit code 3" in shown.text("a")
        shown.memory("a").drivers[0].end(0)
        ended = await shown.reach("a", State.FINISHED)
        assert (ended.exit_code, [view.exit_code for view in ended.replicas]) == (3, [0, 3])


async def test_a_replica_that_fails_takes_the_others_along() -> None:
    """When one replica can't be started, those that were must be brought down, and the reason be the first one's."""
    up: list[str] = []

    async def start(context: DriverContext) -> None:
        if context.replica == 1:
            raise StartError("no room")
        up.append("up")

    async def stop(context: DriverContext) -> None:
        up.remove("up")

    async with stage(lambda app: app.add(Odd("a", start=start, stop=stop).with_replicas(3))) as shown:
        assert (await shown.reach("a", State.FAILED_TO_START)).reason == "no room"
        assert up == []


# Health


async def test_health_changes_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Health must follow the checks both ways; readiness happens once, and a new waiter sees the present."""
    monkeypatch.setattr("fairlead.runtime.lifecycle.health.HEALTHY_INTERVAL", 0.01)
    trace = Trace()
    answer = [Health.unhealthy("warming up")]

    def define(app: AppBuilder) -> None:
        a = app.add(InMemory("a")).with_health_check(lambda: answer[0], name="mood").on_ready(trace.sync("ready"))
        app.add(InMemory("b").wait_for(a)).with_explicit_start()

    async with stage(define) as shown:
        sick = await shown.until("a", lambda snapshot: bool(snapshot.reports))
        assert (sick.health, sick.reports[0].description) == (HealthStatus.UNHEALTHY, "warming up")
        assert not sick.ready
        answer[0] = Health.healthy("warm")
        await shown.wait_healthy("a")
        answer[0] = Health.degraded("slow")
        await shown.until("a", lambda snapshot: snapshot.health is HealthStatus.DEGRADED)
        await shown.command("b", "start")
        assert (await shown.reach("b", State.WAITING)).waiting_for == ("a to be healthy",)
        answer[0] = Health.healthy()
        await shown.wait_healthy("b")
        assert trace.calls == ["ready"]
        assert "Degraded (mood: slow)" in shown.text("a")


@pytest.mark.parametrize(
    ("check", "description"),
    [
        (raising(OSError("refused")), "refused"),
        (lambda: False, "health check returned False"),
        (lambda: "fine", "health check returned 'fine'"),
        (lambda: sys.exit(1), "it called sys.exit(1)"),
    ],
)
async def test_a_broken_health_check_is_unhealthy(check: Any, description: str) -> None:
    """Whatever a check raises or returns must become a report, and the resource go on running."""
    async with stage(lambda app: app.add(InMemory("a").with_health_check(check, name="health check"))) as shown:
        sick = await shown.until("a", lambda snapshot: bool(snapshot.reports))
        assert (sick.state, sick.health) == (State.RUNNING, HealthStatus.UNHEALTHY)
        assert sick.reports[0].description == description


# Secrets


async def test_secrets_are_in_no_picture() -> None:
    """A secret must be masked in variables, reasons, reports, waits and logs, wherever it turns up."""

    def define(app: AppBuilder) -> None:
        password = app.add_parameter("password", secret=True)
        a = app.add(InMemory("a")).with_environment("PASSWORD", password)
        a.with_environment("URL", ref("redis://:{p}@cache", p=password))
        a.with_environment("COPIED", lambda: "Tr0ub4dor&3").on_ready(raising(ValueError("login Tr0ub4dor&3 refused")))
        b = app.add(InMemory("b", fails="can't log in with Tr0ub4dor&3")).wait_for_start(a)
        app.add(InMemory("c")).wait_for(b)

    async with stage(define, parameters={"password": "Tr0ub4dor&3"}) as shown:
        await shown.until("a", lambda snapshot: any(report.name == "on_ready" for report in snapshot.reports))
        await shown.reach("b", State.FAILED_TO_START)
        await shown.until("c", lambda snapshot: "failed to start" in "".join(snapshot.waiting_for))
        assert shown.memory("a").seen["URL"] == "redis://:Tr0ub4dor&3@cache"
        for name in shown.app.names:
            for snapshot in shown.history[name]:
                assert "Tr0ub4dor" not in str(snapshot.to_json())
            assert "Tr0ub4dor" not in shown.text(name)


async def test_commands_show_no_secret() -> None:
    """A secret must be masked in what a command answers, and in what it raises."""

    def define(app: AppBuilder) -> None:
        password = app.add_parameter("password", secret=True)

        async def tell(context: Any) -> str:
            return "it is " + str(await context.resolve(password))

        async def fail(context: Any) -> None:
            raise ValueError("refused: " + await context.resolve(password))

        app.add(InMemory("a")).with_command("tell", tell).with_command("fail", fail)

    async with stage(define, parameters={"password": "Tr0ub4dor&3"}) as shown:
        await shown.wait_healthy("a")
        assert await shown.command("a", "tell") == "it is ***"
        with pytest.raises(CommandError, match=r"a: fail raised ValueError: refused: \*\*\*$"):
            await shown.command("a", "fail")
