"""The output folder: what is ours in it, and that nothing else is touched."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from fairlead import PublishError
from fairlead.publish.output_folder import OWNED, PART, Changes, write

FILES = {"Chart.yaml": "a", "templates/api/service.yaml": "b"}


def held(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != OWNED
    }


def test_a_new_folder_holds_what_was_written(tmp_path: Path) -> None:
    """Files must be where they belong, and be known as ours."""
    changes = write(tmp_path / "a" / "out", FILES)

    assert changes == Changes(("Chart.yaml", "templates/api/service.yaml"), (), ())
    assert held(tmp_path / "a" / "out") == FILES
    assert "templates/api/service.yaml" in (tmp_path / "a" / "out" / OWNED).read_text()


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    """Where nothing is different no file may be touched."""
    write(tmp_path, FILES)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    assert write(tmp_path, FILES) == Changes((), (), ("Chart.yaml", "templates/api/service.yaml"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_stale_files_go_and_foreign_files_stay(tmp_path: Path) -> None:
    """What is no longer made must go, with the folders it leaves empty; what others made must stay."""
    write(tmp_path, {**FILES, "templates/old/service.yaml": "x", "templates/api/old.yaml": "y"})
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "templates" / "api" / "mine.yaml").write_text("mine")

    changes = write(tmp_path, {"Chart.yaml": "changed"})

    assert changes.written == ("Chart.yaml",)
    assert changes.removed == ("templates/api/old.yaml", "templates/api/service.yaml", "templates/old/service.yaml")
    assert held(tmp_path) == {"Chart.yaml": "changed", "README.md": "mine", "templates/api/mine.yaml": "mine"}
    assert not (tmp_path / "templates" / "old").exists()


def test_a_file_of_somebody_else_is_never_overwritten(tmp_path: Path) -> None:
    """A foreign file in the way must be an error that names it, and nothing must be written."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "api").write_text("mine")
    (tmp_path / "Chart.yaml").write_text("mine")

    with pytest.raises(
        PublishError, match=r"'Chart\.yaml', 'templates/api/service\.yaml', which Fairlead did not make"
    ):
        write(tmp_path, {**FILES, "values.yaml": "c"})

    assert held(tmp_path) == {"templates/api": "mine", "Chart.yaml": "mine"}


def test_a_foreign_file_with_the_same_content_is_adopted(tmp_path: Path) -> None:
    """A chart whose list of files was lost must be recognised as long as it is unchanged."""
    write(tmp_path, FILES)
    (tmp_path / OWNED).unlink()

    assert not write(tmp_path, FILES).written
    assert write(tmp_path, {}).removed == ("Chart.yaml", "templates/api/service.yaml")


def test_check_tells_and_writes_nothing(tmp_path: Path) -> None:
    """With check the changes must be told, and the folder left as it is."""
    assert write(tmp_path / "out", FILES, check=True).written == tuple(FILES)
    assert not (tmp_path / "out").exists()

    write(tmp_path, {**FILES, "old": "x"})
    assert write(tmp_path, {**FILES, "Chart.yaml": "new"}, check=True) == Changes(
        ("Chart.yaml",), ("old",), ("templates/api/service.yaml",)
    )
    assert held(tmp_path) == {**FILES, "old": "x"}


def test_what_another_environment_made_is_kept(tmp_path: Path) -> None:
    """Publishing for one environment must leave the folders of the others alone."""
    write(tmp_path, {"one/Chart.yaml": "1", "two/Chart.yaml": "2", "stale": "x"})

    changes = write(tmp_path, {"one/Chart.yaml": "changed"}, keep=["two"])

    assert changes.removed == ("stale",)
    assert held(tmp_path) == {"one/Chart.yaml": "changed", "two/Chart.yaml": "2"}
    assert write(tmp_path, {"one/Chart.yaml": "changed"}).removed == ("two/Chart.yaml",)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_are_never_followed(tmp_path: Path) -> None:
    """Nothing may be written or removed through a link that leads out of the folder."""
    outside, folder = tmp_path / "outside", tmp_path / "out"
    write(folder, FILES)
    (folder / "templates" / "api").rename(outside)
    (folder / "templates" / "api").symlink_to(outside)

    with pytest.raises(PublishError, match=r"templates/api/service\.yaml"):
        write(folder, {**FILES, "templates/api/service.yaml": "new"})
    assert write(folder, {"Chart.yaml": "a"}).removed == ()
    assert (outside / "service.yaml").read_text() == "b"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_file_that_became_a_link_is_replaced_itself(tmp_path: Path) -> None:
    """Where one of our files is a link now, the link must be replaced, not what it leads to."""
    write(tmp_path / "out", FILES)
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "out" / "Chart.yaml").unlink()
    (tmp_path / "out" / "Chart.yaml").symlink_to(target)

    write(tmp_path / "out", FILES)

    assert target.read_text() == "precious"
    assert not (tmp_path / "out" / "Chart.yaml").is_symlink()


@pytest.mark.parametrize("line", ["../precious", "/etc/hostname", "a/../../precious", "..\\precious", "./precious"])
def test_an_edited_list_leads_nowhere(tmp_path: Path, line: str) -> None:
    """What the list of files says must never make us remove something outside the folder."""
    folder = tmp_path / "out"
    write(folder, FILES)
    (tmp_path / "precious").write_text("x")
    with (folder / OWNED).open("a") as owned:
        owned.write(f"{line}\n")

    assert write(folder, FILES).removed == ()
    assert (tmp_path / "precious").exists()


def test_a_failure_leaves_the_old_output_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full half-way, every file must be as it was, no part be left, and nothing new count as ours."""
    write(tmp_path, FILES)
    real, left = os.write, [3]

    def full(file: int, content: bytes) -> int:
        left[0] -= 1
        if left[0] == 0:  # what is taken back then makes room
            raise OSError(28, "No space left on device")
        return real(file, content)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(PublishError, match="No space left on device"):
        write(tmp_path, {path: text * 2 for path, text in {**FILES, "templates/new/a.yaml": "n", "b": "b"}.items()})
    monkeypatch.undo()

    assert held(tmp_path) == FILES
    assert not (tmp_path / "templates" / "new").exists()
    (tmp_path / "b").write_text("mine")
    with pytest.raises(PublishError, match="which Fairlead did not make"):
        write(tmp_path, {**FILES, "b": "b"})
    assert not write(tmp_path, FILES).written


def test_what_a_crash_left_is_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unfinished files of a publish that was killed must be gone after the next one."""
    write(tmp_path, FILES)

    def killed(source: str, target: str) -> None:
        if not source.endswith(OWNED + PART):
            raise KeyboardInterrupt
        real(source, target)

    real = os.replace
    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {**FILES, "Chart.yaml": "new", "values.yaml": "v"})
    monkeypatch.undo()
    assert (tmp_path / f"Chart.yaml{PART}").exists()

    write(tmp_path, {**FILES, "Chart.yaml": "newer"})

    assert held(tmp_path) == {**FILES, "Chart.yaml": "newer"}


def test_a_file_as_folder_is_refused(tmp_path: Path) -> None:
    """An output folder that is a file must be an error with what to do."""
    (tmp_path / "out").write_text("")

    with pytest.raises(PublishError, match=r"is a file\. Give a folder with -o"):
        write(tmp_path / "out", FILES)
