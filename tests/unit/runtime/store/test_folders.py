"""Where things live must follow the XDG variables, never depend on the working folder, and be nobody else's."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from fairlead.errors import StateError
from fairlead.runtime.store import folders


def test_xdg_variables_are_followed(tmp_path: Path) -> None:
    """State and secrets must be where the variables say, and asking must make nothing."""
    environ = {"XDG_STATE_HOME": str(tmp_path / "s"), "XDG_CONFIG_HOME": str(tmp_path / "c"), "HOME": "/nowhere"}
    assert folders.state_folder("shop-1", environ) == tmp_path / "s/fairlead/shop-1"
    assert folders.secrets_file("shop-1", environ) == tmp_path / "c/fairlead/secrets/shop-1.json"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_the_home_folder_is_the_default(value: str) -> None:
    """A variable that is empty, or relative, as XDG says, must count as not set."""
    environ = {"HOME": "/home/u", "XDG_STATE_HOME": value, "XDG_CONFIG_HOME": value}
    assert folders.state_folder("shop", environ) == Path("/home/u/.local/state/fairlead/shop")
    assert folders.secrets_file("shop", environ) == Path("/home/u/.config/fairlead/secrets/shop.json")


def test_a_relative_home_is_not_used() -> None:
    """Without a usable HOME, what the system knows about the user must count, never the working folder."""
    assert folders.state_folder("shop", {"HOME": ""}).is_absolute()


@pytest.mark.parametrize("app_id", ["", "..", ".hidden", "a/b", "a\0b", "-x", "a b", "x" * 129, "ü"])
def test_an_id_must_not_lead_elsewhere(app_id: str) -> None:
    """An app's id, which may be given by the user, must not name a file outside the folder."""
    with pytest.raises(StateError) as caught:
        folders.state_folder(app_id, {"HOME": "/home/u"})
    assert caught.value.remedy
    with pytest.raises(StateError):
        folders.secrets_file(app_id, {"HOME": "/home/u"})


def test_the_runtime_folder_is_private(short_folder: Path) -> None:
    """Sockets must be in a folder that only the user can enter, also if it was open before."""
    folder = folders.runtime_folder({"XDG_RUNTIME_DIR": str(short_folder)})
    assert folder == short_folder / "fairlead"
    folder.chmod(0o755)
    assert folders.runtime_folder({"XDG_RUNTIME_DIR": str(short_folder)}) == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("value", ["", "relative", "/nowhere/at/all", "/proc/1/root/nowhere", "/tmp/" + "x" * 60])
def test_an_unusable_runtime_dir_has_a_substitute(value: str) -> None:
    """Where XDG_RUNTIME_DIR is missing, gone, or too long for a socket, a short folder of the user's must serve."""
    assert folders.runtime_folder({"XDG_RUNTIME_DIR": value}) == Path(f"/tmp/fairlead-{os.geteuid()}")


def test_a_link_is_refused(tmp_path: Path) -> None:
    """A symbolic link that somebody laid must be refused, with the way out."""
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(StateError, match="symbolic link") as caught:
        folders.own_folder(tmp_path / "link")
    assert caught.value.remedy and "XDG_RUNTIME_DIR" in caught.value.remedy


def test_a_file_is_refused(tmp_path: Path) -> None:
    """A file in the folder's place must be refused and stay."""
    (tmp_path / "file").write_text("precious")
    with pytest.raises(StateError, match="not a folder"):
        folders.own_folder(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "precious"


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A folder that another user made must be refused: it could be listened in on."""
    folder = Path("/usr") if os.geteuid() else tmp_path / "theirs"
    if os.geteuid() == 0:
        folder.mkdir()
        os.chown(folder, 12345, 12345)
    with pytest.raises(StateError, match="belongs to the user with id"):
        folders.own_folder(folder)


def test_no_place_for_the_folder(tmp_path: Path) -> None:
    """A folder that can't be made must be a StateError that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError) as caught:
        folders.own_folder(tmp_path / "file" / "fairlead")
    assert str(tmp_path / "file") in caught.value.message
    assert caught.value.remedy


def test_a_socket_path_fits(short_folder: Path) -> None:
    """A socket must be bindable whatever the length of the id, and ids that differ must have different sockets."""
    ids = ["shop", "x" * 128, "x" * 127 + "y"]
    paths = [folders.socket_path(app_id, short_folder) for app_id in ids]
    assert paths[0] == short_folder / "shop.sock"
    assert len(set(paths)) == 3
    for path in paths:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
