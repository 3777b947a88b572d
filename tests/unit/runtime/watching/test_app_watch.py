"""What a run does when watched files change; what the system tells is told by the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from tests.support.definitions import build
from tests.support.kinds import Odd, OddDriver
from tests.support.stage import Stage, stage
from tests.support.waiting import until

from fairlead import AppBuilder, EngineError, State
from fairlead.engines.file_watch import FileNews
from fairlead.model.driving.driver import FileChange
from fairlead.model.watch import WATCH_ACTIONS, WatchAction
from fairlead.runtime.watching.app_watch import AppWatch, running_image_of


class Box(Odd):
    """Something with a build and with files, which remembers what was done with it."""

    watch_actions: ClassVar[tuple[WatchAction, ...]] = WATCH_ACTIONS
    driver: ClassVar[str | None] = f"{__name__}:BoxDriver"
    build_files = (".", "Dockerfile")


class BoxDriver(OddDriver):
    """Counts builds, and keeps what it was given."""

    built: ClassVar[list[str]] = []
    given: ClassVar[list[FileChange]] = []
    refusal: ClassVar[str] = ""

    async def rebuild(self) -> None:
        if self.refusal:
            raise EngineError(self.refusal)
        self.built.append("built")

    async def sync(self, changes: Sequence[FileChange]) -> None:
        self.given.extend(changes)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing built and nothing given."""
    for name, empty in {"built": [], "given": [], "refusal": ""}.items():
        monkeypatch.setattr(BoxDriver, name, empty)


class System:
    """What the system tells of files."""

    def __init__(self) -> None:
        self.paths: Sequence[Path] = ()
        self._news: asyncio.Queue[FileNews] = asyncio.Queue()

    async def follow(self, paths: Sequence[Path]) -> AsyncGenerator[FileNews]:
        self.paths = paths
        there = frozenset(path for path in paths if path.exists())
        yield FileNews(appeared=there, vanished=frozenset(paths) - there)
        while True:
            yield await self._news.get()

    def tell(self, **news: object) -> None:
        self._news.put_nowait(FileNews(**news))  # type: ignore[arg-type]

    def changed(self, *files: Path) -> None:
        self.tell(changed=frozenset(files))


@contextlib.asynccontextmanager
async def watching(shown: Stage) -> AsyncIterator[System]:
    system = System()
    watch = AppWatch(shown.host.run, shown.host.supervisor, system.follow)
    watch.begin()
    await until(lambda: system.paths, "it is followed")
    try:
        yield system
    finally:
        watch.end()


def _box(app: AppBuilder, action: WatchAction = "restart") -> None:
    target = "/src" if "sync" in action else None
    app.add(Box("box")).with_watch("src", action=action, target=target)


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """The watched folder, with a file."""
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "main.py").write_text("")
    return folder


async def _again(shown: Stage, starts: int = 2) -> None:
    await shown.until("box", lambda seen: seen.starts == starts and seen.state is State.RUNNING)


async def test_a_change_starts_it_again(src: Path) -> None:
    """A change of a watched file must start the resource again, and its log and events must say why."""
    async with stage(_box, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.RUNNING)
        system.changed(src / "main.py")
        await _again(shown)

        assert "src/main.py has changed: starting again" in shown.text("box")
        texts = [event.text for event in shown.host.run.events.of("box")]
        assert "Restart was asked for by its watch (src/main.py has changed)" in texts


async def test_what_comes_together_is_one_change(src: Path) -> None:
    """Files that are written one after the other must start it again once."""
    (src / "b.py").write_text("")
    async with stage(_box, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.RUNNING)
        system.changed(src / "main.py")
        system.changed(src / "b.py", src / ".b.py.swp")
        await until(lambda: "src/b.py and 1 more have changed" in shown.text("box"), "both are one")
        await _again(shown)


async def test_what_does_not_count_starts_nothing(src: Path) -> None:
    """Ignored files must start nothing; the next that counts must be named alone."""
    async with stage(_box, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.RUNNING)
        system.changed(src / "main.pyc", src / "__pycache__" / "x")
        system.changed(src / "main.py")
        await _again(shown)

        assert "src/main.py has changed: starting again" in shown.text("box")


async def test_rules_that_change_count_at_once(src: Path) -> None:
    """A file that a new ``.gitignore`` names must no longer count."""
    (src.parent / ".git").mkdir()
    async with stage(_box, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.RUNNING)
        (src / ".gitignore").write_text("*.log\n.gitignore\n")
        system.changed(src / ".gitignore")
        system.changed(src / "x.log")
        system.changed(src / "main.py")
        await _again(shown)

        assert "src/main.py has changed: starting again" in shown.text("box")


async def test_what_was_stopped_stays_stopped(src: Path) -> None:
    """A change must not start what the user has stopped, nor what was never started."""

    def define(app: AppBuilder) -> None:
        _box(app)
        app.add(Box("idle")).with_watch("src").with_explicit_start()
        app.add(Box("other")).with_watch("src")

    async with stage(define, folder=src.parent) as shown, watching(shown) as system:
        await shown.command("box", "stop")
        await shown.reach("other", State.RUNNING)
        system.changed(src / "main.py")
        await shown.until("other", lambda seen: seen.starts == 2 and seen.state is State.RUNNING)

        assert shown.snapshot("box").starts == 1
        assert shown.snapshot("idle").state is State.NOT_STARTED


