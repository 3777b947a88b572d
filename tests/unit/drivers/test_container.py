"""What is said of a container's end, and what is read of it until then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.waiting import until

from fairlead import AppBuilder, State, apphost
from fairlead.drivers.container import why_ended
from fairlead.drivers.containers import log as container_log
from fairlead.engines.containers import ContainerInfo, OutputChunk
from fairlead.testing import FakeEngine, testing
from fairlead.testing.fakes.fake_container import Process


@pytest.mark.parametrize(
    ("code", "limit", "seen", "reason"),
    [
        (0, None, {}, ""),
        (7, "20m", {}, ""),
        (137, None, {}, ""),
        (137, None, {"oom_killed": True}, "it ran out of memory"),
        (137, "20m", {"oom_killed": True, "memory_limit": 20 << 20}, "it ran out of memory; it used 20 MiB of 20 MiB"),
        (137, "20m", {}, "it was killed; its memory limit is 20m, so most likely it ran out of memory"),
        (1, "20m", {"oom_killed": True}, "one of its processes was killed before, as memory ran out"),
        (1, None, {"error": "its image is for arm64"}, "its image is for arm64"),
    ],
)
def test_the_reason_says_what_is_known_and_no_more(
    code: int, limit: str | None, seen: dict[str, Any], reason: str
) -> None:
    """Want of memory must be said where the engine saw it, or where a limit makes it likely; else nothing."""
    info = ContainerInfo(id="1", name="box", image="", image_id="", labels={}, state="exited", **seen)

    assert why_ended(code, info, limit) == reason


class SlowEngine(FakeEngine):
    """An engine that takes its time to give a log out, a line at a time."""

    async def logs(
        self, container: str, *, since: float | None = None, follow: bool = True
    ) -> AsyncIterator[OutputChunk]:
        """What a container has written since a moment, and writes until it ends."""
        async for chunk in super().logs(container, since=since, follow=follow):
            for line in chunk.lines:
                await asyncio.sleep(container_log.DRAIN_SECONDS / 4)
                yield OutputChunk(chunk.stream, chunk.time, [line])


async def writes(process: Process) -> None:
    for number in range(12):
        process.print(f"line {number}")


async def test_the_rest_of_a_log_is_waited_for_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that ends by itself must have its log complete, however far behind the engine is with it."""
    monkeypatch.setattr(container_log, "DRAIN_SECONDS", 0.4)

    @apphost
    def boat(app: AppBuilder) -> None:
        app.add_container("box", "box:1")

    engine = SlowEngine()
    engine.add_image("box:1", writes)
    async with testing(boat, engine=engine) as app:
        await app.wait_for("box", "completed")
        lines = [line.text for line in app.logs("box") if line.stream == "stdout"]

    assert lines == [f"line {number}" for number in range(12)]


async def test_a_prompt_of_a_container_is_seen_before_its_line_ends() -> None:
    """What was written of a line must be shown, also the first of all, and be one line of the log when it has ended."""
    answered = asyncio.Event()

    async def asks(process: Process) -> None:
        process.write(b"before\nname: ", "stdout")
        await answered.wait()
        process.write(b"Ann\nage: ", "stdout")
        await asyncio.Event().wait()

    @apphost
    def boat(app: AppBuilder) -> None:
        app.add_container("box", "box:1")

    engine = FakeEngine()
    engine.add_image("box:1", asks)
    async with testing(boat, engine=engine) as app:
        log = app.host.run.logs.log("box")

        def shown() -> list[str]:
            return [line.text for line in log.open_lines]

        await until(lambda: shown() == ["name: "], "the prompt is shown")
        answered.set()
        await until(lambda: shown() == ["age: "], "the next one is shown")
        lines = [line.text for line in app.logs("box") if line.stream == "stdout"]

    assert lines == ["before", "name: Ann"]


async def test_a_hint_never_holds_up_a_start() -> None:
    """A container must run and be shown so while the URL of an optional external service is not known."""
    engine = FakeEngine()
    engine.add_image("box:1", lasts)

    @apphost
    def boat(app: AppBuilder) -> None:
        address = app.add_parameter("address")
        rates = app.add_external_service("rates", address)
        app.add_container("box", "box:1").with_reference(rates, optional=True)

    async with testing(boat, engine=engine) as app:
        await app.wait_for("box", "healthy")
        assert app.snapshot("box").state is State.RUNNING
    assert await engine.containers({}) == []


@pytest.mark.parametrize("operation", ["create", "put_archive", "start"])
async def test_a_start_that_is_cancelled_leaves_no_container(operation: str) -> None:
    """However far a start has come when it is stopped, nothing of it may be left in the engine."""
    engine = FakeEngine()
    engine.add_image("box:1", lasts)
    engine.delays[operation] = 0.05

    @apphost
    def boat(app: AppBuilder) -> None:
        app.add_container("box", "box:1").with_container_files("/etc/box", {"a": "b"})

    async with testing(boat, engine=engine) as app:
        await until(lambda: operation in engine.called, f"{operation} is under way")
        await app.command("box", "stop")
        assert await engine.containers({}) == []


async def lasts(process: Process) -> None:
    await asyncio.Event().wait()
