"""The branch is read from git's files, in clones and in worktrees of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.engines.git import current_branch


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git = tmp_path / "clone" / ".git"
    (git / "worktrees" / "side").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/feature/rates\n")
    (git / "worktrees" / "side" / "HEAD").write_text("ref: refs/heads/side\n")
    return tmp_path / "clone"


def test_the_branch_of_a_clone(clone: Path) -> None:
    """A folder anywhere in a clone must be on the branch of the clone."""
    (clone / "services" / "api").mkdir(parents=True)
    assert current_branch(clone) == current_branch(clone / "services" / "api") == "feature/rates"


@pytest.mark.parametrize("relative", [False, True])
def test_the_branch_of_a_worktree(clone: Path, relative: bool) -> None:
    """A worktree must be on its own branch, wherever its clone is."""
    tree = clone.parent / "side"
    tree.mkdir()
    target = Path("..") / "clone" if relative else clone
    (tree / ".git").write_text(f"gitdir: {target}/.git/worktrees/side\n")
    assert current_branch(tree) == "side"


def test_a_commit_without_a_branch(clone: Path) -> None:
    """A commit that is checked out by itself must be told by the beginning of its hash."""
    (clone / ".git" / "HEAD").write_text("666a6c6f0e1d2c3b4a5968778695a4b3c2d1e0f9\n")
    assert current_branch(clone) == "666a6c6"


def test_without_git(tmp_path: Path) -> None:
    """A folder that is in no clone, or in a broken one, must have no branch."""
    (tmp_path / ".git").mkdir()
    assert current_branch(tmp_path) is None or current_branch(tmp_path) == current_branch(tmp_path.parent)
    (tmp_path / ".git" / "HEAD").write_bytes(b"\xff\xfe")
    assert current_branch(tmp_path) is None or current_branch(tmp_path) == current_branch(tmp_path.parent)
