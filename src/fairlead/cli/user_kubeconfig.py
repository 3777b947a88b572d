"""The user's own kubeconfig, and how a cluster gets into it: whole or not at all, and with all that was there.

``kubectl config`` does it in the same way: the same file, the same lock beside it, comments are lost.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from fairlead.engines.kube.kubeconfig import Kubeconfig, dump, merge, parse
from fairlead.errors import StateError
from fairlead.runtime.store.files import explain, read_private, replace_file

_LOCK_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05


def user_kubeconfig(environment: Mapping[str, str] = os.environ) -> Path:
    """The file that kubectl would change: of those in ``KUBECONFIG`` the first that exists, else the last.

    Args:
        environment: The user's environment.
    """
    paths = [Path(path) for path in environment.get("KUBECONFIG", "").split(os.pathsep) if path]
    if not paths:
        return Path.home() / ".kube" / "config"
    return next((path for path in paths if path.exists()), paths[-1])


def merge_into(path: Path, kubeconfig: Kubeconfig, *, use: bool = False, lock_seconds: float = _LOCK_SECONDS) -> None:
    """Add the cluster, user and context of a kubeconfig to a file; those of the same names are replaced.

    Args:
        path: The file; it is created, with its folder, if it is not there.
        kubeconfig: What is added.
        use: Whether its context becomes the current one.
        lock_seconds: How long to wait for another process that changes the file.

    Raises:
        StateError: The file can't be read or written; nothing has changed.
        EngineError: It is not a kubeconfig; nothing has changed.
    """
    with _helpful(path):
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise explain("can't use the folder", path.parent, error) from error
    with _locked(path, lock_seconds), _helpful(path):
        known = parse((read_private(path) or b"").decode(errors="replace"), str(path))
        replace_file(path, dump(merge(known, kubeconfig, use=use)).encode())


@contextmanager
def _helpful(path: Path) -> Iterator[None]:
    """Give the remedy for a file of the user's, in place of that for one of Fairlead's."""
    try:
        yield
    except StateError as error:
        raise StateError(
            error.message, remedy=f"See who may write {path}, or name another file with KUBECONFIG."
        ) from error


@contextmanager
def _locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold kubectl's lock of the file: a file beside it, which is there as long as one writes."""
    lock = path.with_name(f"{path.name}.lock")
    deadline = time.monotonic() + seconds
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            break
        except FileExistsError as error:
            if time.monotonic() > deadline:
                raise StateError(
                    f"{path} is locked by another process: {lock} is there",
                    remedy=f"If no kubectl runs that changes it, remove the lock: rm {lock}",
                ) from error
            time.sleep(_PAUSE_SECONDS)
        except OSError as error:
            with _helpful(path):
                raise explain("can't lock", path, error) from error
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()
