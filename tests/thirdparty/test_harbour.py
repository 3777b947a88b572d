"""What a third-party kind of the size of a cluster gets from the public contract."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.connections import connected
from tests.support.folders import own_folders
from tests.support.waiting import until
from tests.thirdparty.harbour import Harbour
from tests.thirdparty.harbour.yard import YARDS, Radio, Yard

from fairlead import AppBuilder, Apphost, EngineError, Lifetime, ResourceFailed, State, UsageError, WaitTimeout
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.testing import FakeEngine, Running
from fairlead.testing import testing as run
from fairlead.testing.fakes.fake_container import Process

BOX = "port/box/anna/box-0"
READ_PASS = "import os; print(open(os.environ['HARBOUR_PASS']).read(), flush=True)"


def define(app: AppBuilder) -> None:
    harbour = app.add(Harbour("port"))
    harbour.add_ship("anna", boxes=2)
    app.add_executable("clerk", sys.executable, ".", "-c", READ_PASS).with_reference(harbour)
    app.add_container("crew", "reader").with_reference(harbour).with_explicit_start()


@asynccontextmanager
async def harbour() -> AsyncIterator[tuple[Running, Yard]]:
    """A run with a harbour, a ship, and its boxes."""
    async with run(Apphost(define, name="shop")) as app:
        await app.wait_healthy("anna")
        await app.wait_healthy(BOX)  # may have to turn up first
        yield app, YARDS[app.host.run.app_id, "port"]
    assert not YARDS and Radio.open == 0


def observed(app: Running) -> dict[str, str | None]:
    """The observed children with what each of them is shown below."""
    return {id: each.parent for id, each in app.host.run.bus.snapshots.items() if each.origin == "observed"}


def engine_that_reads() -> FakeEngine:
    """An engine whose containers print their pass."""

    async def read(process: Process) -> None:
        process.print(process.files[process.env["HARBOUR_PASS"]].content.decode())

    engine = FakeEngine()
    engine.add_image("reader", read)
    return engine


async def wait_until_gone(app: Running) -> str:
    """Wait for an end that never comes, and tell the error."""
    with pytest.raises(ResourceFailed) as error:
        await app.wait_for(BOX, "completed")
    return str(error.value)


# Children


async def test_its_ships_follow_it() -> None:
    """Declared children must come up after it, and end and start again with it."""
    async with harbour() as (app, yard):
        assert app.snapshot("anna").state is State.ACTIVE and app.snapshot("anna").parent == "port"
        await app.command("port", "restart")
        await until(lambda: app.snapshot("anna").starts == 2, "the ship is back")
        await app.wait_healthy("anna")
        reopened = YARDS[app.host.run.app_id, "port"]
        assert reopened is not yard and list(reopened.ships) == ["anna"]
        assert "Closing: replaced" in [line.text for line in app.logs("port")]


async def test_what_it_observes_is_shown() -> None:
    """Observed children must appear below declared and observed ones, change, and vanish."""
    async with harbour() as (app, yard):
        assert observed(app) == {
            "port/hold/-/anna": "anna",
            BOX: "port/hold/-/anna",
            "port/box/anna/box-1": "port/hold/-/anna",
        }
        await yard.damage("anna", 0, "it fell into the water")
        hurt = await until(lambda: app.snapshot(BOX) if app.snapshot(BOX).reason else None, "the damage is seen")
        assert hurt is not None
        assert (hurt.state, hurt.health, hurt.reason) == (
            State.RUNTIME_UNHEALTHY,
            "Unhealthy",
            "it fell into the water",
        )
        assert (await app.command("anna", "stop")) is None
        await until(lambda: not observed(app), "the boxes are gone")
        with pytest.raises(UsageError, match="the app has no resource 'port/box"):
            app.snapshot(BOX)


async def test_an_observed_child_can_be_waited_for() -> None:
    """A test must be able to wait for an observed child, and hear that it is gone."""
    async with harbour() as (app, yard):
        assert (await app.wait_healthy(BOX)).name == "box-0"
        with pytest.raises(WaitTimeout, match="port has not observed it within 0 s"):
            await app.wait_for("port/box/anna/box-7", "running", timeout=0)
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(wait_until_gone(app))
            await asyncio.sleep(0)
            await yard.undock("anna")
        assert "is gone" in gone.result()


async def test_logs_are_followed_only_while_they_are_read() -> None:
    """The log of a box must be read when somebody wants it, once, with who wrote what, and left alone afterwards."""
    async with harbour() as (app, yard):
        box = yard.ships["anna"][0]
        assert app.logs(BOX) == [] and box.followers == 0
        lines = await app.read_logs(BOX)
        assert [(line.source, line.text) for line in lines] == [("crane", "box 0 is on")]
        await until(lambda: box.followers == 0, "nobody follows")
        await yard.write("anna", 0, "customs", "opened")
        assert [line.text for line in app.logs(BOX)] == ["box 0 is on"]
        lines = await app.read_logs(BOX)
        assert [(line.source, line.text) for line in lines] == [("crane", "box 0 is on"), ("customs", "opened")]


# Commands, exec


async def test_its_command_asks_for_an_input() -> None:
    """A command that the driver offers must ask for its inputs, do its work, and answer with data."""
    async with harbour() as (app, _):
        unload = next(view for view in app.snapshot("port").commands if view.name == "unload")
        assert [(each.label, each.kind, tuple(each.choices)) for each in unload.inputs] == [
            ("ship", "choice", ("anna",)),
            ("count", "number", ()),
        ]
        with pytest.raises(UsageError, match="one of 'anna', and 'bella' is none"):
            await app.command("port", "unload", {"ship": "bella"})
        answer = await app.host.supervisor.command("port", "unload", {"ship": "anna"})
        assert (answer.message, answer.data) == ("1 boxes from anna", {"boxes": ["box-0"]})
        await until(lambda: BOX not in observed(app), "the box is gone")


async def test_a_command_runs_inside_a_box() -> None:
    """``exec`` must lead into the resource and into an observed child, or say why it does not."""
    async with harbour() as (app, yard):
        enter = app.host.supervisor.exec_command
        command = enter(BOX, ("printenv", "BOX"), terminal=False)
        assert (command.argv, command.env) == (("printenv", "BOX"), {"HARBOUR": "port", "BOX": BOX})
        assert "BOX" not in enter("port", ("true",), terminal=False).env
        with pytest.raises(UsageError, match="no place where a command could run"):
            enter("port/hold/-/anna", ("true",), terminal=False)
        await yard.damage("anna", 0, "it is under water")
        with pytest.raises(EngineError, match="it is under water"):
            enter(BOX, ("true",), terminal=False)


# Consumers


async def test_each_consumer_gets_its_own_pass() -> None:
    """A process must find the path of a file, a container a file, each with the address that it reaches."""
    async with run(Apphost(define, name="shop"), engine=engine_that_reads()) as app:
        await app.command("crew", "start")
        port = app.endpoint("port").rpartition(":")[2]
        for name, host in (("clerk", "localhost"), ("crew", "host.docker.internal")):
            await app.wait_for(name, "completed")
            (printed,) = [line.text for line in app.logs(name) if line.stream == "stdout"]
            assert printed.startswith(f"{host}:") and (printed == f"localhost:{port}") == (name == "clerk")
        async with connected(int(port)) as (reader, _):
            assert await reader.readline() == b"welcome to port\n"


async def test_its_failure_is_told() -> None:
    """A start that fails must say why, with what is wrong in the variables that it was given."""

    def shallow(app: AppBuilder) -> None:
        app.add(Harbour("port", depth=2))

    async with run(Apphost(shallow, name="shop")) as app:
        with pytest.raises(ResourceFailed, match="a depth of 2 m is too little"):
            await app.wait_healthy("port")


async def test_an_unknown_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that asks for an endpoint that is not there must fail with those that are."""
    monkeypatch.setattr(Harbour, "with_endpoint", lambda self, name, scheme: super(Harbour, self).with_endpoint("gate"))
    async with run(Apphost(define, name="shop")) as app:
        with pytest.raises(ResourceFailed, match="it has no endpoint 'control'; its endpoints are 'gate'"):
            await app.wait_healthy("port")
        assert not YARDS


