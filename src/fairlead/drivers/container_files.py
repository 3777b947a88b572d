"""Files that are copied into a container before it starts: as one archive, owned by the user it runs as."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import StartError
from fairlead.model.driver import DriverContext
from fairlead.model.volume import ContainerFile

_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it is copied in."""

    path: str
    data: bytes
    mode: int


async def contents_of(files: Iterable[ContainerFile], context: DriverContext) -> list[Content]:
    """Read the files that come from this machine, and resolve the contents that are values.

    Raises:
        StartError: A file can't be read, or all together are too large to be copied.
    """
    found: list[Content] = []
    for file in files:
        if file.source is not None:
            data = _read(context.directory / file.source)
        elif isinstance(file.contents, bytes):
            data = file.contents
        else:
            data = (await context.resolve(file.contents or "")).encode("utf-8", "surrogateescape")
        found.append(Content(file.path, data, file.mode))
    size = sum(len(content.data) for content in found)
    if size > _LARGEST:
        raise StartError(
            f"its files have {size >> 20} MiB, and {_LARGEST >> 20} MiB is the most that is copied",
            remedy="Use with_bind_mount() for large files.",
        )
    return found


def archive(files: Iterable[Content], uid: int, gid: int) -> bytes:
    """A tar archive of files with their folders, for the root of a container.

    Args:
        files: The files, with absolute paths.
        uid: Who owns them.
        gid: The group that owns them.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file in files:
            entry = tarfile.TarInfo(file.path.lstrip("/"))
            entry.size, entry.mode, entry.uid, entry.gid = len(file.data), file.mode, uid, gid
            tar.addfile(entry, io.BytesIO(file.data))
    return buffer.getvalue()


def owner(user: str, passwd: bytes, groups: bytes = b"") -> tuple[int, int]:
    """The ids of an image's user, such as ``1000``, ``1000:1000``, ``redis``, ``www:web`` or an empty text for root.

    Args:
        user: What the image says.
        passwd: The image's ``/etc/passwd``.
        groups: The image's ``/etc/group``.
    """
    name, _, group = user.partition(":")
    uid, gid = (int(name), 0) if name.isdigit() else (0, 0)
    for fields in _entries(passwd, numbers=(2, 3)):
        if name in (fields[0], fields[2]):
            uid, gid = int(fields[2]), int(fields[3])
            break
    for fields in _entries(groups, numbers=(2,)):
        if group == fields[0]:
            gid = int(fields[2])
    return uid, int(group) if group.isdigit() else gid


def _entries(table: bytes, numbers: Iterable[int]) -> Iterator[list[str]]:
    for line in table.decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if all(place < len(fields) and fields[place].isdigit() for place in numbers):
            yield fields


def member(tar: bytes) -> bytes:
    """The contents of the first file of a tar archive; empty if there is only a link to somewhere else."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        for entry in opened:
            file = opened.extractfile(entry) if entry.isfile() else None
            if file is not None:
                return file.read()
    return b""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartError(f"its file {path} can't be read: {error.strerror or error}") from error
