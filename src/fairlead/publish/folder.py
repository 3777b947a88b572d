"""The output folder: the one thing here that is not pure.

A file called ``.fairlead-files`` lists what belongs to Fairlead in the folder. Of that, what is no longer made is
removed; nothing else is ever touched, and a file that somebody else made is never overwritten. Everything is written
beside its place first and then moved, so a publish that fails half-way (a full disk, say) leaves the old output whole.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import mkdtemp

from fairlead.errors import PublishError
from fairlead.model.names import listing

OWNED = ".fairlead-files"
_HEADER = "# Files that Fairlead made here, and removes when they are no longer needed. Others it leaves alone."


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing changes in a folder; all paths are relative to it, with slashes."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write(folder: Path, files: Mapping[str, str], *, keep: Iterable[str] = (), check: bool = False) -> Changes:
    """Make a folder hold these files.

    Args:
        folder: The folder; made when it is missing.
        files: Contents by path relative to the folder, with slashes.
        keep: Subfolders whose files are not to be removed, although they are not among the files.
        check: Only tell what would change.

    Raises:
        PublishError: A file that Fairlead did not make is in the way, or the folder can't be written.
    """
    try:
        return _write(folder, files, tuple(keep), check)
    except OSError as error:
        raise PublishError(
            f"the output folder {folder} can't be written: {error.strerror or error}.",
            remedy="Correct that, or give another folder with -o.",
        ) from error


def _write(folder: Path, files: Mapping[str, str], keep: tuple[str, ...], check: bool) -> Changes:
    if folder.exists() and not folder.is_dir():
        raise PublishError(f"{folder} is a file.", remedy="Give a folder with -o.")
    owned = _read_owned(folder)
    contents = {path: text.encode() for path, text in files.items()}
    unchanged = [path for path in contents if _holds(folder / path, contents[path]) and not _behind_link(folder, path)]
    written = [path for path in contents if path not in set(unchanged)]
    _refuse_foreign(folder, [path for path in written if path not in owned or _behind_link(folder, path)])
    kept = {path for path in owned if path.startswith(tuple(f"{name}/" for name in keep))}
    stale = sorted(owned - contents.keys() - kept)
    removed = [path for path in stale if _is_ours(folder, path)]
    changes = Changes(tuple(written), tuple(removed), tuple(unchanged))
    if check:
        return changes
    listed = _owned_text(contents.keys() | kept)
    if written or removed or not _holds(folder / OWNED, listed):
        _apply(folder, {path: contents[path] for path in written}, removed, owned, listed)
    return changes


def _apply(folder: Path, contents: Mapping[str, bytes], removed: list[str], owned: set[str], listed: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(mkdtemp(prefix=".fairlead-", dir=folder))
    try:
        staged = []
        for number, (path, content) in enumerate([*contents.items(), (OWNED, listed)]):
            place = staging / str(number)
            place.write_bytes(content)
            staged.append((place, folder / path))
        # Should the machine stop between two moves, every file that is there must be known as ours.
        first = staging / "owned"
        first.write_bytes(_owned_text({*owned, *contents}))
        first.replace(folder / OWNED)
        for place, target in staged[:-1]:
            target.parent.mkdir(parents=True, exist_ok=True)
            place.replace(target)
        for path in removed:
            (folder / path).unlink(missing_ok=True)
            _remove_empty(folder, path)
        staged[-1][0].replace(folder / OWNED)
    finally:
        rmtree(staging, ignore_errors=True)


def _owned_text(paths: Iterable[str]) -> bytes:
    return "\n".join([_HEADER, *sorted(paths), ""]).encode()


def _read_owned(folder: Path) -> set[str]:
    """The paths that are ours. The file may have been edited, so nothing in it may lead out of the folder."""
    place = folder / OWNED
    if not _is_file(place):
        return set()
    lines = place.read_text(encoding="utf-8", errors="replace").splitlines()
    return {line for line in lines if line and not line.startswith("#") and _is_inside(line)}


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path and ":" not in path


def _is_file(path: Path) -> bool:
    """Whether there is a file, and not only a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _holds(path: Path, content: bytes) -> bool:
    return _is_file(path) and path.stat().st_size == len(content) and path.read_bytes() == content


def _behind_link(folder: Path, path: str) -> bool:
    """Whether a folder on the way is a link, so that the file would end up somewhere else."""
    place = folder
    for name in PurePosixPath(path).parts[:-1]:
        place /= name
        if place.is_symlink():
            return True
    return False


def _is_ours(folder: Path, path: str) -> bool:
    return _is_file(folder / path) and not _behind_link(folder, path)


def _refuse_foreign(folder: Path, paths: Iterable[str]) -> None:
    foreign = [path for path in paths if _behind_link(folder, path) or os.path.lexists(folder / path)]
    if foreign:
        shown = f"{listing(foreign[:5])}{f' and {len(foreign) - 5} more' if len(foreign) > 5 else ''}"
        raise PublishError(
            f"in {folder} there {'is' if len(foreign) == 1 else 'are'} {shown}, which Fairlead did not make.",
            remedy="Move that away, or give another folder with -o.",
        )


def _remove_empty(folder: Path, path: str) -> None:
    """Remove the folders that a removed file leaves empty."""
    for name in list(PurePosixPath(path).parents)[:-1]:
        try:
            (folder / name).rmdir()
        except OSError:
            return
