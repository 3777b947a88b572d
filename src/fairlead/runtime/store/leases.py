"""Leases on a run that several processes share: it ends when the last of them has ended, by whatever means.

A lease is a shared lock on a file, which the kernel releases with its process. The host of the run ends when it gets
the exclusive one; from then on there are no leases, and a process that wants one waits for that host's end.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from fairlead.errors import StateError
from fairlead.runtime.store.files import explain

_PAUSE = 0.1
"""Seconds between two tries for a lock."""


class Lease:
    """A lease on a run, from :meth:`take` to :meth:`release`.

    Args:
        path: The file; see :func:`lease_file`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self, seconds: float) -> None:
        """Take it; blocks while the host of an earlier run ends.

        Args:
            seconds: How long to wait for that.

        Raises:
            StateError: It has not ended by then, or the file can't be locked.
        """
        deadline = time.monotonic() + seconds
        descriptor = _open(self._path)
        try:
            while not _try_lock(descriptor, fcntl.LOCK_SH, self._path):
                if time.monotonic() > deadline:
                    raise StateError(
                        f"an earlier run is still stopping after {seconds:g} s ({self._path}).",
                        remedy="`fairlead ps` names its process; `kill -9` ends that, and nothing is left behind.",
                    )
                time.sleep(_PAUSE)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back; one that was not taken is left at that."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def end_if_unused(path: Path) -> int | None:
    """See to it that nobody gets a lease any more, unless somebody has one.

    Args:
        path: The file; see :func:`lease_file`.

    Returns:
        A descriptor, which is to stay open until the run has ended; None while there are leases.

    Raises:
        StateError: The file can't be locked.
    """
    descriptor = _open(path)
    try:
        if _try_lock(descriptor, fcntl.LOCK_EX, path):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def lease_file(app_id: str, folder: Path) -> Path:
    """The file that is locked for the leases on a run of an app. It stays, as two runs must not have one each.

    Args:
        app_id: The app.
        folder: What ``runtime_folder`` returned.
    """
    return folder / f"{app_id}.leases"


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise explain("can't lock", path, error) from error


def _try_lock(descriptor: int, kind: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise explain("can't lock", path, error) from error
    return True
