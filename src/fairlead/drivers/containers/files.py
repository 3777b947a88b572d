"""Files that are copied into a container before it starts: as one archive, owned by the user it runs as."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fairlead.drivers.paths import host_path
from fairlead.engines.containers import ContainerEngine, ContainerSpec, Mount
from fairlead.engines.docker.body import create_body, mounts_of
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.volume import ContainerFile

_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file as it is copied in."""

    path: str
    data: bytes
    mode: int


async def contents_of(files: Iterable[ContainerFile], context: DriverContext) -> list[FileContent]:
    """Read the files that come from this machine, and resolve the contents that are values.

    Raises:
        StartError: A file can't be read, or all together are too large to be copied.
    """
    found: list[FileContent] = []
    for file in files:
        if file.source is not None:
            data = _read(host_path(context.directory, file.source))
        elif isinstance(file.contents, bytes):
            data = file.contents
        else:
            data = (await context.resolve(file.contents or "")).encode("utf-8", "surrogateescape")
        found.append(FileContent(file.path, data, file.mode))
    size = sum(len(content.data) for content in found)
    if size > _LARGEST:
        raise StartError(
            f"its files have {size >> 20} MiB, and {_LARGEST >> 20} MiB is the most that is copied",
            remedy="Use with_bind_mount() for large files.",
        )
    return found


def file_volumes(files: Iterable[FileContent], spec: ContainerSpec) -> tuple[str, ...]:
    """The folders that need a volume of their own, so that files can be copied there before the container starts.

    They are those of files in a root that is read-only, which engines do not write to, and in folders in memory, which
    are empty when the container starts. An engine fills such a volume with what the image has there.

    Args:
        files: The files.
        spec: The container without such volumes.

    Raises:
        EngineError: An option of the container makes no sense.
    """
    mounts = sorted(mounts_of(spec), key=lambda mount: len(mount.target))
    is_read_only = bool(create_body(spec)["HostConfig"].get("ReadonlyRootfs"))
    folders: set[PurePosixPath] = set()
    for file in files:
        folder = PurePosixPath(file.path).parent
        below = [mount for mount in mounts if f"{file.path}/".startswith(mount.target.rstrip("/") + "/")]
        is_lost = below[-1].kind == "tmpfs" if below else is_read_only
        is_taken = any(str(folder) == mount.target.rstrip("/") for mount in mounts)
        if is_lost and not is_taken and folder != PurePosixPath("/"):
            folders.add(folder)
    return tuple(sorted(str(folder) for folder in folders if folders.isdisjoint(folder.parents)))


def by_place(files: Iterable[FileContent], volumes: Iterable[str]) -> dict[str, list[FileContent]]:
    """The files by the folder that they are copied into: a volume of their own, or the container's root."""
    places: dict[str, list[FileContent]] = {}
    for file in files:
        place = next((volume for volume in volumes if file.path.startswith(f"{volume}/")), "/")
        places.setdefault(place, []).append(file)
    return places


def check_targets(files: Iterable[FileContent], spec: ContainerSpec) -> None:
    """See to it that files can be copied to where they are to be.

    Engines copy before the container starts. Below a tmpfs, which is made when it starts, a file would be lost without
    a word; below a folder of this machine it would be written there, by root.

    Raises:
        StartError: One can't.
        EngineError: An option of the container makes no sense.
    """
    mounts = sorted(mounts_of(spec), key=lambda mount: len(mount.target))
    for file in files:
        below = [mount for mount in mounts if f"{file.path}/".startswith(mount.target.rstrip("/") + "/")]
        problem = _problem(below[-1]) if below else None
        if problem is not None:
            raise StartError(
                f"its file {file.path} can't be copied: {problem}",
                remedy="Give with_container_files() a folder that is not mounted, or leave that mount out.",
            )


def _problem(mount: Mount) -> str | None:
    where = mount.target.rstrip("/")
    if mount.kind == "tmpfs":
        return f"{where} is a tmpfs, which is empty when the container starts"
    if mount.kind == "bind":
        return f"{where} is {mount.source} of this machine, and it would be written there"
    return f"the volume at {where} is mounted read-only" if mount.read_only else None


async def missing_folders(engine: ContainerEngine, container: str, files: Iterable[FileContent]) -> list[str]:
    """The folders of files that a container lacks, outer ones first."""
    missing: list[str] = []
    for folder in sorted({str(parent) for file in files for parent in PurePosixPath(file.path).parents}):
        above = str(PurePosixPath(folder).parent)
        if above in missing or (folder != "/" and not await engine.has_path(container, folder)):
            missing.append(folder)
    return missing


def archive(files: Iterable[FileContent], uid: int, gid: int, folders: Iterable[str] = (), place: str = "/") -> bytes:
    """A tar archive for the root of a container, or for another folder.

    Args:
        files: The files, with absolute paths.
        uid: Who owns them.
        gid: The group that owns them.
        folders: New folders for them, which the same own. What makes other folders that are missing is the engine,
            and those are root's.
        place: The folder that it is for; all paths are below it.
    """
    start = len(place.rstrip("/")) + 1
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in folders:
            entry = tarfile.TarInfo(folder[start:])
            entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o755, uid, gid
            tar.addfile(entry)
        for file in files:
            entry = tarfile.TarInfo(file.path[start:])
            entry.size, entry.mode, entry.uid, entry.gid = len(file.data), file.mode, uid, gid
            tar.addfile(entry, io.BytesIO(file.data))
    return buffer.getvalue()


def owner_ids(user: str, passwd: bytes, groups: bytes = b"") -> tuple[int, int]:
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


def first_file(tar: bytes) -> bytes:
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
