"""The private files must never be lost, half written or open to others, whatever the disk does."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairlead.errors import StateError
from fairlead.runtime.store.files import (
    explain,
    locked,
    private_folder,
    read_json,
    read_private,
    set_aside,
    write_json,
    write_private,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the kernel refuse to make any file larger: the write fails in the middle, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A value must come back as it was, with text that is no valid Unicode too."""
    value: dict[str, object] = {"a": 1, "ü": ["x", None], "raw": "\udcff"}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json", dict) == value


def test_absent_is_none(tmp_path: Path) -> None:
    """A file that isn't there must not be an error, and reading must not make anything."""
    assert read_json(tmp_path / "a" / "b.json", dict) is None
    assert list(tmp_path.iterdir()) == []


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    """Files must be 0600 in folders of 0700, made or found, whatever the umask and the old mode."""
    (tmp_path / "found").mkdir(mode=0o755)
    old = os.umask(0)
    try:
        write_json(tmp_path / "made" / "deep" / "a.json", {})
        write_json(tmp_path / "found" / "a.json", {})
    finally:
        os.umask(old)
    assert [mode(tmp_path / path) for path in ("made", "made/deep", "found")] == [0o700] * 3
    assert [mode(tmp_path / path) for path in ("made/deep/a.json", "found/a.json")] == [0o600] * 2


def test_replacing_closes_a_file_to_others(tmp_path: Path) -> None:
    """A file that others could read must be closed to them when it is written."""
    path = tmp_path / "a.json"
    path.write_text("{}")
    path.chmod(0o644)
    write_json(path, {"a": 1})
    assert mode(path) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A file that is kept elsewhere and linked to must be written where it is."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere").chmod(0o755)  # whatever the umask
    (tmp_path / "elsewhere" / "real.json").write_text("{}")
    link = tmp_path / "mine" / "a.json"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "elsewhere" / "real.json")
    write_json(link, {"a": 1})
    assert link.is_symlink()
    assert json.loads((tmp_path / "elsewhere" / "real.json").read_text()) == {"a": 1}
    assert mode(tmp_path / "elsewhere") == 0o755, "a folder that isn't ours was changed"


def test_a_failing_write_keeps_the_old_content(tmp_path: Path) -> None:
    """A write that fails in the middle must leave the old content, no debris, and a StateError with a remedy."""
    path = tmp_path / "a.json"
    write_json(path, {"old": True})
    with largest_file(4096), pytest.raises(StateError) as caught:
        write_private(path, b"x" * 10_000)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    assert read_json(path, dict) == {"old": True}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_killed_write_is_cleaned_up(tmp_path: Path) -> None:
    """What a killed process left half written must go with a later write, and what another is writing now must stay."""
    old, new = tmp_path / ".a.json.killed.new", tmp_path / ".a.json.busy.new"
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (0, 0))
    write_json(tmp_path / "a.json", {})
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "size limit"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "permission denied"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_every_refusal_is_explained(number: int, words: str) -> None:
    """What the system refuses must be told with the path, the reason and a remedy."""
    error = explain("can't write", Path("/x/a.json"), OSError(number, os.strerror(number)))
    assert error.message.startswith("can't write /x/a.json: ")
    assert words in error.message
    assert error.remedy and error.remedy.endswith(".")


@pytest.mark.parametrize(
    "deed",
    [
        lambda path: write_json(path, {}),
        lambda path: read_json(path, dict),
        lambda path: private_folder(path.parent),
        lambda path: locked(path).__enter__(),
    ],
    ids=["write", "read", "folder", "lock"],
)
def test_a_file_where_a_folder_should_be(tmp_path: Path, deed: Callable[[Path], object]) -> None:
    """A file in the place of a folder must give a StateError that names that file, and must stay."""
    (tmp_path / "state").write_text("precious")
    with pytest.raises(StateError) as caught:
        deed(tmp_path / "state" / "app" / "a.json")
    assert f"{tmp_path / 'state'} is not a folder" in caught.value.message
    assert caught.value.remedy
    assert (tmp_path / "state").read_text() == "precious"


def test_a_folder_that_cannot_be_made() -> None:
    """A place where nothing can be written must give a StateError, also for root, who needs no permission."""
    with pytest.raises(StateError) as caught:
        write_json(Path("/proc/fairlead/a.json"), {})
    assert "/proc/fairlead" in caught.value.message
    assert caught.value.remedy


def test_no_permission(tmp_path: Path) -> None:
    """A folder without permission must give a StateError that says so."""
    if os.geteuid() == 0:
        pytest.skip("root needs no permission")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "a.json").write_text("{}")
    (folder / "a.json").chmod(0)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StateError, match="permission denied"):
            read_json(folder / "a.json", dict)
        with pytest.raises(StateError, match="permission denied"):
            write_json(tmp_path / "other" / "a.json", {})
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b'{"a": ', "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"\0" * 100, "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "an object is expected"),
        (b"null", "an object is expected"),
        (b'"text"', "an object is expected"),
    ],
    ids=["empty", "blank", "cut off", "binary", "zeros", "deep", "array", "null", "text"],
)
def test_damage_is_told_and_left_alone(tmp_path: Path, content: bytes, words: str) -> None:
    """A file that can't be understood must give a StateError with path, reason and remedy, and stay as it is."""
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(StateError) as caught:
        read_json(path, dict)
    assert str(path) in caught.value.message
    assert words in caught.value.message
    assert caught.value.remedy
    assert path.read_bytes() == content


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A folder or a named pipe in the place of a file must give a StateError at once, and not hang."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(StateError, match="not a regular file"):
            read_private(tmp_path / name)


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    """A folder in the place of a file must survive a write, which must be a StateError."""
    (tmp_path / "a.json").mkdir()
    with pytest.raises(StateError, match="not a regular file"):
        write_json(tmp_path / "a.json", {})
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_set_aside_loses_nothing(tmp_path: Path) -> None:
    """Each damaged file must be kept under a name of its own."""
    path = tmp_path / "a.json"
    for content in ("first", "second"):
        path.write_text(content)
        set_aside(path)
    assert not path.exists()
    assert (tmp_path / "a.json.corrupt-1").read_text() == "first"
    assert (tmp_path / "a.json.corrupt-2").read_text() == "second"


def test_set_aside_of_nothing(tmp_path: Path) -> None:
    """Setting aside what isn't there must be a StateError and leave nothing."""
    with pytest.raises(StateError):
        set_aside(tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_excludes(tmp_path: Path) -> None:
    """Changes under the lock must not be lost, however many are made at once."""
    path = tmp_path / "a.json"
    write_json(path, {"count": 0})

    def increase() -> None:
        for _ in range(5):
            with locked(path, seconds=170):
                found = read_json(path, dict) or {}
                write_json(path, {"count": int(str(found["count"])) + 1})

    threads = [threading.Thread(target=increase) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_json(path, dict) == {"count": 20}


def test_a_lock_that_is_never_released(tmp_path: Path) -> None:
    """A lock that another holds must end in a StateError with a remedy, not in waiting for ever."""
    path = tmp_path / "a.json"
    with locked(path), pytest.raises(StateError) as caught, locked(path, seconds=0):
        pass
    assert str(path) in caught.value.message
    assert caught.value.remedy
    with locked(path, seconds=0):
        pass
