"""Folders for state, settings and sockets that are nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@contextmanager
def short_path() -> Iterator[Path]:
    """A private folder with a path so short that a socket's in it is not too long."""
    with TemporaryDirectory(prefix="fl-", dir="/tmp") as folder:
        yield Path(folder)


@contextmanager
def own_folders() -> Iterator[None]:
    """Have Fairlead keep what it keeps in folders of its own for the time of the block."""
    with short_path() as folder, pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            (folder / variable[4:9]).mkdir(mode=0o700)
            patch.setenv(variable, str(folder / variable[4:9]))
        yield
