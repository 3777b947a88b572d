"""One host per app on this machine, and who it is.

A host holds a file lock for as long as it lives; the kernel releases it however the host ends, so there is no stale
lock, and no process id is ever trusted. The record beside it says who holds it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fairlead.errors import AlreadyRunning, StateError
from fairlead.runtime.store.files import explain, read_json, write_json
from fairlead.runtime.store.folders import runtime_folder

# Whoever asks which hosts run holds a dead one's lock for an instant, or longer on a machine so busy that it has to
# wait for the processor just then; a host that starts at that moment tries again.
_ATTEMPTS = 100
_ATTEMPT_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is known about a running host.

    Attributes:
        app_id: The app, unique for a checkout.
        name: The app's name.
        apphost: Path of the app file.
        pid: The host's process.
        started: When it started, in seconds since the epoch.
        run_id: This run, of all the app's runs.
        socket: Path of its control socket.
        definition: The digest of the app file that it runs by; empty where there is no such file. Another one does not
            make it another run.
    """

    app_id: str
    name: str
    apphost: str
    pid: int
    started: float
    run_id: str
    socket: str
    definition: str = field(default="", compare=False)


def definition_digest(apphost: str | Path) -> str:
    """A digest of the app file's content, to notice an edit; empty where it can't be read, as in a notebook."""
    try:
        return hashlib.sha256(Path(apphost).read_bytes()).hexdigest()
    except OSError:
        return ""


class InstanceLock:
    """The right to be the host of an app.

    Args:
        folder: Where locks and records are; ``runtime_folder()`` unless given.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self._app_id = ""

    def acquire(self, record: RunRecord) -> None:
        """Become the host, remove what a host that was killed left behind, and write the record.

        It may take a second, and blocks meanwhile.

        Raises:
            AlreadyRunning: The app has a host; the message names it.
            StateError: The lock or the record can't be written.
        """
        if self._descriptor is not None:
            raise RuntimeError("this lock is already held")
        folder = self._folder = self._folder or runtime_folder()
        for _ in range(_ATTEMPTS):
            descriptor = _try_lock(folder, record.app_id)
            if descriptor is not None:
                break
            time.sleep(_ATTEMPT_SECONDS)
        else:
            raise _refusal(record, _read_record(_record_path(folder, record.app_id)))
        try:
            _clear(folder, record.app_id)
            write_json(_record_path(folder, record.app_id), asdict(record))
        except BaseException:
            _unlock(folder, record.app_id, descriptor)
            raise
        self._descriptor, self._app_id = descriptor, record.app_id

    def update(self, record: RunRecord) -> None:
        """Write another record of this host.

        Raises:
            StateError: It can't be written.
        """
        if self._descriptor is not None and self._folder is not None:
            write_json(_record_path(self._folder, record.app_id), asdict(record))

    def release(self) -> None:
        """Give the right up and remove the record; releasing twice, or without having acquired, is fine."""
        if self._descriptor is not None and self._folder is not None:
            descriptor, self._descriptor = self._descriptor, None
            _unlock(self._folder, self._app_id, descriptor)


def running_instances(folder: Path | None = None) -> list[RunRecord]:
    """Return the hosts that run now, by name; what dead ones left behind is removed.

    Args:
        folder: Where locks and records are; ``runtime_folder()`` unless given.

    Raises:
        StateError: The folder can't be read.
    """
    folder = folder or runtime_folder()
    records = [record for app_id in _known_apps(folder) if (record := _inspect(folder, app_id)) is not None]
    return sorted(records, key=lambda record: (record.name, record.app_id))


def running_instance(app_id: str, folder: Path | None = None) -> RunRecord | None:
    """Return the host of an app, or None when it has none. See ``running_instances``."""
    return _inspect(folder or runtime_folder(), app_id)


def _known_apps(folder: Path) -> list[str]:
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explain("can't read the folder", folder, error) from error
    return sorted({stem for name in names for stem, end in (_split(name),) if end in {".lock", ".json"}})


def _split(name: str) -> tuple[str, str]:
    # Not Path.stem, as an app's id may have dots, and not what begins with one, as a half-written file does.
    stem, dot, end = name.rpartition(".")
    return ("", "") if name.startswith(".") else (stem, dot + end)


def _inspect(folder: Path, app_id: str) -> RunRecord | None:
    """Return the record of a host that lives, or remove what is left of one that doesn't."""
    if not any(path.exists() for path in (_lock_path(folder, app_id), _record_path(folder, app_id))):
        return None
    descriptor = _try_lock(folder, app_id)
    if descriptor is None:
        return _read_record(_record_path(folder, app_id))
    _unlock(folder, app_id, descriptor)
    return None


def _try_lock(folder: Path, app_id: str) -> int | None:
    """Return a descriptor that holds the app's lock, or None when another process does."""
    path = _lock_path(folder, app_id)
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise explain("can't lock", path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_current(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise explain("can't lock", path, error) from error
        # Between opening and locking, the holder before us removed the file: this lock is worth nothing.
        os.close(descriptor)


def _is_current(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _unlock(folder: Path, app_id: str, descriptor: int) -> None:
    path = _lock_path(folder, app_id)
    # Somebody may have emptied the folder under us; what is there now may then be another host's.
    if _is_current(path, descriptor):
        _clear(folder, app_id)
        with suppress(OSError):
            path.unlink()
    os.close(descriptor)


def _clear(folder: Path, app_id: str) -> None:
    """Remove an app's record and the socket that it names. The caller holds the lock."""
    path = _record_path(folder, app_id)
    record = _read_record(path)
    socket = Path(record.socket) if record else folder
    with suppress(OSError):
        # A record is only a file: it must not make us remove anything that isn't ours.
        if socket.parent == folder and socket.is_socket():
            socket.unlink()
    with suppress(OSError):
        path.unlink()


def _read_record(path: Path) -> RunRecord | None:
    try:
        found = read_json(path, dict)
    except StateError:
        return None
    match found:
        case {
            "app_id": str(app_id),
            "name": str(name),
            "apphost": str(apphost),
            "pid": int(pid),
            "started": float() | int() as started,
            "run_id": str(run_id),
            "socket": str(socket),
            **rest,
        }:
            definition = str(rest.get("definition", ""))
            return RunRecord(app_id, name, apphost, pid, started, run_id, socket, definition)
    return None


def _refusal(wanted: RunRecord, holder: RunRecord | None) -> AlreadyRunning:
    if holder is None:
        return AlreadyRunning(
            f"{wanted.name} is being started by another process, from {wanted.apphost}.",
            remedy="Wait a moment, then look at it with `fairlead ps`.",
        )
    return already_running(holder)


def already_running(holder: RunRecord) -> AlreadyRunning:
    """The refusal of a second host, which names the first."""
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(holder.started))
    return AlreadyRunning(
        f"{holder.name} is already running: process {holder.pid}, since {since}, from {holder.apphost}.",
        remedy="Stop it with `fairlead stop`, or look at it with `fairlead resources`.",
    )


def _lock_path(folder: Path, app_id: str) -> Path:
    return folder / f"{app_id}.lock"


def _record_path(folder: Path, app_id: str) -> Path:
    return folder / f"{app_id}.json"
