"""Paths of this machine, which are relative to the file that names them, and become relative to the app file."""

from __future__ import annotations

import posixpath


def join(directory: str, path: str) -> str:
    """A path, relative to the folder of the app file."""
    return path if is_absolute(path) or directory == "." else posixpath.normpath(posixpath.join(directory, path))


def is_absolute(path: str) -> bool:
    """Whether a path is the same from every folder."""
    return path.startswith(("/", "~"))
