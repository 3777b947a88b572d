"""Follows the watched files of an app, and does with its resources what the definition asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from fairlead.engines.file_watch import FileNews, FileWatcher
from fairlead.engines.tasks import TaskScope, run_all
from fairlead.errors import FairleadError, NotRunning, UsageError
from fairlead.model.app import App
from fairlead.model.observation.snapshot import Snapshot
from fairlead.model.observation.state import State
from fairlead.model.programs.workload import Workload
from fairlead.runtime.lifecycle.run import Run
from fairlead.runtime.lifecycle.supervisor import Supervisor
from fairlead.runtime.watching.ignored_files import IGNORE_FILES
from fairlead.runtime.watching.watched_path import WatchedPath, watched_paths

QUIET_SECONDS = 0.05
"""How long a resource is left alone after a change, as more may follow: editors write several files at once."""

Follow = Callable[[Sequence[Path]], AsyncGenerator[FileNews]]


class _Changes:
    """What has changed for one resource, and nothing was done about yet."""

    def __init__(self) -> None:
        #: The files by the watched path that they are below.
        self.files: dict[WatchedPath, set[Path]] = {}
        #: Set while there are some.
        self.arrived = asyncio.Event()

    def add(self, watched: WatchedPath, files: Collection[Path]) -> None:
        """Note files that have changed."""
        self.files.setdefault(watched, set()).update(files)
        self.arrived.set()

    def take(self) -> dict[WatchedPath, set[Path]]:
        """What there is, which is forgotten here."""
        self.arrived.clear()
        taken, self.files = self.files, {}
        return taken


class AppWatch:
    """The watch of one run.

    Args:
        run: The run.
        supervisor: Starts its resources again.
        follow: Follows files; what the system tells of them, unless given.
    """

    def __init__(
        self, run: Run, supervisor: Supervisor, follow: Follow = lambda paths: FileWatcher(paths).follow()
    ) -> None:
        self._run = run
        self._supervisor = supervisor
        self._follow = follow
        self._tasks = TaskScope("watch")
        self._changes: dict[str, _Changes] = {}
        self._watched: list[WatchedPath] = []

    def begin(self) -> None:
        """Begin to watch, or go by what the definition says by now; does nothing where it watches the same."""
        watched = self._find()
        if [one.said for one in watched] == [one.said for one in self._watched]:
            return
        self._tasks.cancel()
        self._watched = watched
        if not watched:
            return
        self._tasks = TaskScope("watch")
        self._changes = {watched.resource: _Changes() for watched in self._watched}
        self._tasks.spawn(self._watch(), "following")
        for name, changes in self._changes.items():
            self._tasks.spawn(self._react(name, changes), name)

    def end(self) -> None:
        """Watch nothing any more."""
        self._tasks.cancel()

    def _find(self) -> list[WatchedPath]:
        found: list[WatchedPath] = []
        for start in self._run.plan.starts:
            try:
                found += watched_paths(self._run.app, self._run.app[start.name])
            except OSError as error:
                self._log(start.name, f"Its files are not watched: {error}")
        return found

    def _log(self, name: str, text: str) -> None:
        self._run.logs.log(name).write(text)

    # What happens to files

    async def _watch(self) -> None:
        roots = list(dict.fromkeys(watched.root for watched in self._watched))
        is_first = True
        async with aclosing(self._follow(roots)) as all_news:
            async for news in all_news:
                if news.trouble:
                    self._say_trouble(news.trouble)
                    return
                self._note_paths(news, is_first=is_first)
                self._note_changes(news.changed)
                is_first = False

    def _say_trouble(self, trouble: str) -> None:
        for name in self._changes:
            self._log(name, f"Its files are not watched any more: {trouble}")

    def _note_paths(self, news: FileNews, *, is_first: bool) -> None:
        """Say which watched paths are there; one that is back counts as changed."""
        for watched in self._watched:
            if watched.root in news.vanished:
                how = "is not there" if is_first else "is gone"
                self._changes[watched.resource].files.pop(watched, None)
                self._log(watched.resource, f"The watched {watched.watch.path} {how}; it is watched again when it is")
            elif watched.root in news.appeared and is_first:
                self._log(watched.resource, f"Watching {watched.watch.path} ({watched.watch.action})")
            elif watched.root in news.appeared:
                self._log(watched.resource, f"The watched {watched.watch.path} is there again")
                self._changes[watched.resource].add(watched, set(watched.files()) or {watched.root})

    def _note_changes(self, changed: Collection[Path]) -> None:
        if any(path.name in IGNORE_FILES for path in changed):
            self._watched = self._find()
        for watched in self._watched if changed else ():
            if files := watched.counted(changed):
                self._changes[watched.resource].add(watched, files)

    # What is done about it

    async def _react(self, name: str, changes: _Changes) -> None:
        while True:
            await changes.arrived.wait()
            await asyncio.sleep(QUIET_SECONDS)
            taken = {watched: files for watched, files in changes.take().items() if watched.root.exists()}
            if not taken:
                continue  # the folder is gone, and what was in it; when it is back, that counts as a change
            with suppress(NotRunning, LookupError, UsageError):  # it ends, or is gone by a reload, this moment
                await self._act(name, taken)

    async def _act(self, name: str, taken: dict[WatchedPath, set[Path]]) -> None:
        snapshot = self._run.bus.current(name)
        if not takes_notice(snapshot):
            return
        if any(watched.watch.restarts for watched in taken):
            files = {file for watched, found in taken.items() if watched.watch.restarts for file in found}
            rebuilds = any(watched.watch.action == "rebuild" for watched in taken)
            await self._restart(name, self._changed_text(files), rebuilds=rebuilds)
        else:
            await self._sync(name, taken)

    async def _restart(self, name: str, changed: str, *, rebuilds: bool) -> None:
        self._log(name, f"{changed}: {'building its image again' if rebuilds else 'starting again'}")
        names = await self._rebuild(name) if rebuilds else [name]
        asked_by = f"its watch ({changed})"
        await run_all("restarts", *(self._supervisor.command(each, "restart", asked_by=asked_by) for each in names))

    async def _rebuild(self, name: str) -> list[str]:
        """Build an image while what runs it goes on.

        Returns:
            What is to be started again: what runs the image; or what builds it by its own start, if that is not up.
            Nothing where the image can't be built.
        """
        try:
            for driver in self._supervisor.runner(name).drivers_up[:1]:
                await driver.rebuild()
        except NotRunning:
            return [name]
        except FairleadError as error:
            self._log(name, f"It goes on as it is: {error.message}")
            snapshot = self._run.bus.current(name)
            self._run.events.record_one(snapshot, "command", "bad", f"Its image was not built: {error.message}")
            return []
        names = running_image_of(self._run.app, name)
        return [each for each in names if takes_notice(self._run.bus.current(each))]

    async def _sync(self, name: str, taken: dict[WatchedPath, set[Path]]) -> None:
        bus = self._run.bus
        await bus.wait_until(lambda: bus.current(name).state not in _ON_THE_WAY, [name])
        files = sorted({watched.change(file) for watched, found in taken.items() for file in found}, key=str)
        try:
            for driver in self._supervisor.runner(name).drivers_up:
                await driver.sync([change for change in files if not change.source.is_dir()])
        except NotRunning:
            return  # when it starts, it gets the files as they are then
        except FairleadError as error:
            self._log(name, f"Not copied: {error.explanation}")

    def _changed_text(self, files: Collection[Path]) -> str:
        """What has changed, in a few words."""
        folder = self._run.app.directory
        names = sorted(str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file) for file in files)
        if len(names) == 1:
            return f"{names[0]} has changed"
        return f"{names[0]} and {len(names) - 1} more have changed"


def running_image_of(app: App, name: str) -> list[str]:
    """The names of what runs the image that a resource builds: itself, or all containers that share it."""
    resource = app[name]
    image = resource.built_image if isinstance(resource, Workload) else resource
    if image is None:
        return [name]
    return [
        other.name
        for other in app
        if isinstance(other, Workload) and other.built_image is image and other.placement.is_container
    ]


_ON_THE_WAY = (State.STARTING, State.BUILDING)


def takes_notice(snapshot: Snapshot) -> bool:
    """Whether something is done with a resource when its files change.

    One that was never started, or that the user has stopped, is left alone; one that still waits will read the files as
    they are when it starts. One that has failed or ended is started again: the change may be what mends it.
    """
    return not snapshot.stop_requested and snapshot.state not in (State.NOT_STARTED, State.WAITING, State.STOPPING)
