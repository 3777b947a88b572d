"""A build context as a tar archive, without what ``.dockerignore`` names."""

from __future__ import annotations

import io
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Final

IN_MEMORY: Final = 16 * 1024 * 1024
"""Bytes up to which an archive is kept in memory; a larger one goes to a temporary file."""
OUTSIDE: Final = ".fairlead.Dockerfile"
"""Name that a Dockerfile from elsewhere gets in the archive."""


class Ignored:
    """What a ``.dockerignore`` leaves out.

    Args:
        text: The file: a pattern a line, ``#`` for comments, ``!`` for exceptions; the last match counts.
    """

    def __init__(self, text: str) -> None:
        self._rules: list[tuple[re.Pattern[str], bool]] = []
        for line in text.removeprefix("\ufeff").splitlines():
            pattern = line.strip()
            if not pattern or line.startswith("#"):
                continue
            keep = pattern.startswith("!")
            parts = PurePosixPath(pattern.removeprefix("!").strip().lstrip("/")).parts
            if parts:
                self._rules.append((re.compile(_expression(parts)), keep))

    @property
    def has_exceptions(self) -> bool:
        """Whether something inside an ignored folder may be wanted nevertheless."""
        return any(keep for _, keep in self._rules)

    def __call__(self, path: str) -> bool:
        """Whether a file or folder is left out; ``path`` is relative to the context, with slashes."""
        ignored = False
        for pattern, keep in self._rules:
            if pattern.match(path):
                ignored = not keep
        return ignored


def _expression(parts: tuple[str, ...]) -> str:
    pieces = []
    for part in parts:
        if part == "**":
            pieces.append("(?:[^/]+/)*")
        elif part != "..":
            pieces.append(_segment(part) + "/")
    if parts[-1] == "**":
        return "".join(pieces)[: -len("(?:[^/]+/)*")] + ".+$"
    return "".join(pieces).removesuffix("/") + r"(?:/.*)?$"  # a folder takes along all that is in it


def _segment(pattern: str) -> str:
    def translate(match: re.Match[str]) -> str:
        text = match[0]
        if text.startswith("["):
            return text
        if text.startswith("\\"):
            return re.escape(text[1:])
        return {"**": ".*", "*": "[^/]*", "?": "[^/]"}.get(text) or re.escape(text)

    return re.sub(r"\[\^?[^\]]+\]|\\.|\*\*|.", translate, pattern)


def pack(context: Path, dockerfile: Path, more: Mapping[str, bytes] | None = None) -> tuple[IO[bytes], str]:
    """Write a context as a tar archive.

    Args:
        context: The folder.
        dockerfile: The Dockerfile, which need not be in it.
        more: Files to put beside it, for nobody but the engine's user to read.

    Returns:
        The archive, to be read from its beginning and closed, and the Dockerfile's name in it.
    """
    ignored = ignored_by(context, dockerfile)
    inside = dockerfile.resolve().is_relative_to(context.resolve())
    name = dockerfile.resolve().relative_to(context.resolve()).as_posix() if inside else OUTSIDE
    archive = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (the caller closes it)
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in _wanted(context, context, ignored):
            tar.add(path, str(path.relative_to(context)), recursive=False, filter=_anonymous)
        if name not in tar.getnames():  # the engine needs it all the same, and knows what is ignored
            _put(tar, name, dockerfile.read_bytes(), 0o644)
        for own, content in (more or {}).items():
            _put(tar, own, content, 0o600)
    archive.seek(0)
    return archive, name


def _put(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def ignored_by(context: Path, dockerfile: Path) -> Ignored:
    """What is left out of a context, by the file beside the Dockerfile that is meant for it, else by the context's.

    Raises:
        OSError: The file can't be read.
    """
    return Ignored(_ignore_file(context, dockerfile))


def own_ignore_file(dockerfile: Path) -> Path:
    """The file that says what is left out of the context of one Dockerfile, instead of the context's own."""
    return dockerfile.with_name(f"{dockerfile.name}.dockerignore")


def _ignore_file(context: Path, dockerfile: Path) -> str:
    for path in (own_ignore_file(dockerfile), context / ".dockerignore"):
        if path.is_file():
            return path.read_text()
    return ""


def _wanted(folder: Path, context: Path, ignored: Ignored) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        is_ignored = ignored(path.relative_to(context).as_posix())
        is_folder = path.is_dir() and not path.is_symlink()
        if not is_ignored and (is_folder or path.is_symlink() or path.is_file()):
            yield path
        if is_folder and (not is_ignored or ignored.has_exceptions):
            yield from _wanted(path, context, ignored)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
