"""The files of an app's folder that go into what is published. Nothing else of the machine is looked at."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from fairlead.publish.output_folder import OWNED
from fairlead.publish.project.git_ignore import GitIgnore
from fairlead.records import record

#: More than this fits into no ConfigMap or Secret, so nobody has to read it.
LIMIT = 1024 * 1024
#: What a folder holds only on machines where something ran, whether or not Git is told to ignore it.
_TRACES = frozenset({".git", "__pycache__", ".DS_Store"})


class SourceError(Exception):
    """A file or folder can't be published; the text says why."""


@record
class Listing:
    """The files in a folder and below, by their paths relative to it, with slashes, in order.

    Args:
        names: The files.
        ignored: The files that are left out because Git ignores them, and folders, with a slash at the end.
    """

    names: list[str]
    ignored: list[str]


class ProjectFiles:
    """Reads files relative to a folder, each once.

    Args:
        folder: The folder of the app file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._read: dict[str, bytes] = {}
        self._git_ignore = GitIgnore(self._folder)

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return self._place(path).exists()

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        return self._place(path).is_dir()

    def is_inside(self, path: str) -> bool:
        """Whether it is in the app file's folder or below, with all links followed. The user's own folder is not."""
        return not path.startswith("~") and self._place(path).resolve().is_relative_to(self._folder)

    def is_ignored(self, path: str) -> bool:
        """Whether the project's ``.gitignore`` files name it, a folder that it is in, or what it links to."""
        place = self._place(path)
        places = dict.fromkeys((place, place.resolve()))
        return any(self._git_ignore.ignores(one, is_folder=one.is_dir()) for one in places)

    def file(self, path: str) -> bytes:
        """The contents of a file.

        Raises:
            SourceError: There is no such file, or it is too large.
        """
        if path not in self._read:
            self._read[path] = self._contents(path)
        return self._read[path]

    def listing(self, path: str, *, with_ignored: bool) -> Listing:
        """The files in a folder and below.

        What programs and Fairlead itself leave in a folder is not among them, so it makes no difference whether
        anything has run or been published before.

        Args:
            path: The folder.
            with_ignored: Whether files that Git ignores count like any other.

        Raises:
            SourceError: It can't be read.
        """

        def fail(error: OSError) -> None:
            raise SourceError(f"it can't be read: {error.strerror or error}")

        root = self._place(path)
        found = Listing([], [])
        for folder, folders, names in os.walk(root, onerror=fail):
            here = Path(folder)
            links = [name for name in folders if (here / name).is_symlink()]  # no files, which is said when one is read
            kept = [name for name in folders if name not in links and _is_content(here / name)]
            ignored = set() if with_ignored else self._ignored_in(here, kept, [*names, *links])
            folders[:] = [name for name in kept if f"{name}/" not in ignored]
            wanted = [name for name in (*names, *links) if name not in _TRACES and name not in ignored]
            above = "" if here == root else f"{here.relative_to(root).as_posix()}/"
            found.names.extend(above + name for name in wanted)
            found.ignored.extend(above + name for name in ignored)
        return Listing(sorted(found.names), sorted(found.ignored))

    def _ignored_in(self, folder: Path, folders: Iterable[str], names: Iterable[str]) -> set[str]:
        """The names in a folder that Git ignores, those of folders with a slash."""
        ignores = self._git_ignore.ignores
        return {f"{name}/" for name in folders if ignores(folder / name, is_folder=True)} | {
            name for name in names if ignores(folder / name)
        }

    def _place(self, path: str) -> Path:
        """The absolute path, without ``..``; links stay, because rules of Git name them and not what they lead to.

        A path that leads into the folder by another way, through a link above it, is the one in the folder.
        """
        place = Path(path).expanduser() if path.startswith("~") else self._folder / path
        place = Path(os.path.normpath(place))
        if not place.is_relative_to(self._folder) and (real := place.resolve()).is_relative_to(self._folder):
            return real
        return place

    def _contents(self, path: str) -> bytes:
        place = self._place(path)
        try:
            if not place.is_file():
                raise SourceError("it is not a file" if place.exists() else "there is no such file or folder")
            if (size := place.stat().st_size) > LIMIT:
                raise SourceError(f"it has {size:,} bytes")
            return place.read_bytes()
        except OSError as error:
            raise SourceError(f"it can't be read: {error.strerror or error}") from error


def _is_content(folder: Path) -> bool:
    """Whether a folder is part of what it lies in, and not left there by a program or by Fairlead itself."""
    return folder.name not in _TRACES and not (folder / OWNED).exists()
