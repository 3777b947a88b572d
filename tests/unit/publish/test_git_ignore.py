"""What Git ignores, told without Git."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.publish.project.git_ignore import GitIgnore


def project(folder: Path, files: dict[str, str]) -> Path:
    """A repository with these files."""
    (folder / ".git").mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("rules", "path", "ignored"),
    [
        ("*.log", "a/b/x.log", True),
        ("*.log", "a/b/x.txt", False),
        ("*.log\n!keep.log", "a/keep.log", False),
        ("/top", "top", True),
        ("/top", "a/top", False),
        ("a/b", "a/b", True),
        ("a/b", "c/a/b", False),
        ("data", "data/x", True),
        ("data/", "data/x", True),
        ("data/", "other/data", False),
        ("data\n!data/x", "data/x", True),
        ("data/*\n!data/x", "data/x", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**", "a/b/c", True),
        ("**/z", "a/b/z", True),
        ("a*z", "abz", True),
        ("?.py", "a.py", True),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("[a-c].py", "b.py", True),
        ("[]].py", "].py", True),
        ("[[:digit:]].py", "7.py", True),
        ("[a.py", "[a.py", False),
        ("[z-a].py", "m.py", False),
        ("a[/]b", "a/b", False),
        ("# comment", "# comment", False),
        ("\\# no comment", "# no comment", True),
        ("\\!important", "!important", True),
        ("a.txt   ", "a.txt", True),
        ("a.txt\\ ", "a.txt ", True),
        ("a.txt\r\nb.txt\r\n", "a.txt", True),
        ("\ufeffa.txt", "a.txt", True),
        ("\n\n", "a", False),
        ("", ".git/config", True),
    ],
)
def test_a_rule_ignores_what_git_ignores_by_it(tmp_path: Path, rules: str, path: str, ignored: bool) -> None:
    """Each form of a rule must mean what Git's documentation says."""
    ignore = GitIgnore(project(tmp_path, {".gitignore": rules}))

    assert ignore.ignores(tmp_path / path) is ignored


def test_the_nearest_file_wins(tmp_path: Path) -> None:
    """A rule of a subfolder must win over one above, and count from its own folder."""
    ignore = GitIgnore(project(tmp_path, {".gitignore": "*.txt\n", "a/.gitignore": "!*.txt\n/b\n"}) / "a")

    assert ignore.ignores(tmp_path / "x.txt")
    assert not ignore.ignores(tmp_path / "a" / "x.txt")
    assert ignore.ignores(tmp_path / "a" / "b")
    assert not ignore.ignores(tmp_path / "b")


def test_files_above_the_repository_do_not_count(tmp_path: Path) -> None:
    """Rules outside the repository must not hold in it, nor anything be ignored outside it."""
    (tmp_path / ".gitignore").write_text("*\n")
    inside = tmp_path / "repository"
    inside.mkdir()
    ignore = GitIgnore(project(inside, {".gitignore": "secret\n"}))

    assert not ignore.ignores(inside / "a")
    assert not ignore.ignores(tmp_path / "secret")


def test_a_project_without_a_repository_has_its_own_file(tmp_path: Path) -> None:
    """The rules beside the app file must hold also where there is no repository."""
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / ".gitignore").write_text("data/\n")

    assert GitIgnore(folder).ignores(folder / "data", is_folder=True)


NAMES = st.sampled_from(["a", "b", "ab", "a.b", "[a]", " a", "a ", "-", "!a", "#a"])
RULES = st.lists(st.text("ab*?/![]-\\.# ^", max_size=7), max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@pytest.mark.skipif(shutil.which("git") is None, reason="git judges the rules")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RULES, RULES, st.lists(PATHS, min_size=1, max_size=6))
def test_git_agrees(
    tmp_path_factory: pytest.TempPathFactory, above: list[str], below: list[str], paths: list[str]
) -> None:
    """Whatever the rules and paths, git itself must ignore the same."""
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / "a").mkdir()
    (folder / ".gitignore").write_text("\n".join(above))
    (folder / "a" / ".gitignore").write_text("\n".join(below))
    done = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(paths),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    ignored = set(done.stdout.split("\0"))

    found = {path for path in paths if GitIgnore(folder).ignores(folder / path, is_folder=(folder / path).is_dir())}
    assert found == {path for path in paths if path in ignored}
