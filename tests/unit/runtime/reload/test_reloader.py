"""A changed definition in a run: what differs is applied, and all else goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.support.definitions import Define, build
from tests.support.kinds import Odd
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import (
    AppBuilder,
    Apphost,
    Container,
    Driver,
    DriverContext,
    NeededPort,
    NotRunning,
    Placement,
    State,
    StopReason,
    UsageError,
)
from fairlead.model.health import HealthStatus
from fairlead.model.resource import ports_on_containers
from fairlead.runtime.reload.result import ReadAnew, Reload
from fairlead.runtime.reload.words import summary_text
from fairlead.testing import InMemory


class Edited:
    """A definition that the test may change while its app runs."""

    def __init__(self, define: Define) -> None:
        self.define = define
        self.forgotten = 0

    def read(self) -> ReadAnew:
        def forget() -> None:
            self.forgotten += 1

        return ReadAnew(build(self.define), forget)


@asynccontextmanager
async def running(define: Define, **options: Any) -> AsyncIterator[tuple[Stage, Edited]]:
    edited = Edited(define)
    async with stage(define, read=edited.read, **options) as shown:
        yield shown, edited


async def _reload(shown: Stage, **options: bool) -> Reload:
    return await shown.host.reload(**options)


def _lines(reload: Reload) -> list[str]:
    return [f"{each.action} {each.name}" for each in reload.differences]


def _summary(reload: Reload) -> str:
    return summary_text([asdict(each) for each in reload.differences], reload.unchanged, applied=reload.applied)


def _two(app: AppBuilder) -> None:
    db = app.add(InMemory("db"))
    app.add(InMemory("api").wait_for(db).with_environment("LEVEL", "1"))


async def test_what_is_the_same_goes_on() -> None:
    """A reload of the same definition must change nothing, and start nothing."""
    async with running(_two) as (shown, _):
        await shown.wait_healthy("api")
        reload = await _reload(shown)

        assert (reload.differences, reload.unchanged, reload.applied) == ((), 2, True)
        assert [shown.snapshot(name).starts for name in ("db", "api")] == [1, 1]
        assert _summary(reload) == "Nothing differs: 2 unchanged."


async def test_just_what_differs_is_started_again() -> None:
    """A resource that differs must be started with what the new definition says; the others must go on."""

    def after(app: AppBuilder) -> None:
        db = app.add(InMemory("db"))
        app.add(InMemory("api").wait_for(db).with_environment("LEVEL", "2"))

    async with running(_two) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = after
        reload = await _reload(shown)
        await shown.wait_healthy("api")

        assert _lines(reload) == ["restart api"]
        assert shown.memory("api").seen["LEVEL"] == "2"
        assert [shown.snapshot(name).starts for name in ("db", "api")] == [1, 2]
        assert _summary(reload) == "Reloaded: 1 started again, 1 unchanged."


async def test_a_check_changes_nothing() -> None:
    """With ``check`` the differences must be told, and the run and what is loaded stay as they are."""
    async with running(_two) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = lambda app: app.add(InMemory("db"))
        reload = await _reload(shown, check=True)

        assert (_lines(reload), reload.applied, edited.forgotten) == (["remove api"], False, 1)
        assert shown.snapshot("api").state is State.RUNNING
        assert shown.app.names == ("db", "api")


async def test_a_definition_with_mistakes_changes_nothing() -> None:
    """All mistakes of the new definition must be told, with their lines, and the run go on by the old one."""

    def broken(app: AppBuilder) -> None:
        app.add_executable("one", "")
        app.add_redis("two").with_replicas(0)

    async with running(_two) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = broken
        reload = await _reload(shown)

        assert [error.resource for error in reload.errors] == ["one", "two"]
        assert all(error.line and error.file == __file__ and error.remedy for error in reload.errors)
        assert not reload.applied
        assert shown.snapshot("api").state is State.RUNNING
        edited.define = _two
        assert (await _reload(shown)).applied


async def test_an_app_of_another_name_is_refused() -> None:
    """Ports, secrets and containers belong to the app's name, so another one must be a mistake that says so."""
    other = ReadAnew(Apphost(_two, name="other").build(), lambda: None)
    async with stage(_two, read=lambda: other) as shown:
        reload = await _reload(shown)

        assert [error.message for error in reload.errors] == ["the app is called other now, and this run is of shop"]


