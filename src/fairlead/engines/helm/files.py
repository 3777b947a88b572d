"""Charts and other files as tar archives, on their way into a container and out of it."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Final

from fairlead.engines.helm import HelmError
from fairlead.engines.helm.chart_folder import chart_files

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
    """The archive of a chart: of its file, or of its folder without what its ``.helmignore`` names.

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
            for name, file in [("", source), *(chart_files(source) if source.is_dir() else ())]:
                if file.is_dir():
                    _add_folder(tar, f"{path}/{name}")
                    continue
                content = file.read_bytes()
                size += len(content)
                if size > LARGEST:
                    raise _too_large(source)
                _add(tar, f"{path}/{name}".rstrip("/"), content, 0o644)
    except OSError as error:
        raise HelmError(f"{error.filename or source} can't be read: {error.strerror or error}") from error
    return buffer.getvalue()


def _too_large(source: Path) -> HelmError:
    return HelmError(
        f"{source} has more than {LARGEST >> 20} MiB, which is too much for a chart",
        remedy="Name what does not belong to the chart in its .helmignore.",
    )


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


def _add(tar: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _add_folder(tar: tarfile.TarFile, path: str) -> None:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode = tarfile.DIRTYPE, 0o700
    tar.addfile(entry)
