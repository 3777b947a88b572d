"""What git says of a folder, read from its files: no git is needed for it."""

from __future__ import annotations

from pathlib import Path

_BRANCH = "ref: refs/heads/"
_HASH_SHOWN = 7


def current_branch(folder: Path) -> str | None:
    """The branch that is checked out in a folder, or the short hash of a commit; None where git has nothing to do.

    Args:
        folder: A folder in a clone, or in a worktree of one.
    """
    for parent in (folder, *folder.parents):
        head = _head(parent / ".git")
        if head is not None:
            return head.removeprefix(_BRANCH) if head.startswith(_BRANCH) else head[:_HASH_SHOWN] or None
    return None


def _head(git: Path) -> str | None:
    """What is checked out, as the file HEAD says; None where there is none."""
    try:
        if git.is_file():  # of a worktree or a submodule: gitdir: /path/of/the/clone/.git/worktrees/name
            git = git.parent / git.read_text().removeprefix("gitdir:").strip()
        return (git / "HEAD").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