# What outlives a run


@pytest.fixture
def folders() -> Iterator[None]:
    with own_folders():
        yield
    YARDS.clear()


@asynccontextmanager
async def kept(folder: Path, *ships: str, depth: int = 12) -> AsyncIterator[Running]:
    """A run that is not isolated, with a harbour that stays open."""

    def define(app: AppBuilder) -> None:
        harbour = app.add(Harbour("port", depth=depth, lifetime=Lifetime.PERSISTENT))
        for ship in ships:
            harbour.add_ship(ship)

    host = await Host.open(Apphost(define, "shop", folder / "apphost.py").build(), RunOptions())
    try:
        await host.start()
        app = Running(host)
        for name in ("port", *ships):
            await app.wait_healthy(name)
        yield app
    finally:
        await host.close()


@pytest.mark.usefixtures("folders")
async def test_it_outlives_the_run(tmp_path: Path) -> None:
    """What is kept must be shown as kept, be taken again, and lose what is not declared any more."""
    async with kept(tmp_path, "anna", "bella") as app:
        record = next(iter(app.host.run.state_folder.path().glob("harbour-*")))
        assert set(json.loads(record.read_text())) == {"depth", "name"}
    (yard,) = YARDS.values()
    assert app.snapshot("port").reason == "kept for the next run"
    assert set(yard.ships) == {"anna", "bella"}

    async with kept(tmp_path, "anna") as app:
        assert list(YARDS.values()) == [yard] and list(yard.ships) == ["anna"]
        assert "Let bella go, which is not declared any more" in [line.text for line in app.logs("port")]

    async with kept(tmp_path, "anna", depth=9) as app:
        assert list(YARDS.values()) != [yard]
        assert "Opening it anew, as this has changed: depth" in [line.text for line in app.logs("port")]
        await app.command("port", "stop")
        assert not YARDS