async def test_what_has_failed_is_started_again(src: Path) -> None:
    """A change must start what has failed, as it may be what mends it."""
    broken = True

    async def fail(_: object) -> None:
        if broken:
            raise EngineError("it is broken")

    def define(app: AppBuilder) -> None:
        app.add(Box("box", start=fail)).with_watch("src")

    async with stage(define, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.FAILED_TO_START)
        broken = False
        system.changed(src / "main.py")
        await _again(shown)


async def test_its_image_is_built_before_it_ends(src: Path) -> None:
    """A rebuild must come before the restart, while the resource goes on."""
    async with (
        stage(lambda app: _box(app, "rebuild"), folder=src.parent) as shown,
        watching(shown) as system,
    ):
        await shown.reach("box", State.RUNNING)
        system.changed(src / "main.py")
        await _again(shown)

        assert BoxDriver.built == ["built"]


async def test_an_image_that_can_not_be_built_changes_nothing(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that fails must leave the resource as it is, and be said; the next change must try again."""
    monkeypatch.setattr(BoxDriver, "refusal", "step 2 failed")
    async with (
        stage(lambda app: _box(app, "rebuild"), folder=src.parent) as shown,
        watching(shown) as system,
    ):
        await shown.reach("box", State.RUNNING)
        system.changed(src / "main.py")
        await until(lambda: "It goes on as it is: step 2 failed" in shown.text("box"), "it says so")
        assert shown.snapshot("box").starts == 1
        monkeypatch.setattr(BoxDriver, "refusal", "")
        system.changed(src / "main.py")
        await _again(shown)


async def test_an_image_that_failed_is_built_by_its_start(src: Path) -> None:
    """What could not be built when it started must be started again, as that builds it."""
    broken = True

    async def fail(_: object) -> None:
        if broken:
            raise EngineError("step 2 failed")

    def define(app: AppBuilder) -> None:
        app.add(Box("box", start=fail)).with_watch("src", action="rebuild")

    async with stage(define, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.FAILED_TO_START)
        broken = False
        system.changed(src / "main.py")
        await _again(shown)
        assert BoxDriver.built == []


def test_all_that_run_an_image_are_started_again() -> None:
    """An image that several containers share must have them all started again, and no process; another one itself."""

    def define(app: AppBuilder) -> None:
        image = app.add_image("base", "./base")
        app.add_container("api", image)
        app.add_container("worker", image)
        app.add_executable("tool", "true").with_image(image)
        app.add_dockerfile("own", "./own")

    app = build(define)
    assert running_image_of(app, "base") == ["api", "worker"]
    assert running_image_of(app, "worker") == ["api", "worker"]
    assert running_image_of(app, "own") == ["own"]


async def test_files_are_copied_and_removed(src: Path) -> None:
    """A change must bring the file to its place; one that is gone must be named, so that it is removed there."""
    async with (
        stage(lambda app: _box(app, "sync"), folder=src.parent) as shown,
        watching(shown) as system,
    ):
        await shown.reach("box", State.RUNNING)
        system.changed(src / "main.py", src / "gone.py")
        await until(lambda: len(BoxDriver.given) == 2, "both are given")

        assert {change.target for change in BoxDriver.given} == {"/src/main.py", "/src/gone.py"}
        assert shown.snapshot("box").starts == 1


async def test_a_change_while_it_starts_is_copied_when_it_is_up(src: Path) -> None:
    """Files that change while a container is being made must be in it in the end."""
    may_start = asyncio.Event()

    async def start(_: object) -> None:
        await may_start.wait()

    def define(app: AppBuilder) -> None:
        app.add(Box("box", start=start)).with_watch("src", action="sync", target="/src")

    async with stage(define, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.STARTING)
        system.changed(src / "main.py")
        may_start.set()
        await until(lambda: BoxDriver.given, "it is given")


async def test_a_folder_that_vanishes_is_waited_for(src: Path) -> None:
    """A watched folder that is gone must be said and change nothing; when it is back, that must count as a change."""
    async with stage(_box, folder=src.parent) as shown, watching(shown) as system:
        await shown.reach("box", State.RUNNING)
        (src / "main.py").unlink()
        src.rmdir()
        system.changed(src / "main.py", src)
        system.tell(vanished=frozenset({src}))
        await until(lambda: "The watched src is gone; it is watched again when it is" in shown.text("box"), "said")
        assert shown.snapshot("box").starts == 1
        src.mkdir()
        (src / "new.py").write_text("")
        system.tell(appeared=frozenset({src}))
        await _again(shown)

        assert "src/new.py has changed: starting again" in shown.text("box")


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A watched folder that is not there when the run begins must be said, and the run go on."""
    async with stage(_box, folder=tmp_path) as shown, watching(shown):
        await until(lambda: "The watched src is not there; it is watched again when it is" in shown.text("box"), "said")


async def test_a_system_that_follows_nothing_more_is_said(src: Path) -> None:
    """Where the system's limit is reached, each resource's log must say that its files are not watched."""
    async with stage(_box, folder=src.parent) as shown, watching(shown) as system:
        system.tell(trouble="OS file watch limit reached. Raise the limit")
        await until(lambda: "Its files are not watched any more: OS file watch limit" in shown.text("box"), "said")
