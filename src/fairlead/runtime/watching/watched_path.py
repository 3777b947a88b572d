"""A watched path of a resource: which changes concern it, and where its files are in a container."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from fairlead.model.app import App
from fairlead.model.driving.driver import FileChange
from fairlead.model.resource import Resource
from fairlead.model.watch import Watch, Watchable, watches_of
from fairlead.records import record
from fairlead.runtime.watching.ignored_files import IgnoredFiles


@record
class WatchedPath:
    """One path that is watched for one resource.

    Args:
        resource: The resource's name.
        watch: What the definition says.
        root: The file or folder, absolute.
        ignored: Tells what does not count below it.
    """

    resource: str
    watch: Watch
    root: Path
    ignored: IgnoredFiles

    @property
    def said(self) -> tuple[object, ...]:
        """What the definition says, without where it does."""
        watch = self.watch
        return self.resource, self.root, watch.path, watch.action, watch.target, watch.ignore

    def counted(self, changed: Collection[Path]) -> set[Path]:
        """The files that have changed and count; of a folder that is new, the files in it."""
        below = [path for path in changed if path == self.root or self.root in path.parents]
        found: set[Path] = set()
        for path in below:
            if path.is_dir() and not path.is_symlink():
                # What is written into a folder before the system follows it is not told. A known one has no news.
                found.update(self.files(path) if path != self.root else ())
            elif not (self.ignored(path) or (not path.exists() and self.ignored(path, is_folder=True))):
                found.add(path)
        return found

    def files(self, folder: Path | None = None) -> Iterator[Path]:
        """The files at the path that are there and count.

        Args:
            folder: Only those below this folder; by default all.
        """
        start = self.root if folder is None else folder
        if start.is_file():
            yield start
        elif not self.ignored(start, is_folder=True):
            for place, folders, names in os.walk(start):
                here = Path(place)
                folders[:] = sorted(name for name in folders if not self.ignored(here / name, is_folder=True))
                yield from (here / name for name in sorted(names) if not self.ignored(here / name))

    def change(self, path: Path) -> FileChange:
        """A file with the place in the container that it belongs to."""
        assert self.watch.target is not None
        relative = PurePosixPath(path.relative_to(self.root).as_posix())
        return FileChange(path, str(PurePosixPath(self.watch.target) / relative))


def watched_paths(app: App, resource: Resource) -> list[WatchedPath]:
    """The watched paths of a resource.

    Args:
        app: Its app.
        resource: The resource.

    Raises:
        OSError: A file that says what is ignored can't be read.
    """
    found = []
    for watch in watches_of(resource):
        root = _absolute(app.directory, watch.path)
        found.append(WatchedPath(resource.name, watch, root, IgnoredFiles(root, watch.ignore, _build(app, resource))))
    return found


def _build(app: App, resource: Resource) -> tuple[Path, Path] | None:
    """The context and the Dockerfile of a resource's build, absolute."""
    if not isinstance(resource, Watchable) or resource.build_files is None:
        return None
    context = _absolute(app.directory, resource.build_files[0])
    return context, context / resource.build_files[1]


def _absolute(directory: Path, path: str) -> Path:
    """A path of the definition, without ``..`` in it."""
    return Path(os.path.normpath(directory / Path(path).expanduser()))
