"""What a run leaves in the engine on purpose, and when it is taken again; what it leaves by accident goes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.containers import BUSYBOX, IDLE, container_of, reach, says, text
from tests.support.definitions import Define
from tests.support.engines import ENGINES, EngineHost

from fairlead import AppBuilder, Apphost, ContainerFile, Lifetime, ref
from fairlead.drivers.containers.engine import remove_app
from fairlead.engines.docker import connect
from fairlead.engines.watchdog.bare_engine import ApiEngine
from fairlead.engines.watchdog.host_mark import host_mark
from fairlead.model.observation.state import State
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.testing import Running

pytestmark = pytest.mark.timeout(400)
SECRET = "guess-me-if-you-can"


@dataclass
class Ship:
    """An app file that is changed between runs."""

    folder: Path
    greeting: str = "ahoy"
    word: str = SECRET
    image: str = BUSYBOX
    target: str = "/data"

    def define(self, app: AppBuilder) -> None:
        word = app.add_parameter("word", secret=True)
        kept = app.add_container("kept", self.image, args=["sh", "-c", IDLE]).with_lifetime(Lifetime.PERSISTENT)
        kept.with_environment("GREETING", self.greeting).with_environment("WORD", word)
        kept.with_volume("hold", self.target).with_http_endpoint(target_port=80)
        kept.with_container_files("/etc/boat", [ContainerFile("word", ref("{w}", w=word))])
        app.add_container("brief", BUSYBOX, args=["sh", "-c", IDLE])

    @property
    def app_id(self) -> str:
        return self.apphost(self.define).build().id

    def apphost(self, define: Define) -> Apphost:
        return Apphost(define, "boat", self.folder / "apphost.py")

    @asynccontextmanager
    async def run(self, define: Define | None = None, *, is_isolated: bool = False) -> AsyncIterator[Running]:
        """A run as `fairlead run` makes it, until the block is left."""
        app = self.apphost(define or self.define).build()
        host = await Host.open(app, RunOptions(parameters={"word": self.word}, isolated=is_isolated))
        try:
            await host.start()
            yield Running(host)
        finally:
            await host.close()

    async def once(self) -> tuple[str, str]:
        """Run it until all is up; the persistent container's id, and what its log says of it."""
        async with self.run() as app:
            for name in ("kept", "brief"):
                await reach(app, name, State.RUNNING)
            await says(app, "brief", "up")
            return container_of(app, "kept"), text(app, "kept", "system")


@pytest.fixture
async def ship(tmp_path: Path, short_folder: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ship]:
    """A checkout of its own, of which nothing is left at the end."""
    for name, place in (("STATE_HOME", tmp_path / "s"), ("CONFIG_HOME", tmp_path / "c"), ("RUNTIME_DIR", short_folder)):
        monkeypatch.setenv(f"XDG_{name}", str(place))
    made = Ship(tmp_path)
    yield made
    await take_down(made)


async def take_down(ship: Ship) -> None:
    """Remove all of an app from the engine, as `fairlead down --volumes` does."""
    async with AsyncExitStack() as ends:
        engine = await connect()
        ends.push_async_callback(engine.close)
        await remove_app(engine, ship.app_id, ship.app_id, volumes=True)


@ENGINES
async def test_a_persistent_container_is_reused_until_it_changes(engine_host: EngineHost, ship: Ship) -> None:
    """It must stay when a run ends and be taken again; what has changed must be named when it is made anew.

    Its labels, by which that is told, must hold neither a secret nor a hash that somebody who guesses it could check.
    """
    mine = f"dev.fairlead.app={ship.app_id}"
    first, _ = await ship.once()
    stays = [f"container {ship.app_id}-kept", f"network {ship.app_id}-kept", f"volume {ship.app_id}-hold"]
    assert engine_host.objects(mine) == stays
    assert engine_host.run("inspect", "--format", "{{.State.Running}}", first).strip() == "true"
    check_no_secret_can_be_guessed(engine_host.run("inspect", "--format", "{{json .Config.Labels}}", first))

    begin = time.perf_counter()
    second, log = await ship.once()
    print(f"a run that reuses it, with a session container beside it: {time.perf_counter() - begin:.2f} s")
    assert second == first
    assert "Reusing" in log

    engine_host.run("stop", "--time=1", first)
    stopped, _ = await ship.once()
    assert stopped == first, "one that has ended is started again"

    ship.greeting, ship.word = "avast", "another"
    third, log = await ship.once()
    assert third != first
    assert "this has changed: file /etc/boat/word, variable GREETING, variable WORD" in log

    ship.target, ship.image = "/cargo", "redis:7.0-bookworm"
    fourth, log = await ship.once()
    assert fourth != third
    assert "this has changed: image, mount /cargo, mount /data" in log

    engine_host.run("rm", "--force", "--volumes", fourth)
    engine_host.run("network", "rm", f"{ship.app_id}-kept")
    fifth, _ = await ship.once()
    engine_host.run("network", "disconnect", "--force", f"{ship.app_id}-kept", fifth)
    engine_host.run("network", "rm", f"{ship.app_id}-kept")
    sixth, log = await ship.once()
    assert sixth != fifth
    assert "changed: " in log and "network" in log
    assert engine_host.objects(mine) == stays


def check_no_secret_can_be_guessed(labels: str) -> None:
    """Neither the secret nor a plain hash of a text with it must be in the labels."""
    for guess in (SECRET, f'["variable WORD", "{SECRET}"]', f'"{SECRET}"', f"WORD={SECRET}"):
        for algorithm in ("md5", "sha1", "sha256"):
            assert hashlib.new(algorithm, guess.encode()).hexdigest()[:16] not in labels
        assert guess not in labels


