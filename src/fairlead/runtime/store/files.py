"""The small files that Fairlead keeps for itself, and the one way to read and write them.

Everything here is private (0600 in 0700 folders), replaced as a whole (a reader sees the old or the new content,
never half of it; a full disk costs the new content, never the old), and every failure is a ``StateError`` that names
the path, the reason and the remedy. A file whose content can't be understood is never overwritten; a caller that can
live without it calls ``set_aside``.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TypeVar

from fairlead.errors import StateError

Shape = TypeVar("Shape", dict[str, object], list[object])

_LOCK_SECONDS = 20.0  # a write to a busy disk may take seconds, and others may have come before
_ABANDONED_SECONDS = 60.0
_ELSEWHERE = (
    "or set XDG_STATE_HOME (state), XDG_CONFIG_HOME (secrets) or XDG_RUNTIME_DIR (sockets) to a folder that is writable"
)


def private_folder(path: Path) -> Path:
    """Make sure that a folder exists which only its owner can enter.

    Missing parents are made with the same mode; existing parents are left as they are.

    Returns:
        The path given.

    Raises:
        StateError: The folder can't be made, or something else is in its place.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not os.path.lexists(folder)]
        for folder in reversed(missing):
            with suppress(FileExistsError):
                folder.mkdir(mode=0o700)
        found = path.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        if found.st_mode & 0o077 and found.st_uid == os.geteuid():
            path.chmod(0o700)
    except OSError as error:
        raise explain("can't use the folder", path, error) from error
    return path


def read_private(path: Path) -> bytes | None:
    """Return the content of a file, or None when there is no such file.

    Raises:
        StateError: It can't be read, or is not a regular file.
    """
    try:
        # Without O_NONBLOCK, opening a named pipe that somebody put there would wait for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EISDIR, "it is not a regular file")
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise explain("can't read", path, error) from error


def write_private(path: Path, content: bytes) -> None:
    """Replace a file's content in one step, or leave it exactly as it was.

    The content is on the disk when this returns. A symbolic link is followed, so a file that is kept elsewhere stays
    there.

    Raises:
        StateError: The file can't be written; the old content is intact.
    """
    private_folder(path.parent)
    replace_file(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """Do the same in a folder that is not Fairlead's: it has to be there, and is left as it is.

    Raises:
        StateError: The file can't be written; the old content is intact.
    """
    target = Path(os.path.realpath(path))
    prefix = f".{target.name}."
    temporary: Path | None = None
    try:
        _remove_abandoned(target.parent, prefix)
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".new", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
        temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        raise explain("can't write", path, error) from error
    finally:
        if temporary:
            with suppress(OSError):
                temporary.unlink()


def read_json(path: Path, shape: type[Shape]) -> Shape | None:
    """Return what a JSON file holds, or None when there is no such file.

    Args:
        path: The file.
        shape: ``dict`` or ``list``: what the outermost value must be.

    Raises:
        StateError: It can't be read, is not JSON, or holds something of another shape.
    """
    content = read_private(path)
    if content is None:
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = "it is empty" if not content.strip() else f"it is not valid JSON ({error})"
        raise damaged(path, reason) from error
    if not isinstance(value, shape):
        expected = "an object" if shape is dict else "an array"
        raise damaged(path, f"it holds {type(value).__name__!r} where {expected} is expected")
    return value


def write_json(path: Path, value: dict[str, object] | list[object]) -> None:
    """Write a value as JSON, in one step and for its owner only. See ``write_private``.

    Raises:
        StateError: The file can't be written; the old content is intact.
    """
    write_private(path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())


def set_aside(path: Path) -> Path:
    """Rename a file that can't be understood to ``<name>.corrupt-<n>``, so that nothing in it is lost.

    Returns:
        The new path.

    Raises:
        StateError: It can't be renamed.
    """
    try:
        for number in count(1):
            target = path.with_name(f"{path.name}.corrupt-{number}")
            try:
                # Taking the name first means that two processes can't overwrite each other's.
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            except FileExistsError:
                continue
            try:
                path.replace(target)
            except OSError:
                target.unlink()
                raise
            return target
    except OSError as error:
        raise explain("can't set aside", path, error) from error
    raise AssertionError("count() does not end")


@contextmanager
def locked(path: Path, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock that belongs to a file (``<name>.lock`` beside it) for the time of a read and a write.

    It excludes other processes and other holders in this one. The lock file stays: removing it would let two
    processes lock two files of one name.

    Args:
        path: The file that is about to change.
        seconds: How long to wait for another holder. Nobody should hold it longer than a write takes.

    Raises:
        StateError: The lock can't be taken.
    """
    lock = path.with_name(path.name + ".lock")
    private_folder(path.parent)
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise explain("can't lock", path, error) from error
    try:
        _wait_for_lock(descriptor, path, seconds)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, path: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise StateError(
                    f"{path} has been locked by another process for {seconds:g} s.",
                    remedy="See whether another fairlead command hangs (ps), end it, and try again.",
                ) from error
            time.sleep(0.01)
        except OSError as error:
            raise explain("can't lock", path, error) from error


def damaged(path: Path, reason: str) -> StateError:
    """Return the error for a file whose content can't be understood."""
    return StateError(
        f"{path} can't be understood: {reason}.",
        remedy="Nothing was changed. Correct the file, or move it away and try again.",
    )


def explain(deed: str, path: Path, error: OSError) -> StateError:
    """Return the error that tells a user what the operating system refused, and what to do about it.

    Args:
        deed: What was tried, as in "can't write".
        path: What it was tried on.
        error: What came of it.
    """
    reason, remedy = _reason(path, error)
    return StateError(f"{deed} {path}: {reason}.", remedy=remedy)


def _reason(path: Path, error: OSError) -> tuple[str, str]:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            used_up = "the disk is full" if error.errno == errno.ENOSPC else "the disk quota is used up"
            return used_up, "What was there before is intact. Free some space and try again."
        case errno.EFBIG:
            return "the file would exceed the size limit", "Raise the limit (ulimit -f) and try again."
        case errno.EROFS:
            return "the file system is read-only", f"Make it writable, {_ELSEWHERE}."
        case errno.EACCES | errno.EPERM:
            return "permission denied", f"Check the owner and mode of it and its folder (ls -ld), {_ELSEWHERE}."
        case errno.ENOTDIR | errno.EEXIST | errno.ENOENT:
            obstacle = _obstacle(path)
            if obstacle is not None:
                return f"{obstacle} is not a folder", f"Move {obstacle} away, {_ELSEWHERE}."
        case errno.EISDIR:
            return "it is not a regular file", "Move it away and try again."
        case errno.ENAMETOOLONG:
            return "the path is too long", f"Use a shorter one, {_ELSEWHERE}."
    return error.strerror or str(error), f"Check the folder (ls -ld), {_ELSEWHERE}."


def _obstacle(path: Path) -> Path | None:
    """Return the nearest thing on the path that is no folder, though the path goes on below it."""
    for part in (path.parent, *path.parent.parents) if not path.is_file() else (path,):
        if os.path.lexists(part) and not part.is_dir():
            return part
    return None


def _remove_abandoned(folder: Path, prefix: str) -> None:
    """Remove what a process that was killed in the middle of a write left behind."""
    for path in folder.iterdir():
        if path.name.startswith(prefix) and path.suffix == ".new":
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
