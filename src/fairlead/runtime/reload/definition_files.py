"""The files that a definition was read from, and whether they are others by now."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from fairlead.records import record
from fairlead.runtime.feed import Feed

LOOK_SECONDS = 1.0
"""Seconds between two looks at the files."""

_Stamp = tuple[int, int]


def local_modules(folder: Path) -> Iterator[tuple[str, ModuleType]]:
    """The loaded modules that belong to a project: those below its folder, without what is installed there.

    Args:
        folder: The folder of the app file.
    """
    below = str(folder) + os.sep
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(below) and name.partition(".")[0] not in ("fairlead", "__main__"):
            folders = Path(file[len(below) :]).parts[:-1]
            if "site-packages" not in folders and not any(part.startswith(".") for part in folders):
                yield name, module


@record
class DefinitionState:
    """How the files of a definition are beside what the run goes by.

    Args:
        generation: How many times the run has gone by another definition.
        changed: The files that are others by now, by their paths from the app file's folder.
    """

    generation: int = 0
    changed: tuple[str, ...] = ()


class DefinitionFiles:
    """The app file, and what it has imported of its project.

    Args:
        app_file: The app file.
        digest: The digest of the app file that the run goes by; empty where there is no such file.
    """

    def __init__(self, app_file: Path, digest: str) -> None:
        self._app_file = app_file
        self._digests: dict[Path, str] = {}
        self._stamps: dict[Path, _Stamp | None] = {}
        self._changed: dict[Path, bool] = {}
        #: The state, again each time that it changes.
        self.feed: Feed[DefinitionState] = Feed(1)
        self._begin(digest, DefinitionState())

    @property
    def state(self) -> DefinitionState:
        """How the files are now."""
        return self.feed.things[-1]

    def adopt(self, digest: str) -> None:
        """Go by the files as they are now.

        Args:
            digest: The digest of the app file, which was read a moment ago.
        """
        self._begin(digest, DefinitionState(self.state.generation + 1))

    def _begin(self, digest: str, state: DefinitionState) -> None:
        self._digests = {self._app_file: digest} if digest else {}
        self._stamps, self._changed = {}, {}
        self.feed.add(state)

    async def follow(self) -> None:
        """Look at the files again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.to_thread(self._note_modules)
            self.look()

    def look(self) -> None:
        """Compare the files with those that the run goes by; reads only what was written since the last look."""
        for path, digest in self._digests.items():
            stamp = _stamp(path)
            if path not in self._stamps or self._stamps[path] != stamp:
                self._stamps[path] = stamp
                self._changed[path] = _digest(path) != digest
        changed = tuple(self._shown(path) for path in self._digests if self._changed[path])
        if changed != self.state.changed:
            self.feed.add(DefinitionState(self.state.generation, changed))

    def _note_modules(self) -> None:
        """Note the modules that were imported since; a function of the definition may import one when it is called."""
        if not self._digests:
            return
        for _, module in local_modules(self._app_file.parent):
            path = Path(str(module.__file__))
            if path not in self._digests:
                self._digests = {**self._digests, path: _digest(path)}

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self._app_file.parent)


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
