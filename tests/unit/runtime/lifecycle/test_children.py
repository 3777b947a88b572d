"""Children of a resource: declared ones that follow it, and those that its driver observes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.kinds import Odd, OddDriver
from tests.support.stage import stage

from fairlead import AppBuilder, DriverContext, StartError, State, StopReason
from fairlead.model.health import HealthStatus
from fairlead.model.wait import WaitBehavior
from fairlead.testing import InMemory


def server_with_parts(app: AppBuilder) -> None:
    server = app.add(InMemory("pg"))
    server.adopt(InMemory("orders").wait_for(server))
    server.adopt(InMemory("seed", exit_code=0).wait_for(server))
    app.add(InMemory("api").wait_for(server))


@pytest.mark.parametrize("behavior", WaitBehavior)
async def test_children_start_again_with_their_parent(behavior: WaitBehavior) -> None:
    """A restarted parent must start its children again, also those that had finished; others go on as they were."""
    async with stage(server_with_parts, behavior) as shown:
        await shown.wait_healthy("orders")
        await shown.reach("seed", State.FINISHED)
        await shown.command("pg", "restart")
        for name in ("orders", "seed"):
            await shown.until(name, lambda snapshot: snapshot.starts == 2)
        await shown.wait_healthy("orders")
        await shown.reach("seed", State.FINISHED)
        assert shown.snapshot("api").starts == 1
        assert shown.memory("orders").events == ["start", "stop", "start"]


@pytest.mark.parametrize("behavior", WaitBehavior)
async def test_children_end_with_their_parent(behavior: WaitBehavior) -> None:
    """A parent that is stopped must take its children with it, as stopped and not as failed, and bring them back."""
    async with stage(server_with_parts, behavior) as shown:
        await shown.wait_healthy("orders")
        await shown.command("pg", "stop")
        stopped = shown.snapshot("orders")
        assert (stopped.state, stopped.stop_requested) == (State.FINISHED, True)
        assert shown.host.failures == []
        await shown.command("pg", "start")
        await shown.wait_healthy("orders")


async def test_children_of_a_parent_that_ends_by_itself() -> None:
    """A parent that ends by itself must end its children as well."""
    async with stage(server_with_parts) as shown:
        await shown.wait_healthy("orders")
        shown.memory("pg").exit(3)
        assert (await shown.reach("orders", State.FINISHED)).stop_requested


async def test_children_that_wait_for_their_parent_keep_waiting() -> None:
    """A child that has not started yet must go on waiting for a parent that failed, with the reason, and then start."""

    def define(app: AppBuilder) -> None:
        server = app.add(InMemory("pg", fails="no disk"))
        server.adopt(InMemory("orders").wait_for(server))

    async with stage(define) as shown:
        await shown.reach("pg", State.FAILED_TO_START)
        waiting = await shown.until("orders", lambda snapshot: any("no disk" in text for text in snapshot.waiting_for))
        assert waiting.state is State.WAITING
        shown.memory("pg").fails = None
        await shown.command("pg", "start")
        await shown.wait_healthy("orders")


async def test_a_child_that_the_user_stopped_stays_stopped() -> None:
    """A child that was stopped by a command must not start again with its parent."""
    async with stage(server_with_parts) as shown:
        await shown.wait_healthy("orders")
        await shown.command("orders", "stop")
        await shown.command("pg", "restart")
        await shown.until("seed", lambda snapshot: snapshot.starts == 2 and snapshot.state is State.FINISHED)
        assert (shown.snapshot("orders").state, shown.snapshot("orders").starts) == (State.FINISHED, 1)


async def test_a_driver_knows_its_surroundings() -> None:
    """A driver must be given its children, its consumers with where they run, and the snapshots of others."""
    seen: dict[str, object] = {}

    async def start(context: DriverContext) -> None:
        seen["children"] = [child.name for child in context.children]
        seen["consumers"] = [
            (each.resource.name, str(each.network), each.connection_name) for each in context.consumers
        ]
        await context.wait_for(context.app["base"])
        base = context.snapshot("base")
        assert base is not None
        seen["base"] = base.health
        seen["nobody"] = context.snapshot("nobody")
        seen["folder"] = oct(context.state_folder.stat().st_mode & 0o777)
        folders.append(context.state_folder)

    folders: list[Path] = []

    def define(app: AppBuilder) -> None:
        app.add(InMemory("base"))
        cluster = app.add(Odd("cluster", start=start)).with_endpoint("api")
        cluster.adopt(InMemory("release"))
        app.add(InMemory("api").with_reference(cluster, connection_name="k8s"))
        app.add_container("web", "nginx").with_reference(cluster).with_explicit_start()

    async with stage(define) as shown:
        await shown.wait_healthy("cluster")
        assert "Waiting for base" not in shown.states("cluster")
    assert seen == {
        "children": ["release"],
        "consumers": [("api", "host", "k8s"), ("web", "container", None)],
        "base": HealthStatus.HEALTHY,
        "nobody": None,
        "folder": "0o700",
    }
    assert not folders[0].exists(), "an isolated run leaves nothing"


# Why it stops


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (lambda shown: shown.command("a", "stop"), StopReason.ASKED),
        (lambda shown: shown.command("a", "restart"), StopReason.REPLACED),
        (lambda shown: shown.host.stop(), StopReason.RUN_ENDING),
    ],
)
async def test_a_driver_is_told_why_it_stops(deed: Callable[..., Awaitable[None]], reason: StopReason) -> None:
    """``stop`` must get the reason: asked for, replaced by the next start, or with the whole run."""
    async with stage(lambda app: app.add(Told("a"))) as shown:
        await shown.wait_healthy("a")
        await deed(shown)
        told = shown.app["a"]
        assert isinstance(told, Told)
        assert told.reasons[0] is reason


async def test_a_driver_is_told_that_its_parent_stops() -> None:
    """A child's ``stop`` must say so when its parent is stopped, and that its next start follows when it restarts."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("pg")).adopt(Told("a"))

    async with stage(define) as shown:
        told = shown.app["a"]
        assert isinstance(told, Told)
        for command, reason in (("restart", StopReason.REPLACED), ("stop", StopReason.PARENT_STOPPED)):
            await shown.wait_healthy("a")
            await shown.command("pg", command)
            assert told.reasons[-1] is reason


