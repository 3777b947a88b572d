"""Paths of this machine, as a definition gives them."""

from __future__ import annotations

from pathlib import Path


def host_path(directory: Path, path: str) -> Path:
    """The file or folder that a path of the definition means.

    Args:
        directory: The folder of the app file, which relative paths start at.
        path: May begin with ``~`` for the user's own folder, or ``~name`` for another user's. Where there is no user
            of that name it is the name of a file.
    """
    if not path.startswith("~"):  # ``./~`` is a file of that name
        return directory / path
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return directory / path
