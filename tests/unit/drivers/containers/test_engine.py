"""What is removed of an app, and of its earlier runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from fairlead.drivers.containers.engine import remove_app, remove_leftovers
from fairlead.drivers.containers.inner_objects import cleanup_command, cleanup_label
from fairlead.engines.containers import ContainerInfo, ContainerSpec
from fairlead.errors import EngineError
from fairlead.testing.fakes.fake_container import Process
from fairlead.testing.fakes.fake_engine import FakeEngine


async def program(process: Process) -> int | None:
    return 0


@pytest.fixture
async def engine() -> AsyncIterator[FakeEngine]:
    engine = FakeEngine()
    engine.add_image("box", program)
    yield engine
    await engine.close()


def labels(run: str = "old", lifetime: str = "session", app: str = "shop") -> dict[str, str]:
    return {"dev.fairlead.app": app, "dev.fairlead.run": run, "dev.fairlead.lifetime": lifetime}


async def fill(engine: FakeEngine, name: str, marks: dict[str, str]) -> None:
    await engine.create(ContainerSpec(name=name, image="box", labels=marks))
    await engine.ensure_network(f"{name}-net", marks)
    await engine.ensure_volume(f"{name}-volume", marks)


async def names(engine: FakeEngine) -> list[str]:
    containers, networks, volumes = await engine.containers({}), await engine.networks({}), await engine.volumes({})
    return sorted([*(c.name for c in containers), *(n.name for n in networks), *(v.name for v in volumes)])


async def test_only_session_objects_of_earlier_runs_are_leftovers(engine: FakeEngine) -> None:
    """Objects of the run that starts, of other apps and persistent ones must stay."""
    await fill(engine, "old", labels())
    for name, marks in (("new", labels("new")), ("kept", labels(lifetime="persistent")), ("far", labels(app="far"))):
        await fill(engine, name, marks)
    await remove_leftovers(engine, "shop", "new", "shop")
    stay = [f"{name}{part}" for name in ("far", "kept", "new") for part in ("", "-net", "-volume")]
    assert await names(engine) == sorted(stay)


async def test_what_can_be_removed_is_removed(engine: FakeEngine) -> None:
    """When a container can't be removed, networks and volumes must be removed all the same, and the error be said."""
    await fill(engine, "old", labels())
    engine.refusals["remove"] = EngineError("it is stuck")
    with pytest.raises(EngineError, match="it is stuck"):
        await remove_app(engine, "shop", "shop", volumes=True)
    assert await names(engine) == ["old"]
    del engine.refusals["remove"]
    assert await remove_app(engine, "shop", "shop") == ["container old"]


@pytest.mark.parametrize(
    ("label", "command"),
    [
        (cleanup_label(["rm", "-l", "run!={keep_run}"]), ("rm", "-l", "run!=new")),
        (cleanup_label(["get", "-o", "jsonpath={.items}"]), ("get", "-o", "jsonpath={.items}")),
        ({}, ()),
        ({"dev.fairlead.cleanup": "rm -r /"}, ()),
        ({"dev.fairlead.cleanup": json.dumps({"rm": 1})}, ()),
        ({"dev.fairlead.cleanup": json.dumps(["rm", 1])}, ()),
    ],
)
def test_a_containers_label_gives_a_command(label: dict[str, str], command: tuple[str, ...]) -> None:
    """It must be a list of texts, in which the run that stays is named; anything else is no command."""
    container = ContainerInfo(id="1", name="node", image="", image_id="", labels=label, state="running")
    assert cleanup_command(container, "new") == command
