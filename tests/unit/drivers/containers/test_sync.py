"""Watched files in a container: those that it begins with, and those that change while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fairlead import AppBuilder, Apphost, EngineError, ResourceFailed
from fairlead.model.driving.driver import FileChange
from fairlead.testing import FakeEngine, Running, testing
from fairlead.testing.fakes.fake_container import Process


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with two files, one of which is ignored."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("hello")
    (folder / "draft.html").write_text("no")
    return folder


class Box:
    """A container's program, which has an ``rm`` unless it is told otherwise.

    Args:
        has_rm: Whether its image has it.
    """

    def __init__(self, *, has_rm: bool = True) -> None:
        self.engine = FakeEngine()
        self.engine.add_image("web:1", self.run)
        self.files: dict[str, Any] = {}
        self.at_start: list[str] = []
        self._has_rm = has_rm

    async def run(self, process: Process) -> int:
        if process.args[:1] == ("rm",):
            return self._remove(process.args[3:])
        self.files = process.files
        self.at_start = list(process.files)
        await asyncio.Event().wait()
        return 0

    def _remove(self, paths: tuple[str, ...]) -> int:
        for path in paths if self._has_rm else ():
            self.files.pop(path, None)
        return 0 if self._has_rm else 127


def _web(app: AppBuilder, **options: Any) -> Any:
    web = app.add_container("web", "web:1", **options)
    return web.with_watch("site", action="sync", target="/srv", ignore=["draft.*"])


@asynccontextmanager
async def _running(define: Any, folder: Path, box: Box) -> AsyncIterator[Running]:
    async with testing(Apphost(define, "shop", folder / "apphost.py"), engine=box.engine) as app:
        await app.wait_for("web", "running")
        yield app


async def _sync(app: Running, *changes: FileChange) -> None:
    for driver in app.host.supervisor.runner("web").drivers_up:
        await driver.sync(changes)


async def test_a_container_begins_with_the_files_as_they_are(site: Path) -> None:
    """A new container must have the watched files, without the ignored ones, before its program starts."""
    box = Box()
    async with _running(_web, site.parent, box) as app:
        assert box.at_start == ["/srv/index.html"]
        assert "1 file copied, as its watch says" in [line.text for line in app.logs("web")]
        (site / "new.html").write_text("new")
        await app.command("web", "restart")
        await app.wait_for("web", "running")
        assert sorted(box.at_start) == ["/srv/index.html", "/srv/new.html"]


async def test_changes_are_copied_and_removals_made(site: Path) -> None:
    """A file that was written must be in the container with its mode; one that is gone must be gone there."""
    box = Box()
    async with _running(_web, site.parent, box) as app:
        (site / "run.sh").write_text("echo")
        (site / "run.sh").chmod(0o755)
        (site / "index.html").unlink()
        await _sync(
            app, FileChange(site / "run.sh", "/srv/bin/run.sh"), FileChange(site / "index.html", "/srv/index.html")
        )

        assert list(box.files) == ["/srv/bin/run.sh"]
        assert box.files["/srv/bin/run.sh"].content == b"echo"
        assert box.files["/srv/bin/run.sh"].mode == 0o755
        assert "1 file copied and 1 removed" in [line.text for line in app.logs("web")]


async def test_an_image_without_rm_is_said(site: Path) -> None:
    """Where the container can't remove a file, the error must say why, and what helps."""
    async with _running(_web, site.parent, Box(has_rm=False)) as app:
        with pytest.raises(EngineError) as caught:
            await _sync(app, FileChange(site / "gone.html", "/srv/gone.html"))

    assert caught.value.message == "/srv/gone.html can't be removed from the container: its image has no rm"
    assert caught.value.remedy == "A restart makes the container anew."


async def test_a_target_below_a_mount_is_refused(site: Path) -> None:
    """Files that would be lost below a mount must fail the start, not vanish."""

    def define(app: AppBuilder) -> None:
        _web(app).with_container_runtime_args("--tmpfs=/srv")

    with pytest.raises(ResourceFailed, match="its file /srv can't be copied: /srv is a tmpfs"):
        async with _running(define, site.parent, Box()):
            pass
