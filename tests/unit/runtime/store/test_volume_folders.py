"""The folders that are the volumes of processes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tests.support.stage import stage

from fairlead import AppBuilder, Apphost
from fairlead.errors import StateError
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.runtime.store.volume_folders import remove_volume_folders
from fairlead.testing import InMemory, Running


def define(app: AppBuilder) -> None:
    app.add(InMemory("one")).with_volume("My_Jobs", "/jobs", env="JOBS")
    app.add(InMemory("two")).with_volume("my-jobs", "/elsewhere", env="JOBS").with_volume("own", "/own", env="OWN")


def seen(running: Running, name: str) -> dict[str, Path]:
    resource = running.app[name]
    assert isinstance(resource, InMemory)
    return {variable: Path(text) for variable, text in resource.seen.items()}


async def test_processes_find_their_data_again(tmp_path: Path) -> None:
    """A volume must be one private folder for all that name it, in every run, outside of the state folder."""
    one: dict[str, Path] = {}
    for attempt in range(2):
        host = await Host.open(
            Apphost(define, "shop", tmp_path / "apphost.py").build(),
            RunOptions(environ={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}),
        )
        try:
            await host.start()
            running = Running(host)
            await running.wait_healthy("one")
            await running.wait_healthy("two")
            one, two = seen(running, "one"), seen(running, "two")
        finally:
            await host.close()
        assert one["JOBS"] == two["JOBS"] != two["OWN"]
        assert one["JOBS"] == tmp_path / "data" / "fairlead" / "volumes" / host.run.app_id / "my-jobs"
        assert stat.S_IMODE(one["JOBS"].stat().st_mode) == 0o700
        assert (one["JOBS"] / "job").exists() is bool(attempt)
        (one["JOBS"] / "job").write_text("done")

    base = one["JOBS"].parent
    assert remove_volume_folders(base) == [f"folder {base / 'my-jobs'}", f"folder {base / 'own'}"]
    assert not base.exists()
    assert remove_volume_folders(base) == []


async def test_an_isolated_run_leaves_no_data() -> None:
    """A test must begin with empty folders, which are gone at its end."""
    async with stage(define) as shown:
        await shown.wait_healthy("two")
        folder = seen(shown, "two")["OWN"]
        assert list(folder.iterdir()) == []
        (folder / "job").write_text("done")

    assert not folder.exists()


def test_what_can_not_be_removed_is_told(tmp_path: Path) -> None:
    """A base that is no folder must be an error that names it."""
    (tmp_path / "volumes").write_text("")
    with pytest.raises(StateError, match=r"can't read the folder .*volumes"):
        remove_volume_folders(tmp_path / "volumes")
