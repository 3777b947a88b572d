"""Files of this machine that are kept the same in a container while it runs."""

from __future__ import annotations

import asyncio
import io
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from fairlead.drivers.containers.files import FileContent, check_targets, missing_folders
from fairlead.engines.containers import ContainerEngine, ContainerSpec
from fairlead.errors import EngineError, EngineUnavailable, StartError
from fairlead.model.app import App
from fairlead.model.driving.driver import FileChange
from fairlead.resources.container import Container
from fairlead.runtime.watching.watched_path import watched_paths

_IN_MEMORY = 16 * 1024 * 1024
_PIECE = 256 * 1024
_REMOVED_AT_ONCE = 200
_NOT_FOUND = (126, 127)


def check_sync_targets(resource: Container, spec: ContainerSpec) -> None:
    """See to it that watched files can be copied to where they are to be.

    Raises:
        StartError: They can't, as something is mounted there.
    """
    targets = [watch.target for watch in resource.watches if watch.target is not None]
    check_targets([FileContent(target, b"", 0) for target in targets], spec)


def files_at_start(app: App, resource: Container) -> list[FileChange]:
    """The watched files that a new container gets before it starts; none where its start has built its image from them.

    Raises:
        StartError: A file that says what is ignored can't be read.
    """
    if resource.build is not None or not any(watch.copies for watch in resource.watches):
        return []
    try:
        watched = [one for one in watched_paths(app, resource) if one.watch.copies]
    except OSError as error:
        raise StartError(f"its watched files can't be told from ignored ones: {error}") from error
    return [one.change(file) for one in watched for file in one.files()]


async def copy_changes(
    engine: ContainerEngine, container: str, changes: Sequence[FileChange], owner: tuple[int, int]
) -> str:
    """Bring changed files into a container, and remove there what is gone.

    Args:
        engine: Its engine.
        container: Its id.
        changes: The files.
        owner: Who owns them there, by the ids of user and group.

    Returns:
        What was done, in words.

    Raises:
        EngineError: It can't be done.
    """
    gone = [change.target for change in changes if not change.source.exists()]
    written = [change for change in changes if change.source.is_file()]
    if gone:
        await _remove(engine, container, gone)
    if written:
        placed = [FileContent(change.target, b"", 0) for change in written]
        folders = await missing_folders(engine, container, placed)
        with closing(await asyncio.to_thread(_pack, written, owner, folders)) as archive:
            await engine.put_archive(container, _pieces(archive))
    return " and ".join(_done_texts(len(written), len(gone)))


def _done_texts(written: int, gone: int) -> Iterable[str]:
    if written:
        yield f"{written} {'file' if written == 1 else 'files'} copied"
    if gone:
        yield f"{gone} removed"


async def _remove(engine: ContainerEngine, container: str, targets: Sequence[str]) -> None:
    """Remove files and folders by the container's own ``rm``: an engine can't."""
    for start in range(0, len(targets), _REMOVED_AT_ONCE):
        argv = ("rm", "-rf", "--", *targets[start : start + _REMOVED_AT_ONCE])
        try:
            code, output = await engine.exec(container, argv, user="0")
        except EngineUnavailable:
            raise
        except EngineError as error:
            raise _removal_error(targets, error.message) from error
        if code:
            text = "its image has no rm" if code in _NOT_FOUND else output.decode("utf-8", "replace").strip()
            raise _removal_error(targets, text)


def _removal_error(targets: Sequence[str], why: str) -> EngineError:
    what = targets[0] if len(targets) == 1 else f"{targets[0]} and {len(targets) - 1} more"
    return EngineError(
        f"{what} can't be removed from the container: {why}", remedy="A restart makes the container anew."
    )


def _pack(changes: Sequence[FileChange], owner: tuple[int, int], folders: Iterable[str]) -> IO[bytes]:
    """A tar archive for the root of a container; what is gone by now is left out."""
    archive = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in folders:
            entry = tarfile.TarInfo(folder.lstrip("/"))
            entry.type, entry.mode, (entry.uid, entry.gid) = tarfile.DIRTYPE, 0o755, owner
            tar.addfile(entry)
        for change in changes:
            _add(tar, change.source, change.target, owner)
    archive.seek(0)
    return archive


def _add(tar: tarfile.TarFile, source: Path, target: str, owner: tuple[int, int]) -> None:
    try:
        content = source.read_bytes()
        status = source.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise EngineError(f"{source} can't be read: {error.strerror or error}") from error
    entry = tarfile.TarInfo(target.lstrip("/"))
    entry.size, entry.mode, entry.mtime = len(content), status.st_mode & 0o777, int(status.st_mtime)
    entry.uid, entry.gid = owner
    tar.addfile(entry, io.BytesIO(content))


async def _pieces(archive: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(archive.read, _PIECE):
        yield piece
