"""The branch of the checkout that an app file is in, read from Git's own files."""

from __future__ import annotations

from pathlib import Path

_BRANCHES = "ref: refs/heads/"
_SHORT = 7


def git_branch(file: Path) -> str | None:
    """Return the branch of the repository around a file, or the beginning of the commit that is checked out.

    None where there is no repository, or none that can be read.
    """
    entry = next((parent / ".git" for parent in file.parents if (parent / ".git").exists()), None)
    if entry is None:
        return None
    try:
        head = (_git_folder(entry) / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return head.removeprefix(_BRANCHES) if head.startswith(_BRANCHES) else head[:_SHORT]


def _git_folder(entry: Path) -> Path:
    """The folder with HEAD: of a worktree, and of a submodule, ``.git`` is a file that names it."""
    if entry.is_dir():
        return entry
    return entry.parent / entry.read_text(encoding="utf-8").partition("gitdir:")[2].strip()
