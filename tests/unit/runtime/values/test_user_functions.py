"""Calling the functions of a definition: on the event loop, or in a thread where they may block."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.stage import PATIENCE, stage
from tests.support.waiting import until

from fairlead import ActionContext, AppBuilder, State
from fairlead.model.health import HealthStatus
from fairlead.runtime.values.user_functions import UserFunction, call_user_function
from fairlead.testing import InMemory

variable = contextvars.ContextVar("variable", default="unset")


class Gate:
    """Blocks the threads that go through it, until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered = 0

    def __call__(self) -> bool:
        self.entered += 1
        return self.opened.wait(PATIENCE)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


async def test_a_function_that_blocks_holds_up_nobody(gate: Gate) -> None:
    """While hooks and callbacks of some resources block, the others must run, and all be stopped at once."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("before")).on_before_start(gate)
        app.add(InMemory("variable")).with_environment("X", gate)
        app.add(InMemory("argument")).with_args(gate)
        app.add(InMemory("ready")).on_ready(gate)
        app.add(InMemory("checked")).with_health_check(gate)
        app.add(InMemory("free"))

    async with stage(define) as shown:
        await shown.wait_healthy("free")
        await shown.reach("ready", State.RUNNING)
        for name in ("before", "variable", "argument"):
            assert shown.snapshot(name).state is State.STARTING
        async with asyncio.timeout(PATIENCE):
            await shown.command("before", "stop")
        assert shown.snapshot("before").state is State.NOT_STARTED
    assert not gate.opened.is_set()


async def test_a_check_that_blocks_is_unhealthy(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that blocks must be unhealthy in time, be called once, and count again when it comes back."""
    monkeypatch.setattr("fairlead.runtime.lifecycle.health.CHECK_TIMEOUT", 0.05)
    async with stage(lambda app: app.add(InMemory("a").with_health_check(gate))) as shown:
        sick = await shown.until("a", lambda snapshot: bool(snapshot.reports))
        assert (sick.health, sick.reports[0].description) == (HealthStatus.UNHEALTHY, "no answer in 0.05 s")
        first = sick.reports[0].checked_at
        await until(lambda: shown.snapshot("a").reports[0].checked_at != first, "a second check")
        assert gate.entered == 1
        gate.opened.set()
        await shown.wait_healthy("a")


async def test_a_command_that_blocks(gate: Gate) -> None:
    """A command that blocks must hold up no other command."""
    async with stage(lambda app: app.add(InMemory("a").with_command("wait", gate).with_command("now", lambda: 1))) as s:
        waiting = asyncio.ensure_future(s.command("a", "wait"))
        assert await s.command("a", "now") == "1"
        assert not waiting.done()
        gate.opened.set()
        assert await waiting == "True"


async def test_what_a_thread_may_do_with_its_context() -> None:
    """In a `def` function `log` must work, and `resolve` both returned to be awaited and run to its end there."""

    def greet(context: ActionContext) -> Any:
        context.log("one")
        context.log(asyncio.run(context.resolve(context.resource.environment[0].value)))  # type: ignore[attr-defined]
        return context.resolve("three")

    def define(app: AppBuilder) -> None:
        app.add(InMemory("a").with_environment("X", app.add_parameter("p", "two")).with_command("greet", greet))

    async with stage(define) as shown:
        await shown.wait_healthy("a")
        assert await shown.command("a", "greet") == "three"
        assert [line.text for line in shown.logs("a")][-2:] == ["one", "two"]


async def test_where_functions_run() -> None:
    """What is `async def` in any form must run on the loop's thread; what is not on another, with its variables."""

    class Called:
        async def __call__(self) -> int:
            return threading.get_ident()

    async def plain(context: object) -> int:
        return threading.get_ident()

    here = threading.get_ident()
    variable.set("seen")
    assert await call_user_function(plain, None) == await call_user_function(Called(), None) == here
    assert await call_user_function(threading.get_ident, None) != here
    assert await call_user_function(variable.get, None) == "seen"
    assert await call_user_function(lambda: plain(None), None) == here


@pytest.mark.parametrize("error", [ValueError("no"), StopIteration(), SystemExit(2)])
async def test_what_a_thread_raises_comes_out(error: BaseException) -> None:
    """Whatever a `def` function raises must reach who awaits it; the end of the program as an error."""

    def fail() -> None:
        raise error

    with pytest.raises(type(error) if isinstance(error, ValueError) else RuntimeError):
        await call_user_function(fail, None)


async def test_who_asks_later_gets_the_answer_that_is_out(gate: Gate) -> None:
    """After a call that was given up, the next must get its answer; the one after that a new one."""
    asked = UserFunction(gate, None)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asked.call()
    gate.opened.set()
    assert await asked.call() is True
    assert gate.entered == 1
    await asked.call()
    assert gate.entered == 2


async def test_what_holds_a_start_up_is_shown(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that is held up by a function must say by which, and no longer once it has come back."""
    monkeypatch.setattr("fairlead.runtime.lifecycle.attempts.attempt.LONG_SECONDS", 0.01)

    def migrate() -> None:
        gate()

    async with stage(lambda app: app.add(InMemory("a").on_before_start(migrate))) as shown:
        held = await shown.until("a", lambda snapshot: bool(snapshot.reason))
        assert (held.state, held.reason) == (State.STARTING, "migrate (on_before_start) has not come back yet")
        gate.opened.set()
        assert (await shown.wait_healthy("a")).reason == ""


async def test_a_hook_of_the_app_has_a_log_of_its_own() -> None:
    """What the app's own hook logs must be in no resource's log, but in one of the app's name."""

    def define(app: AppBuilder) -> None:
        app.on_before_start(lambda context: context.log("seeding"))
        app.add(InMemory("a"))

    async with stage(define) as shown:
        assert [line.text for line in shown.host.run.logs.log(shown.app.name).lines()] == ["seeding"]
        assert "seeding" not in shown.text("a")
