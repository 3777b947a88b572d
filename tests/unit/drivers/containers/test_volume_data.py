"""A container whose data is its own must offer to delete it, and begin again without."""

from __future__ import annotations

import pytest
from tests.support.waiting import until

from fairlead import AppBuilder, UsageError, apphost
from fairlead.testing import FakeEngine, testing
from fairlead.testing.fakes.fake_container import Process


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()

    async def lasts(process: Process) -> None:
        process.print("up")
        await process.term.wait()

    engine.add_image("box", lasts)
    return engine


async def test_the_data_is_deleted(engine: FakeEngine) -> None:
    """The command must say what is lost; then the container must be another one, over a new volume."""

    @apphost
    def shop(app: AppBuilder) -> None:
        app.add_container("pg", "box").with_volume("data", "/data")

    async with testing(shop, engine=engine) as app:
        before = await app.wait_for("pg", "running")
        view = before.command("delete-data")
        assert view.confirm == "Delete the data of pg?" and view.loses_data
        (volume,) = [volume.name for volume in await engine.volumes({}) if volume.name.endswith("data")]
        assert view.effects == (
            "pg stops.",
            f"The volume {volume} is removed. This cannot be undone.",
            "pg starts again, empty.",
        )
        assert await app.command("pg", "delete-data") == "pg starts again, empty"
        await until(lambda: app.snapshot("pg").starts == 2, "the second start")
        after = await app.wait_for("pg", "running")
        assert dict(after.properties)["container"] != dict(before.properties)["container"]
        assert f"Removed the volume {volume}" in [line.text for line in app.logs("pg")]
        assert [each.name for each in await engine.volumes({}) if each.name == volume] == [volume]


async def test_what_is_shared_is_not_deleted(engine: FakeEngine) -> None:
    """A volume that another container has too must not be offered, nor one without a name."""

    @apphost
    def shop(app: AppBuilder) -> None:
        app.add_container("a", "box").with_volume("data", "/data")
        app.add_container("b", "box").with_volume("data", "/data")
        app.add_container("c", "box")

    async with testing(shop, engine=engine) as app:
        for name in ("a", "b", "c"):
            snapshot = await app.wait_for(name, "running")
            assert "delete-data" not in {view.name for view in snapshot.commands}
            with pytest.raises(UsageError, match="it has no command 'delete-data'"):
                await app.command(name, "delete-data")
