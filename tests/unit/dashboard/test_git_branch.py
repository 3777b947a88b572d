"""The branch that the page shows beside the app's name."""

from __future__ import annotations

from pathlib import Path

from fairlead.dashboard.git_branch import git_branch


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_branch_is_that_of_the_repository_around_the_file(tmp_path: Path) -> None:
    """A file in a folder of a repository must have its branch, with all parts of its name."""
    write(tmp_path / ".git" / "HEAD", "ref: refs/heads/feature/orders\n")
    assert git_branch(tmp_path / "shop" / "apphost.py") == "feature/orders"


def test_a_worktree_has_its_own_branch(tmp_path: Path) -> None:
    """Where .git is a file, the folder that it names must be read."""
    write(tmp_path / "repository" / "HEAD", "ref: refs/heads/fix\n")
    write(tmp_path / "tree" / ".git", "gitdir: ../repository\n")
    assert git_branch(tmp_path / "tree" / "apphost.py") == "fix"


def test_without_a_branch_it_is_the_commit(tmp_path: Path) -> None:
    """A checkout of a commit must show the beginning of its hash."""
    write(tmp_path / ".git" / "HEAD", "0123456789abcdef\n")
    assert git_branch(tmp_path / "apphost.py") == "0123456"


def test_what_can_not_be_read_is_no_branch(tmp_path: Path) -> None:
    """A folder that only looks like a repository must not hinder the page."""
    (tmp_path / ".git").mkdir()
    assert git_branch(tmp_path / "apphost.py") is None
