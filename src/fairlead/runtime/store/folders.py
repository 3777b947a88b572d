"""Where the things live that Fairlead keeps: state, secrets, sockets.

All of them are outside the repository and belong to one user. The state folder is safe to delete; secrets are not,
and so live elsewhere; sockets need a short path.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from fairlead.errors import StateError
from fairlead.runtime.store.files import explain

# A Unix socket's path has room for 104 bytes on macOS and 108 on Linux, with the closing NUL.
_SOCKET_PATH_BYTES = 103
_RUNTIME_FOLDER_BYTES = 60
# Not what TMPDIR says: that is long on macOS, and differs between a terminal and what a service starts.
_SHARED_FOLDER = Path("/tmp")  # noqa: S108 - own_folder() sees to it that nobody else made what we use
_APP_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def state_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder above the state folders of all apps. Touches nothing."""
    return _base("XDG_STATE_HOME", ".local/state", environ) / "fairlead"


def state_folder(app_id: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where an app's allocated ports, kubeconfigs and the like are. Touches nothing."""
    return state_root(environ) / _component(app_id)


def volumes_folder(app_id: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the volumes of an app's processes. Touches nothing."""
    return _base("XDG_DATA_HOME", ".local/share", environ) / "fairlead" / "volumes" / _component(app_id)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of what can be fetched or built again. Touches nothing."""
    return _base("XDG_CACHE_HOME", ".cache", environ) / "fairlead"


def secrets_file(app_id: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file of an app's stored secrets. Touches nothing."""
    return _base("XDG_CONFIG_HOME", ".config", environ) / "fairlead" / "secrets" / f"{_component(app_id)}.json"


def runtime_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of sockets and locks, made if need be.

    It is ``$XDG_RUNTIME_DIR/fairlead`` where that variable names a usable folder of the user's own, else
    ``/tmp/fairlead-<uid>``.

    Raises:
        StateError: The folder can't be made, is a symbolic link, or belongs to another user, who could then listen in.
    """
    base = Path(environ.get("XDG_RUNTIME_DIR", ""))
    folder = base / "fairlead"
    if not _is_usable(base) or len(os.fsencode(folder)) > _RUNTIME_FOLDER_BYTES:
        folder = _SHARED_FOLDER / f"fairlead-{os.geteuid()}"
    return own_folder(folder)


def own_folder(folder: Path) -> Path:
    """Make sure that a folder exists, is the user's own and closed to others, in a place where others may write too.

    Returns:
        The path given.

    Raises:
        StateError: It can't be made, is a symbolic link or no folder, or belongs to another user.
    """
    try:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise _foreign(folder, found) from None
            if found.st_mode & 0o077:
                folder.chmod(0o700)
    except OSError as error:
        raise explain("can't use the folder", folder, error) from error
    return folder


def socket_path(app_id: str, folder: Path) -> Path:
    """Return the path of an app's control socket, short enough for a Unix socket whatever the id.

    Args:
        app_id: The app.
        folder: What ``runtime_folder`` returned.
    """
    path = folder / f"{_component(app_id)}.sock"
    excess = len(os.fsencode(path)) - _SOCKET_PATH_BYTES
    if excess <= 0:
        return path
    digest = hashlib.sha256(app_id.encode()).hexdigest()[:12]
    return folder / f"{app_id[: -excess - len(digest) - 1]}-{digest}.sock"


def _base(variable: str, default: str, environ: Mapping[str, str]) -> Path:
    # The XDG specification has relative paths ignored.
    given = Path(environ.get(variable, ""))
    if given.is_absolute():
        return given
    home = Path(environ.get("HOME", ""))
    if home.is_absolute():
        return home / default
    try:
        return Path.home() / default
    except RuntimeError as error:
        raise StateError("the home folder of this user is not known.", remedy=f"Set HOME or {variable}.") from error


def _component(app_id: str) -> str:
    if not _APP_ID.fullmatch(app_id):
        raise StateError(
            f"{app_id!r} can't be an app's id: it names files.",
            remedy="Use letters, digits, '-', '_' and '.', at most 128 of them, not beginning with '.' or '-'.",
        )
    return app_id


def _is_usable(base: Path) -> bool:
    """Tell whether XDG_RUNTIME_DIR is ours: under ``sudo`` it often still names another user's folder, or none."""
    try:
        return base.is_absolute() and base.stat().st_uid == os.geteuid() and os.access(base, os.W_OK | os.X_OK)
    except OSError:
        return False


def _foreign(folder: Path, found: os.stat_result) -> StateError:
    if stat.S_ISLNK(found.st_mode):
        reason = "it is a symbolic link"
    elif not stat.S_ISDIR(found.st_mode):
        reason = "it is not a folder"
    else:
        reason = f"it belongs to the user with id {found.st_uid}"
    return StateError(
        f"{folder} is not safe to use: {reason}.",
        remedy="Remove it, or set XDG_RUNTIME_DIR to a folder of your own with a short path.",
    )