async def test_what_is_gone_is_ended_after_what_uses_it() -> None:
    """A resource that is gone must end after those that depend on it, and no longer be there."""
    order: list[str] = []

    def odd(app: AppBuilder, name: str) -> Odd:
        async def stop(_: object) -> None:
            order.append(name)

        return app.add(Odd(name, stop=stop))

    def before(app: AppBuilder) -> None:
        odd(app, "web").wait_for(odd(app, "api").wait_for(odd(app, "db")))
        app.add(InMemory("other"))

    async with running(before) as (shown, edited):
        await shown.wait_healthy("web")
        edited.define = lambda app: app.add(InMemory("other"))
        reload = await _reload(shown)

        assert order == ["web", "api", "db"]
        assert list(shown.host.run.bus.snapshots) == ["other"]
        assert sorted(_lines(reload)) == ["remove api", "remove db", "remove web"]
        with pytest.raises(UsageError, match="no resource 'web'"):
            await shown.command("web", "restart")


async def test_what_is_new_waits_and_is_waited_for() -> None:
    """A new resource must take part in waits, also of a resource that has been there before."""

    def after(app: AppBuilder) -> None:
        cache = app.add(InMemory("cache", blocks_start=True))
        db = app.add(InMemory("db"))
        app.add(InMemory("api").wait_for(db).with_environment("LEVEL", "2").wait_for(cache))

    async with running(_two) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = after
        await _reload(shown)

        assert (await shown.reach("api", State.WAITING)).blocked_by == ("cache",)
        shown.memory("cache").unblock_start()
        await shown.wait_healthy("api")


async def test_both_ends_of_a_wait_are_ended_before_either_begins() -> None:
    """A resource that is started again must not take what it waits for, and is started again too, for ready."""
    began: list[str] = []

    def define(level: str) -> Define:
        def odd(app: AppBuilder, name: str) -> Odd:
            async def start(_: object) -> None:
                began.append(name)
                await asyncio.sleep(0)

            return app.add(Odd(name, start=start)).with_environment("LEVEL", level)

        def shop(app: AppBuilder) -> None:
            db = odd(app, "db")
            odd(app, "api").wait_for(db)

        return shop

    async with running(define("1")) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = define("2")
        await _reload(shown)
        await shown.until("api", lambda seen: seen.starts == 2 and seen.state is State.RUNNING)

        assert began == ["db", "api", "db", "api"]


async def test_a_name_of_another_kind_is_begun_anew() -> None:
    """A resource that is of another kind now must be ended by its old driver, and started by the new one."""
    stopped: list[str] = []

    async def stop(_: object) -> None:
        stopped.append("box")

    async with running(lambda app: app.add(Odd("box", stop=stop))) as (shown, edited):
        await shown.wait_healthy("box")
        edited.define = lambda app: app.add(InMemory("box"))
        assert _lines(await _reload(shown)) == ["replace box"]
        await shown.wait_healthy("box")

        assert stopped == ["box"]
        assert shown.snapshot("box").kind == "In memory"


async def test_health_checks_count_at_once() -> None:
    """Another health check must be asked while the resource goes on; without one it must be healthy."""

    def define(healthy: bool | None) -> Define:
        def shop(app: AppBuilder) -> None:
            api = app.add(Odd("api"))
            if healthy is not None:
                api.with_health_check(lambda: healthy, name="asked")

        return shop

    async with running(define(None)) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = define(False)
        assert _lines(await _reload(shown)) == ["update api"]
        await shown.until("api", lambda seen: seen.health is HealthStatus.UNHEALTHY)
        edited.define = define(True)
        await _reload(shown)
        await shown.until("api", lambda seen: seen.health is HealthStatus.HEALTHY)

        assert shown.snapshot("api").starts == 1


