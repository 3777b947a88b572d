"""Which files count below a watched path, and which never do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from fairlead.publish.project.git_ignore import GitIgnore, parse_rules, verdict_of

IGNORE_FILES = frozenset({".gitignore", ".dockerignore"})
_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".hypothesis",
        ".idea",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "node_modules",
    }
)
# Of Vim, Emacs, Kate, JetBrains, GNOME, sed, NFS and macOS; and byte code.
_TEMPORARY = re.compile(
    r"4913|.*~|\.#.*|#.*#|\..*\.sw[a-z]|\.sw[a-z]|\..*\.kate-swp|.*___jb_(tmp|old|bak)___|\.goutputstream-.*|sed[A-Za-z0-9]{6}"
    r"|\.nfs[0-9a-f]+|\.DS_Store|.*\.py[co]"
)

Test = Callable[[Path, bool], bool]
"""Whether a path does not count; the second argument says whether it is a folder."""


def is_temporary(name: str) -> bool:
    """Whether a file of this name is an editor's, for the moment, or byte code."""
    return _TEMPORARY.fullmatch(name) is not None


class IgnoredFiles:
    """What does not count below one watched path.

    Args:
        root: The watched path, absolute.
        patterns: The definition's own patterns, relative to it.
        build: The context and the Dockerfile of the build that the path belongs to; None for no build.
    """

    def __init__(self, root: Path, patterns: Sequence[str] = (), build: tuple[Path, Path] | None = None) -> None:
        self._root = root
        self._tests: list[Test] = [_by_patterns(root, patterns)] if patterns else []
        folder = root if root.is_dir() else root.parent
        git = GitIgnore(folder)
        if not git.ignores(root, is_folder=folder is root):  # what the definition names is wanted, whatever Git says
            self._tests.append(lambda path, is_folder: git.ignores(path, is_folder=is_folder))
        if build is not None:
            self._tests.append(_by_build(*build))

    def __call__(self, path: Path, *, is_folder: bool = False) -> bool:
        """Whether a change of a path does not count.

        Args:
            path: The path, absolute.
            is_folder: Whether it is a folder.
        """
        if path == self._root:
            return False
        *folders, name = path.relative_to(self._root).parts
        if is_temporary(name) or not _FOLDERS.isdisjoint((*folders, name)):
            return True
        return any(test(path, is_folder) for test in self._tests)


def _by_patterns(root: Path, patterns: Sequence[str]) -> Test:
    rules = parse_rules("\n".join(patterns))

    def is_ignored(path: Path, is_folder: bool) -> bool:
        relative = path.relative_to(root)
        folders = [place for place in reversed(relative.parents) if place.name]
        return any(is_named(folder, True) for folder in folders) or is_named(relative, is_folder)

    def is_named(path: Path, is_folder: bool) -> bool:
        return verdict_of(rules, path.as_posix(), is_folder=is_folder) or False

    return is_ignored


def _by_build(context: Path, dockerfile: Path) -> Test:
    from fairlead.engines.docker.context import ignored_by  # here, because it brings the engine's client along

    ignored = ignored_by(context, dockerfile)

    def is_ignored(path: Path, is_folder: bool) -> bool:
        # An engine reads the Dockerfile whatever the file says.
        return path != dockerfile and path.is_relative_to(context) and ignored(path.relative_to(context).as_posix())

    return is_ignored
