"""The shop: what a user of containers relies on, on real engines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from tests.support.engines import ENGINES, ONE_ENGINE, EngineHost
from tests.support.waiting import until_seen

ROOT = Path(__file__).resolve().parents[2]
FAIRLEAD = str(Path(sys.executable).with_name("fairlead"))
KEPT = "dev.fairlead.lifetime=persistent"

pytestmark = pytest.mark.timeout(500)


class Shop:
    """A checkout of the shop, with state and settings of its own."""

    def __init__(self, folder: Path, runtime: str, engine: EngineHost) -> None:
        self.engine = engine
        self.folder = folder / "shop"
        shutil.copytree(ROOT / "examples" / "shop", self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        places = {"XDG_STATE_HOME": folder / "state", "XDG_CONFIG_HOME": folder / "config", "XDG_RUNTIME_DIR": runtime}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRLEAD_", "CI"))}
        self.env = {
            **inherited,
            **engine.environment,
            **{variable: str(place) for variable, place in places.items()},
            "FAIRLEAD_PARAMETER_PAYMENT_KEY": "the-payment-key",
        }

    def fairlead(self, *arguments: str) -> str:
        """What a command of this checkout writes; it has to end well."""
        done = subprocess.run(
            [FAIRLEAD, *arguments], env=self.env, capture_output=True, text=True, check=False, cwd=self.folder
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start it in the background."""
        self.fairlead("run", "--detach", "--json")

    def up(self) -> str:
        """Wait until the web front and the worker are healthy, and return the front's address."""
        for name in ("web", "worker"):
            self.fairlead("wait", name, "--for", "healthy", "--timeout", "120")
        return str(self.resources()["web"]["urls"][0]["url"])

    def resources(self) -> dict[str, dict[str, Any]]:
        """What `fairlead resources` says, by name."""
        found = json.loads(self.fairlead("resources", "--json"))["resources"]
        return {resource["name"]: resource for resource in found}

    def stop(self) -> None:
        """End the run."""
        self.fairlead("stop")

    def take_down(self) -> None:
        """End it and remove all that it has left, its data included."""
        identity = json.loads(self.fairlead("down", "--volumes", "--json"))["app_id"]
        assert self.engine.objects(f"dev.fairlead.app={identity}") == []

    def query(self, sql: str) -> str:
        """What the database answers to a person who asks it in its own container."""
        (server,) = self.engine.containers("dev.fairlead.resource=pg", f"dev.fairlead.app={self.running_id()}").values()
        return self.engine.run("exec", server, "psql", "-U", "postgres", "-d", "orders", "-tAc", sql).strip()

    def running_id(self) -> str:
        """The app's id, while it runs."""
        return str(json.loads(self.fairlead("ps", "--json"))["apps"][0]["app_id"])

    def kept(self) -> dict[str, str]:
        """Names and ids of its persistent containers."""
        return self.engine.containers(KEPT, f"dev.fairlead.app={self.running_id()}")


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[EngineHost], Shop]]:
    """Makes checkouts, all of which are taken down again at the end with all that they have left."""
    made: list[Shop] = []
    with tempfile.TemporaryDirectory(prefix="fl-") as runtime:  # short, as a socket's path has to be

        def make(engine: EngineHost) -> Shop:
            own = Path(runtime) / str(len(made))
            own.mkdir(mode=0o700)
            made.append(Shop(tmp_path_factory.mktemp("s"), str(own), engine))
            return made[-1]

        with ExitStack() as ends:  # each is taken down, whatever becomes of the others
            yield make
            for shop in made:
                ends.callback(shop.take_down)


def order(url: str, item: str) -> int:
    """Post an order through the web front, as the page does."""
    body = json.dumps({"item": item, "amount": 2}).encode()
    with urlopen(Request(f"{url}/api/orders", body, {"Content-Type": "application/json"}), timeout=30) as answer:
        return int(json.load(answer)["id"])


def orders(url: str) -> list[dict[str, Any]]:
    """What the shop says of its orders."""
    with urlopen(f"{url}/api/orders", timeout=30) as answer:
        return list(json.load(answer))


@ENGINES
async def test_an_order_is_stored_and_worked_on_and_survives_a_stop(
    engine_host: EngineHost, checkout: Callable[[EngineHost], Shop]
) -> None:
    """An order posted through the web front must be stored and paid for, and still be there in the next run.

    `stop` keeps what is persistent; `down` removes all but the volumes, from which the next run has its data again.
    """
    shop = checkout(engine_host)
    shop.start()
    url = shop.up()
    number = order(url, "rope")

    await until_seen(lambda: orders(url)[0]["receipt"], "the worker has paid for the order")
    assert shop.query(f"SELECT item, amount, receipt IS NOT NULL FROM orders WHERE id = {number}") == "rope|2|t"
    before, identity = shop.kept(), shop.running_id()
    shop.stop()
    left = {name.partition(" ")[0] for name in engine_host.objects(f"dev.fairlead.app={identity}")}
    assert left == {"container", "network", "volume"}, "what is persistent stays"
    assert engine_host.objects(f"dev.fairlead.app={identity}", "dev.fairlead.lifetime=session") == []

    shop.start()
    again = shop.up()
    assert [(one["item"], one["id"]) for one in orders(again)] == [("rope", number)]
    assert shop.kept() == before, "the database's container is reused"
    assert again == url, "its address is the same in the next run"
    assert "Reusing the container" in shop.fairlead("logs", "pg")
    assert "the-payment-key" not in shop.fairlead("logs") + engine_host.inspect_all(f"dev.fairlead.app={identity}")

    removed = json.loads(shop.fairlead("down", "--json"))["removed"]
    assert removed == [f"container {identity}-pg", f"network {identity}-kept"]
    assert json.loads(shop.fairlead("ps", "--json"))["apps"] == []
    assert engine_host.objects(f"dev.fairlead.app={identity}") == [f"volume {identity}-pg-data"]

    shop.start()
    assert [one["id"] for one in orders(shop.up())] == [number]
    log = shop.fairlead("logs", "pg")
    assert "database system was not properly shut down" not in log, "it had the time to end in order"


@ONE_ENGINE
async def test_two_checkouts_run_at_once(engine_host: EngineHost, checkout: Callable[[EngineHost], Shop]) -> None:
    """Two checkouts of one app must run side by side, each with its own addresses and data."""
    shops = [checkout(engine_host), checkout(engine_host)]
    for shop in shops:
        shop.start()
    first, second = (shop.up() for shop in shops)
    assert first != second

    order(first, "rope")
    assert [one["item"] for one in orders(first)] == ["rope"]
    assert orders(second) == []