async def test_commands_and_hooks_count_at_once() -> None:
    """A command of the new definition must be offered and run, and its hooks called, without another start."""
    called: list[str] = []

    def after(app: AppBuilder) -> None:
        box = app.add(InMemory("box")).with_command("greet", lambda: "hello", display="Greet")
        box.on_stopped(lambda: called.append("stopped"))

    async with running(lambda app: app.add(InMemory("box"))) as (shown, edited):
        await shown.wait_healthy("box")
        edited.define = after
        await _reload(shown)

        assert "greet" in [command.name for command in shown.snapshot("box").commands]
        assert await shown.command("box", "greet") == "hello"
        await shown.command("box", "stop")
        assert called == ["stopped"]


async def test_ports_that_are_known_stay() -> None:
    """An endpoint must keep its port over a reload; a new one must get one; those told of it must see it."""

    def define(count: int) -> Define:
        def shop(app: AppBuilder) -> None:
            for number in range(count):
                app.add(InMemory(f"api-{number}").with_http_endpoint())

        return shop

    async with running(define(1)) as (shown, edited):
        port = shown.endpoint("api-0")
        edited.define = define(2)
        await _reload(shown)
        await shown.wait_healthy("api-1")

        assert shown.endpoint("api-0") == port
        assert shown.endpoint("api-1") not in ("", port)


async def test_another_value_reaches_those_that_are_given_it() -> None:
    """Another default must be given to the resources that use the parameter; one that was set must win over it."""

    def define(default: str) -> Define:
        def shop(app: AppBuilder) -> None:
            level = app.add_parameter("level", default)
            app.add(InMemory("api").with_environment("LEVEL", level))

        return shop

    async with running(define("1")) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = define("2")
        assert _lines(await _reload(shown)) == ["restart level", "restart api"]
        await shown.until("api", lambda seen: seen.starts == 2 and seen.state is State.RUNNING)
        assert shown.memory("api").seen["LEVEL"] == "2"

        await shown.host.values.set_parameter("level", "9")
        edited.define = define("3")
        assert _lines(await _reload(shown)) == ["update level"]


async def test_an_environment_file_is_read_again(tmp_path: Path) -> None:
    """A variable of an environment file that has another value must restart the resource, and others of it not."""
    file = tmp_path / ".env.api"
    file.write_text("LEVEL=1\nOTHER=x\n")

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api").with_env_file(".env.api").with_environment("OTHER", "y"))

    def read() -> ReadAnew:
        return ReadAnew(build(define, folder=tmp_path), lambda: None)

    async with stage(define, folder=tmp_path, read=read) as shown:
        await shown.wait_healthy("api")
        file.write_text("LEVEL=1\nOTHER=z\n")
        assert _lines(await _reload(shown)) == []
        file.write_text("LEVEL=2\nOTHER=z\n")
        reload = await _reload(shown)
        await shown.until("api", lambda seen: seen.starts == 2 and seen.state is State.RUNNING)

        assert reload.differences[0].parts == ("variable LEVEL",)
        assert shown.memory("api").seen["LEVEL"] == "2"


class Nothing(Driver):
    """Runs nothing."""

    async def start(self, context: DriverContext) -> None:
        return None

    async def stop(self, reason: StopReason) -> None:
        return None


class Node(Container):
    """A container with spare ports, as far as ports go."""

    driver: ClassVar[str | None] = f"{__name__}:Nothing"

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        for number in range(2):
            yield NeededPort(self.name, f"spare-{number}", spare=True)


class Door(InMemory):
    """Reached through a port of the node."""

    @property
    def placement(self) -> Placement:
        return Placement.port_of("node")

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        yield NeededPort("node", "http")


async def test_what_is_new_on_a_container_gets_a_port_that_is_published() -> None:
    """A resource that is new on a container that goes on must get one of its spare ports, each another one."""

    def define(*doors: str) -> Define:
        def shop(app: AppBuilder) -> None:
            app.add(Node("node", "k3s"))
            for name in doors:
                app.add(Door(name)).with_http_endpoint()

        return shop

    async with running(define()) as (shown, edited):
        await shown.wait_healthy("node")
        addresses = shown.host.run.addresses

        def pairs(name: str) -> list[tuple[int, int]]:
            resource = shown.app[name]
            return [
                (addresses.needed_container_port(resource, port), addresses.needed_host_port(resource, port))
                for port in ports_on_containers(resource)
            ]

        published = pairs("node")
        edited.define = define("front")
        assert _lines(await _reload(shown)) == ["start front"]
        edited.define = define("front", "back")
        assert _lines(await _reload(shown)) == ["start back"]

        assert sorted(pairs("front") + pairs("back")) == sorted(published)


