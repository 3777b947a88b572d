"""The files of an app's folder that go into what is published. Nothing else of the machine is looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

#: More than this fits into no ConfigMap or Secret, so nobody has to read it.
LIMIT = 1024 * 1024


class SourceError(Exception):
    """A file or folder can't be published; the text says why."""


class Sources:
    """Reads files relative to a folder, each once.

    Args:
        folder: The folder of the app file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, bytes] = {}

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return (self._folder / path).exists()

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        return (self._folder / path).is_dir()

    def file(self, path: str) -> bytes:
        """The contents of a file.

        Raises:
            SourceError: There is no such file, or it is too large.
        """
        if path not in self._read:
            self._read[path] = self._contents(path)
        return self._read[path]

    def folder(self, path: str) -> dict[str, bytes]:
        """The files in a folder and below, by their paths relative to it, with slashes, in order.

        Raises:
            SourceError: One can't be read, or all together are too large.
        """
        found: dict[str, bytes] = {}
        size = 0
        for name in self._names(path):
            found[name] = self.file(f"{path}/{name}")
            size += len(found[name])
            if size > LIMIT:
                raise SourceError(f"it holds more than {LIMIT:,} bytes")
        return found

    def _names(self, path: str) -> Iterator[str]:
        def fail(error: OSError) -> None:
            raise SourceError(f"it can't be read: {error.strerror or error}")

        root = self._folder / path
        for folder, folders, names in os.walk(root, onerror=fail):
            folders.sort()
            for name in sorted(names):
                yield (Path(folder) / name).relative_to(root).as_posix()

    def _contents(self, path: str) -> bytes:
        place = self._folder / path
        try:
            if not place.is_file():
                raise SourceError("it is not a file" if place.exists() else "there is no such file or folder")
            if (size := place.stat().st_size) > LIMIT:
                raise SourceError(f"it has {size:,} bytes")
            return place.read_bytes()
        except OSError as error:
            raise SourceError(f"it can't be read: {error.strerror or error}") from error
