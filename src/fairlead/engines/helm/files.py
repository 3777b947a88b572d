"""Charts and other files as tar archives, on their way into a container and out of it."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from fairlead.engines.helm import HelmError

LARGEST: Final = 64 * 1024 * 1024
"""Bytes that a chart may have; Helm itself takes charts of a few megabytes, as a release has to fit into a Secret."""


def file_archive(path: str, content: bytes) -> bytes:
    """The archive of one file that nobody but its owner can read.

    Args:
        path: Its path in the archive.
        content: What is in it.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, path, content, 0o600)
    return buffer.getvalue()


def folder_archive(path: str) -> bytes:
    """The archive of an empty folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add_folder(tar, path)
    return buffer.getvalue()


def tree_archive(source: Path, path: str) -> bytes:
    """The archive of a file or folder of this machine; what links of it lead to is in it, as Helm follows them.

    Args:
        source: The file or folder.
        path: What it is called in the archive.

    Raises:
        HelmError: It is too large, or can't be read.
    """
    buffer = io.BytesIO()
    size = 0
    try:
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
            if source.is_dir():
                _add_folder(tar, path)
            for folder, file in _walk(source):
                name = str(PurePosixPath(path, file.relative_to(source).as_posix())) if file != source else path
                if folder:
                    _add_folder(tar, name)
                    continue
                size += file.stat().st_size
                if size > LARGEST:
                    raise HelmError(
                        f"{source} has more than {LARGEST >> 20} MiB, which is too much for a chart",
                        remedy="Name what does not belong to the chart in its .helmignore.",
                    )
                _add(tar, name, file.read_bytes(), 0o644)
    except OSError as error:
        raise HelmError(f"{error.filename or source} can't be read: {error.strerror or error}") from error
    return buffer.getvalue()


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack the folder that an archive holds into one of this machine, without its own name.

    Raises:
        HelmError: The archive leads out of the folder.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar.getmembers():
                _, _, member.name = member.name.strip("/").partition("/")
                if member.name and (member.isfile() or member.isdir()):
                    tar.extract(member, folder, filter="data")
    except tarfile.TarError as error:
        raise HelmError(f"what helm has left can't be unpacked: {error}") from error


def _walk(source: Path) -> Iterator[tuple[bool, Path]]:
    """Whether it is a folder, and the path, of what is below a folder; a file has itself. Links in a circle end it."""
    if not source.is_dir():
        yield False, source
        return
    seen = {source.resolve()}
    for place, names, files in os.walk(source, followlinks=True):
        folders = {Path(place, name): Path(place, name).resolve() for name in sorted(names)}
        names[:] = [folder.name for folder, real in folders.items() if real not in seen]
        seen |= {*folders.values()}
        yield from ((True, Path(place, name)) for name in names)
        yield from ((False, Path(place, name)) for name in sorted(files))


def _add(tar: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _add_folder(tar: tarfile.TarFile, path: str) -> None:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode = tarfile.DIRTYPE, 0o700
    tar.addfile(entry)
