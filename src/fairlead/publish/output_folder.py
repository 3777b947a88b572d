"""The output folder: the one thing here that is not pure.

A file called ``.fairlead-files`` lists what belongs to Fairlead in the folder. Of that, what is no longer made is
removed; nothing else is ever touched, and a file that somebody else made is never overwritten. Everything is written
beside its place first and then moved, so a publish that fails half-way (a full disk, say) leaves the old output whole.
"""

# ruff: noqa: PTH103, PTH105, PTH106, PTH108, PTH112, PTH114, PTH202 - paths are texts here: a thousand files
# are looked at three times each, and a Path costs more than the question.

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from fairlead.errors import PublishError
from fairlead.model.names import listing
from fairlead.records import record

OWNED = ".fairlead-files"
#: What a file is called while it is written.
PART = ".fairlead-part"
# A part that a crash left is overwritten; a link is never followed.
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_HEADER = "# Files that Fairlead made here, and removes when they are no longer needed. Others it leaves alone."


@record
class Changes:
    """What publishing changes in a folder; all paths are relative to it, with slashes."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write(
    folder: Path,
    files: Mapping[str, str],
    *,
    keep: Iterable[str] = (),
    check: bool = False,
    private: Collection[str] = (),
    judge: Callable[[Changes], None] = lambda changes: None,
) -> Changes:
    """Make a folder hold these files.

    Args:
        folder: The folder; made when it is missing.
        files: Contents by path relative to the folder, with slashes.
        keep: Subfolders whose files are not to be removed, although they are not among the files.
        check: Only tell what would change.
        private: The files that nobody but their owner may read.
        judge: Called with what would change before anything does; if it raises, the folder stays as it is.

    Raises:
        PublishError: A file that Fairlead did not make is in the way, or the folder can't be written.
    """
    try:
        return _write(folder, files, tuple(keep), check, private, judge)
    except OSError as error:
        raise PublishError(
            f"the output folder {folder} can't be written: {error.strerror or error}.",
            remedy="Correct that, or give another folder with -o.",
        ) from error


def _write(
    folder: Path,
    files: Mapping[str, str],
    keep: tuple[str, ...],
    check: bool,
    private: Collection[str],
    judge: Callable[[Changes], None],
) -> Changes:
    if folder.exists() and not folder.is_dir():
        raise PublishError(f"{folder} is a file.", remedy="Give a folder with -o.")
    root = str(folder)
    is_there = os.path.lexists(root)  # else there is nothing to look at
    owned = _read_owned(root)
    linked = _linked_folders(root, {*files, *owned}) if is_there else set[str]()
    contents = {path: text.encode() for path, text in files.items()}
    unchanged = [
        path
        for path in (contents if is_there else ())
        if _folder_of(path) not in linked and _holds(f"{root}/{path}", contents[path])
    ]
    same = set(unchanged)
    written = [path for path in contents if path not in same]
    if is_there:
        _refuse_foreign(root, [path for path in written if path not in owned or _folder_of(path) in linked])
    kept = {path for path in owned if path.startswith(tuple(f"{name}/" for name in keep))}
    stale = sorted(owned - contents.keys() - kept)
    removed = [path for path in stale if _folder_of(path) not in linked and _is_file(f"{root}/{path}")]
    changes = Changes(tuple(written), tuple(removed), tuple(unchanged))
    judge(changes)
    listed = _owned_text(contents.keys() | kept)
    if not check and (written or removed or not _holds(f"{root}/{OWNED}", listed)):
        _apply(root, {path: contents[path] for path in written}, removed, owned, listed, private)
    return changes


def _apply(
    root: str,
    contents: Mapping[str, bytes],
    removed: list[str],
    owned: set[str],
    listed: bytes,
    private: Collection[str],
) -> None:
    """Write everything beside its place, then move it there.

    Whatever may be found after a crash is listed as ours first, the unfinished files too, so the next publish clears
    it away.
    """
    folders = [name for name in sorted({_folder_of(path) for path in contents}) if not os.path.isdir(f"{root}/{name}")]
    for name in ["", *folders]:
        os.makedirs(f"{root}/{name}", exist_ok=True)
    parts = [f"{path}{PART}" for path in contents]
    _replace(f"{root}/{OWNED}", _owned_text({*owned, *contents, *parts}))
    try:
        for part, (path, content) in zip(parts, contents.items(), strict=True):
            _create(f"{root}/{part}", content, 0o600 if path in private else 0o666)
    except BaseException:
        for part in parts:
            with suppress(OSError):
                os.unlink(f"{root}/{part}")
        with suppress(OSError):  # what was not written is not ours, if somebody else comes to make it
            _replace(f"{root}/{OWNED}", _owned_text(owned))
        for name in reversed(folders):
            _remove_if_empty(root, name)
        raise
    for part, path in zip(parts, contents, strict=True):
        os.replace(f"{root}/{part}", f"{root}/{path}")
    for path in removed:
        with suppress(FileNotFoundError):  # a part that a crash left may just have been moved to its place
            os.unlink(f"{root}/{path}")
        _remove_if_empty(root, _folder_of(path))
    _replace(f"{root}/{OWNED}", listed)


def _replace(path: str, content: bytes) -> None:
    try:
        _create(f"{path}{PART}", content)
        os.replace(f"{path}{PART}", path)
    except BaseException:
        with suppress(OSError):
            os.unlink(f"{path}{PART}")
        raise


def _create(path: str, content: bytes, mode: int = 0o666) -> None:
    if mode == 0o600 and os.path.lexists(path):
        os.unlink(path)  # a part that a crash left has the rights it was made with
    file = os.open(path, _CREATE, mode)
    try:
        while content:
            content = content[os.write(file, content) :]
    finally:
        os.close(file)


def _owned_text(paths: Iterable[str]) -> bytes:
    return "\n".join([_HEADER, *sorted(paths), ""]).encode()


def _read_owned(root: str) -> set[str]:
    """The paths that are ours. The file may have been edited, so nothing in it may lead out of the folder."""
    place = f"{root}/{OWNED}"
    if not _is_file(place):
        return set()
    lines = Path(place).read_text(encoding="utf-8", errors="replace").splitlines()
    return {line for line in lines if line and not line.startswith("#") and _is_inside(line)}


def _is_inside(path: str) -> bool:
    return not {"", ".", ".."} & set(path.split("/")) and "\\" not in path and ":" not in path


def _is_file(path: str) -> bool:
    """Whether there is a file, and not only a link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _holds(path: str, content: bytes) -> bool:
    return _is_file(path) and os.path.getsize(path) == len(content) and Path(path).read_bytes() == content


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _linked_folders(root: str, paths: Iterable[str]) -> set[str]:
    """The folders of these paths that are, or are reached by, links: what is put there ends up somewhere else."""
    linked: set[str] = set()
    for folder in {_folder_of(path) for path in paths}:
        steps = folder.split("/") if folder else []
        if any(os.path.islink("/".join([root, *steps[:count]])) for count in range(1, len(steps) + 1)):
            linked.add(folder)
    return linked


def _refuse_foreign(root: str, paths: Iterable[str]) -> None:
    foreign = [path for path in paths if _is_in_the_way(root, path)]
    if foreign:
        shown = f"{listing(foreign[:5])}{f' and {len(foreign) - 5} more' if len(foreign) > 5 else ''}"
        raise PublishError(
            f"in {root} there {'is' if len(foreign) == 1 else 'are'} {shown}, which Fairlead did not make.",
            remedy="Move that away, or give another folder with -o.",
        )


def _is_in_the_way(root: str, path: str) -> bool:
    """Whether something is at the path already, or a link or file on the way to it."""
    steps = path.split("/")
    on_the_way = ["/".join([root, *steps[:count]]) for count in range(1, len(steps))]
    if any(os.path.lexists(place) and (os.path.islink(place) or not os.path.isdir(place)) for place in on_the_way):
        return True
    return os.path.lexists(f"{root}/{path}")


def _remove_if_empty(root: str, folder: str) -> None:
    """Remove a folder below the root, and those above it, as far as they are empty."""
    while folder:
        try:
            os.rmdir(f"{root}/{folder}")
        except OSError:
            return
        folder = _folder_of(folder)
