"""Which files count below a watched path."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.definitions import build

from fairlead.runtime.watching.ignored_files import IgnoredFiles, is_temporary
from fairlead.runtime.watching.watched_path import WatchedPath, watched_paths


@pytest.mark.parametrize(
    "name",
    [
        ".main.py.swp",
        ".main.py.swx",
        "4913",
        "main.py~",
        ".#main.py",
        "#main.py#",
        "main.py___jb_tmp___",
        "sedAb12Cd",
        ".goutputstream-9XQ1",
        ".main.py.kate-swp",
        ".nfs0000000a",
        ".DS_Store",
        "main.pyc",
    ],
)
def test_temporary_files_of_editors_do_not_count(name: str) -> None:
    """What editors write beside a file while they save it must be told by its name."""
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["main.py", "sedative", ".env", "#notes.txt", "x.swift", "4913.txt", ".swimlane"])
def test_other_files_count(name: str) -> None:
    """A file that only looks a little like a temporary one must count."""
    assert not is_temporary(name)


def test_folders_of_tools_do_not_count(tmp_path: Path) -> None:
    """What tools keep below a project must not count, but a path that the definition names must."""
    ignored = IgnoredFiles(tmp_path)

    assert ignored(tmp_path / "node_modules" / "left-pad" / "index.js")
    assert ignored(tmp_path / "api" / "__pycache__", is_folder=True)
    assert not ignored(tmp_path / "api" / "main.py")
    named = tmp_path / "node_modules" / "left-pad"
    assert not IgnoredFiles(named)(named / "index.js")


def test_what_git_ignores_does_not_count(tmp_path: Path) -> None:
    """The rules of the repository must hold, unless the definition names what they ignore."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.log\n/dist/\n")
    (tmp_path / "dist").mkdir()

    ignored = IgnoredFiles(tmp_path)
    assert ignored(tmp_path / "api" / "x.log")
    assert ignored(tmp_path / "dist" / "app.js")
    assert not ignored(tmp_path / "api" / "dist" / "app.js")
    assert not IgnoredFiles(tmp_path / "dist")(tmp_path / "dist" / "app.js")


def test_what_a_build_leaves_out_does_not_count(tmp_path: Path) -> None:
    """The ``.dockerignore`` of the context must hold, but never for the Dockerfile itself."""
    (tmp_path / ".dockerignore").write_text("docs\nDockerfile\n!docs/keep.md\n")
    ignored = IgnoredFiles(tmp_path, build=(tmp_path, tmp_path / "Dockerfile"))

    assert ignored(tmp_path / "docs" / "x.md")
    assert not ignored(tmp_path / "docs" / "keep.md")
    assert not ignored(tmp_path / "Dockerfile")
    assert not ignored(tmp_path / "main.py")


def test_patterns_of_the_definition_are_those_of_git(tmp_path: Path) -> None:
    """``ignore=`` must work as a ``.gitignore`` in the watched folder would."""
    ignored = IgnoredFiles(tmp_path, ["tests/", "*.md", "!README.md"])

    assert ignored(tmp_path / "api" / "tests" / "test_x.py")
    assert ignored(tmp_path / "NOTES.md")
    assert not ignored(tmp_path / "README.md")
    assert not ignored(tmp_path / "tests.py")


def _watched(folder: Path) -> WatchedPath:
    app = build(
        lambda app: app.add_container("web", "nginx").with_watch(
            "./site", action="sync", target="/srv/site", ignore=["*.tmp"]
        ),
        folder=folder,
    )
    (watched,) = watched_paths(app, app["web"])
    return watched


def test_a_new_folder_counts_with_the_files_in_it(tmp_path: Path) -> None:
    """Files that came with a folder must count though the system told of the folder alone; a folder itself never."""
    new = tmp_path / "site" / "new"
    new.mkdir(parents=True)
    (new / "a.html").write_text("")
    (new / "a.tmp").write_text("")
    watched = _watched(tmp_path)

    assert watched.counted({new, tmp_path / "site", tmp_path / "elsewhere"}) == {new / "a.html"}
    assert watched.counted({tmp_path / "site" / "gone"}) == {tmp_path / "site" / "gone"}


def test_a_file_has_its_place_in_the_container(tmp_path: Path) -> None:
    """A file of a watched folder must be at the same place below the target; a watched file at the target."""
    (tmp_path / "site").mkdir()
    watched = _watched(tmp_path)

    assert watched.change(tmp_path / "site" / "a" / "b.html").target == "/srv/site/a/b.html"
    assert watched.change(tmp_path / "site").target == "/srv/site"