async def test_a_driver_is_told_that_the_user_restarts_it() -> None:
    """A start must say so if it comes from ``restart``; the first one, and one with its parent, must not."""
    seen: list[bool] = []

    async def start(context: DriverContext) -> None:
        seen.append(context.is_restart)

    def define(app: AppBuilder) -> None:
        app.add(InMemory("pg")).adopt(Odd("a", start=start))

    async with stage(define) as shown:
        await shown.wait_healthy("a")
        await shown.command("a", "restart")
        await shown.wait_healthy("a")
        await shown.command("pg", "restart")
        await shown.until("a", lambda snapshot: snapshot.starts == 3 and snapshot.state is State.RUNNING)
    assert seen == [False, True, False]


@pytest.mark.parametrize("failure", ["", "it is in use"])
async def test_what_has_ended_by_itself_can_be_taken_back(failure: str) -> None:
    """Stopping what has done its work must have that undone once, and say so; it must not start with its parent."""

    async def wait(context: DriverContext) -> int:
        return 0

    def define(app: AppBuilder) -> None:
        app.add(InMemory("pg")).adopt(Undoable("a", wait=wait)).failure = failure

    async with stage(define) as shown:
        await shown.reach("a", State.FINISHED)
        await shown.command("a", "stop")
        await shown.command("a", "stop")
        stopped = shown.snapshot("a")
        assert (stopped.state, stopped.stop_requested, stopped.exit_code) == (State.FINISHED, True, 0)
        assert stopped.reason == (f"It could not be stopped: {failure}" if failure else "")
        resource = shown.app["a"]
        assert isinstance(resource, Undoable)
        assert resource.undone == 1
        await shown.command("pg", "restart")
        await shown.wait_healthy("pg")
        assert shown.snapshot("a").starts == 1
        await shown.command("a", "start")
        await shown.until("a", lambda snapshot: snapshot.starts == 2 and snapshot.state is State.FINISHED)
        await shown.command("a", "stop")
        assert resource.undone == 2


class Undoable(Odd):
    """Leaves something behind."""

    driver: ClassVar[str | None] = f"{__name__}:UndoableDriver"
    failure = ""
    undone = 0


class UndoableDriver(OddDriver):
    async def undo(self) -> None:
        assert self._context is not None and isinstance(self._context.resource, Undoable)
        self._context.resource.undone += 1
        if self._context.resource.failure:
            raise StartError(self._context.resource.failure)


async def test_a_driver_is_told_that_it_ended_by_itself() -> None:
    """``stop`` after an end by itself must say so."""

    async def wait(context: DriverContext) -> int:
        return 3

    async with stage(lambda app: app.add(Told("a", wait=wait))) as shown:
        await shown.reach("a", State.FINISHED)
        told = shown.app["a"]
        assert isinstance(told, Told)
        assert told.reasons == [StopReason.FINISHED]


class Told(Odd):
    """Notes why it was stopped."""

    driver: ClassVar[str | None] = f"{__name__}:ToldDriver"

    def __init__(self, name: str, **steps: Callable[[DriverContext], Awaitable[object]]) -> None:
        super().__init__(name, **steps)
        self.reasons: list[StopReason] = []


class ToldDriver(OddDriver):
    async def stop(self, reason: StopReason) -> int | None:
        assert self._context is not None and isinstance(self._context.resource, Told)
        self._context.resource.reasons.append(reason)
        return None
