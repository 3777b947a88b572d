"""The folder in which drivers keep small files of an app, such as kubeconfigs."""

from __future__ import annotations

import shutil
from pathlib import Path

from fairlead.engines.watchdog.host_mark import host_mark, is_dead
from fairlead.runtime.store.files import private_folder

_MARK = ".host"  # which host made a temporary folder, so that the next one knows when that is dead


class StateFolder:
    """A private folder, created on first use.

    Args:
        path: Where it is.
        base: For a temporary one, what the names of the temporary folders of an app begin with, before a hyphen: it is
            removed at the end of the run, and those of dead hosts are when it is created. None for a folder that stays.
    """

    def __init__(self, path: Path, base: str | None = None) -> None:
        self._path = path
        self._base = base
        self._exists = False

    def path(self) -> Path:
        """The folder, which exists and is closed to other users.

        Raises:
            StateError: It can't be created.
        """
        if not self._exists:
            private_folder(self._path)
            self._exists = True
            if self._base is not None:
                (self._path / _MARK).write_text(host_mark(), encoding="utf-8")
                self._remove_leftovers(self._base)
        return self._path

    def close(self) -> None:
        """Remove it if it is temporary."""
        if self._base is not None and self._exists:
            shutil.rmtree(self._path, ignore_errors=True)

    def _remove_leftovers(self, base: str) -> None:
        for mark in self._path.parent.glob(f"{base}-*/{_MARK}"):
            if is_dead(mark.read_text(encoding="utf-8")):
                shutil.rmtree(mark.parent, ignore_errors=True)