async def test_a_child_joins_its_parent() -> None:
    """A child that is new must start beside its parent, and from then on end and start with it."""

    def define(*children: str) -> Define:
        def shop(app: AppBuilder) -> None:
            server = app.add(InMemory("server"))
            for name in children:
                server.adopt(InMemory(name))

        return shop

    async with running(define()) as (shown, edited):
        await shown.wait_healthy("server")
        edited.define = define("db")
        assert _lines(await _reload(shown)) == ["start db"]
        await shown.wait_healthy("db")
        assert shown.snapshot("server").starts == 1
        assert shown.snapshot("db").parent == "server"
        await shown.command("server", "restart")
        await shown.until("db", lambda seen: seen.starts == 2 and seen.state is State.RUNNING)


async def test_a_run_of_some_resources_stays_one() -> None:
    """A run that was started for some resources must start what these need now, and offer what else is new."""

    def after(app: AppBuilder) -> None:
        db = app.add(InMemory("db"))
        app.add(InMemory("api").wait_for(db).with_environment("LEVEL", "2"))
        app.add(InMemory("mail"))

    def before(app: AppBuilder) -> None:
        app.add(InMemory("db"))
        app.add(InMemory("api"))

    async with running(before, selected=("api",)) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = after
        assert _lines(await _reload(shown)) == ["start db", "restart api", "offer mail"]
        await shown.wait_healthy("api")

        assert shown.snapshot("mail").state is State.NOT_STARTED
        edited.define = lambda app: app.add(InMemory("db"))
        (error,) = (await _reload(shown)).errors
        assert error.message == "nothing is there any more of what this run was started for: api"


async def test_what_was_read_before_is_known() -> None:
    """A second reload must compare with the first one's definition, also of kinds of other packages."""

    def define(code: int | None) -> Define:
        return lambda app: app.add(InMemory("box", exit_code=code))

    async with running(define(None)) as (shown, edited):
        await shown.wait_healthy("box")
        edited.define = define(0)
        assert _lines(await _reload(shown)) == ["restart box"]
        assert _lines(await _reload(shown)) == []


async def test_a_run_that_can_not_be_read_again_says_so() -> None:
    """A run of a test, or one that ends, must refuse a reload with the reason."""
    async with stage(_two) as shown:
        with pytest.raises(UsageError, match="can't be read again"):
            await _reload(shown)
    async with running(_two) as (shown, _):
        shown.host.run.ending.set()
        with pytest.raises(NotRunning, match="the run is ending"):
            await _reload(shown)


async def test_a_start_that_is_under_way_goes_on() -> None:
    """A resource that is just being started, and does not differ, must be left to come up."""

    def define(app: AppBuilder) -> None:
        app.add(Odd("box", start=lambda _: gate.wait()))

    gate = asyncio.Event()
    async with running(define) as (shown, _):
        await shown.reach("box", State.STARTING)
        assert _lines(await _reload(shown)) == []
        gate.set()
        await until(lambda: shown.snapshot("box").state is State.RUNNING, "it comes up")
        assert shown.snapshot("box").starts == 1


async def test_groups_of_a_run_stay_with_it() -> None:
    """A reload must go by the groups that the run was started with, also where one is no longer there."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api"))
        app.add(InMemory("tool").with_group("tools"))
        app.add(InMemory("mail").with_group("debug"))

    def ungrouped(app: AppBuilder) -> None:
        tool = app.add(InMemory("tool").with_group("tools"))
        app.add(InMemory("api").wait_for(tool))
        app.add(InMemory("mail").with_group("tools"))

    async with running(define, groups=("debug", "tools"), excluded=("debug",)) as (shown, edited):
        await shown.wait_healthy("tool")
        edited.define = ungrouped
        reload = await _reload(shown)

        assert (reload.errors, reload.applied) == ((), True)
        await shown.wait_healthy("mail")
    async with running(define) as (shown, edited):
        await shown.wait_healthy("api")
        edited.define = ungrouped
        (error,) = (await _reload(shown)).errors
        assert (error.resource, error.message.partition(",")[0]) == ("api", "waits for 'tool'")