@ENGINES
async def test_half_made_containers_are_made_anew(engine_host: EngineHost, ship: Ship) -> None:
    """A persistent container that was never started must not be taken: its files may be missing."""
    first, _ = await ship.once()
    labels = engine_host.run("inspect", "--format", '{{index .Config.Labels "dev.fairlead.fields"}}', first).strip()
    engine_host.run("rm", "--force", first)
    owned = [f"--label=dev.fairlead.app={ship.app_id}", "--label=dev.fairlead.lifetime=persistent"]
    half = ["--label", f"dev.fairlead.fields={labels}", "--name", f"{ship.app_id}-kept", BUSYBOX]
    engine_host.run("create", *owned, *half)

    second, log = await ship.once()
    assert second != first
    assert "it was left created" in log


@ENGINES
async def test_leftovers_of_a_dead_run_are_removed(engine_host: EngineHost, ship: Ship) -> None:
    """Session objects of a run whose host died must go at the next start; those of others must not."""
    other = f"{ship.app_id}-other"
    try:
        for app_id, lifetime, name in (
            (ship.app_id, "session", "leftover"),
            (ship.app_id, "persistent", "still-wanted"),
            (other, "session", "of-another"),
        ):
            labels = [f"--label=dev.fairlead.{key}" for key in (f"app={app_id}", f"lifetime={lifetime}", "run=dead")]
            engine_host.run("network", "create", *labels, f"{ship.app_id}-{name}")
            engine_host.run(
                "run", "-d", *labels, f"--network={ship.app_id}-{name}", f"--name={ship.app_id}-{name}", BUSYBOX
            )
        await ship.once()
        assert f"{ship.app_id}-still-wanted" in engine_host.containers(f"dev.fairlead.app={ship.app_id}")
        names = engine_host.containers()
        assert f"{ship.app_id}-leftover" not in names
        assert f"{ship.app_id}-of-another" in names
        networks = engine_host.run("network", "ls", "--format", "{{.Name}}").split()
        assert f"{ship.app_id}-leftover" not in networks
        assert f"{ship.app_id}-of-another" in networks
    finally:
        engine_host.discard(f"container {ship.app_id}-of-another", f"network {ship.app_id}-of-another")


@pytest.mark.parametrize("is_isolated", [True, False])
async def test_leftovers_of_dead_tests_are_removed(docker: EngineHost, ship: Ship, is_isolated: bool) -> None:
    """What an isolated run has left must go at the next start of the app, and what one has that lives must not."""
    living = host_mark()
    dead = f"{living}0"
    try:
        for name, mark in (("dead", dead), ("living", living)):
            app_id, run = f"{ship.app_id}-{name}", f"{name:x<8}"
            given = {"app": app_id, "base": ship.app_id, "host": mark, "run": run, "lifetime": "session"}
            marks = [f"--label=dev.fairlead.{key}={value}" for key, value in given.items()]
            docker.run("network", "create", *marks, f"{app_id}-net")
            docker.run("volume", "create", *marks, f"{app_id}-v")
            box = [f"--name={app_id}-a", f"--network={app_id}-net", f"-v{app_id}-v:/v"]
            docker.run("run", "-d", *marks, *box, BUSYBOX)
        async with ship.run(is_isolated=is_isolated) as app:
            await reach(app, "brief", State.RUNNING)
        assert docker.objects(f"dev.fairlead.app={ship.app_id}-dead") == []
        assert len(docker.objects(f"dev.fairlead.app={ship.app_id}-living")) == 3
    finally:
        mine = f"{ship.app_id}-living"
        docker.discard(f"container {mine}-a", f"network {mine}-net", f"volume {mine}-v")


async def test_two_networks_of_one_name_are_replaced_by_one(docker: EngineHost, ship: Ship) -> None:
    """Where a late request of a dead run has given the kept network a twin, the next run must come up all the same."""
    first, _ = await ship.once()
    labels = {"dev.fairlead.app": ship.app_id, "dev.fairlead.lifetime": "persistent"}
    twin = {"Name": f"{ship.app_id}-kept", "CheckDuplicate": False, "Labels": labels}
    status, _ = ApiEngine("unix:///var/run/docker.sock").request("POST", "/networks/create", twin)
    assert status == 201
    second, log = await ship.once()
    assert second != first
    assert "this has changed: extra hosts, network" in log
    networks = [name for name in docker.objects(f"dev.fairlead.app={ship.app_id}") if name.startswith("network ")]
    assert networks == [f"network {ship.app_id}-kept"]


async def test_what_others_made_is_not_removed(docker: EngineHost, ship: Ship) -> None:
    """A foreign network of the app's name must be named and left alone, a foreign volume be used and left alone."""

    def define(app: AppBuilder) -> None:
        box = app.add_container("box", BUSYBOX, args=["sh", "-c", IDLE]).with_volume("hold", "/data")
        box.with_lifetime(Lifetime.PERSISTENT)

    try:
        docker.run("network", "create", f"{ship.app_id}-kept")
        docker.run("volume", "create", f"{ship.app_id}-hold")
        async with ship.run(define) as app:
            failed = await reach(app, "box", State.FAILED_TO_START)
            assert f"the name {ship.app_id}-kept is taken by a network that this run did not create" in failed.reason
            assert f"docker network rm {ship.app_id}-kept" in failed.reason
        docker.run("network", "rm", f"{ship.app_id}-kept")
        async with ship.run(define) as app:
            await says(app, "box", "up")
            assert "which Fairlead did not make" in text(app, "box", "system")
        await take_down(ship)
        assert f"{ship.app_id}-hold" in docker.run("volume", "ls", "--format", "{{.Name}}").split()
    finally:
        docker.discard(f"network {ship.app_id}-kept", f"volume {ship.app_id}-hold")
