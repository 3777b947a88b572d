"""Whether the packages that a lock file names are installed, and what installs them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Installation:
    """What a package manager does before a program of its project can start.

    Attributes:
        manager: The program that installs.
        command: How it is called.
        folder: The folder it is called in.
        lock: The file that says what is installed; there is one installation for each at a time.
        locked: Whether that is a lock file. Without one, any environment that is there is taken as it is.
        environment: The folder that it installs into; None where only the manager knows.
        located_by: The command that prints that folder or the interpreter in it, where only the manager knows.
        keeps_stamp: Whether the environment is a folder that nobody commits, so that a file of ours may be in it.
        unset: Variables that it must not be given.
        env: Variables that it is given.
    """

    manager: str
    command: tuple[str, ...]
    folder: Path
    lock: Path
    locked: bool = True
    environment: Path | None = None
    located_by: tuple[str, ...] = ()
    keeps_stamp: bool = True
    unset: frozenset[str] = frozenset()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installed:
    """What a look at an environment and its lock file shows.

    Attributes:
        digest: Of the lock file's content.
        lock_time: When the lock file was changed, in seconds since the epoch.
        stamp: The digest of the lock file that Fairlead saw installed last; None if it never did.
        environment_time: When packages were installed last; None if there is no environment.
        same_packages: Whether the manager's own record of what it installed agrees with the lock file; None where it
            keeps none that can be compared.
    """

    digest: str
    lock_time: float
    stamp: str | None
    environment_time: float | None
    same_packages: bool | None = None


def is_current(installation: Installation, installed: Installed) -> bool:
    """Whether what the lock file names is installed.

    The content decides, as times say little after a checkout or a copy: the lock file's digest is noted after each
    installation, and npm and pnpm keep a record of their own. Only the first time, and where there is neither, an
    environment that was changed after its lock file is believed to be up to date.
    """
    if installed.environment_time is None:
        return False
    if not installation.locked or installed.stamp == installed.digest or installed.same_packages:
        return True
    if installed.stamp is not None or installed.same_packages is not None:
        return False
    return installed.environment_time >= installed.lock_time


def has_same_packages(manager: str, lock: bytes, record: bytes) -> bool | None:
    """Whether a manager's record of what it installed agrees with a lock file.

    Args:
        manager: ``npm``, whose record is ``node_modules/.package-lock.json``, or ``pnpm``, whose record is
            ``node_modules/.pnpm/lock.yaml``.
        lock: The lock file.
        record: The record.

    Returns:
        None where the two can't be compared.
    """
    if manager == "pnpm":
        return True if lock == record else None  # it also differs in what only this machine leaves out
    wanted, present = _npm_packages(lock), _npm_packages(record)
    if wanted is None or present is None:
        return None
    return all(_is_satisfied(package, present.get(path)) for path, package in wanted.items())


def npm_versions(lock: bytes) -> dict[str, str]:
    """The versions of packages by their folders, relative to the lock file's; links have none."""
    packages = _npm_packages(lock) or {}
    return {path: str(package["version"]) for path, package in packages.items() if package.get("version")}


def _npm_packages(text: bytes) -> Mapping[str, Any] | None:
    """The packages in folders node_modules: ``{"node_modules/a": {"version": "1.0.0", "integrity": "…"}, …}``."""
    try:
        packages = json.loads(text).get("packages")
    except (ValueError, AttributeError):
        return None
    if not isinstance(packages, dict):  # a lock file of npm 6
        return None
    return {
        path: package for path, package in packages.items() if "node_modules/" in path and isinstance(package, dict)
    }


def _is_satisfied(package: Mapping[str, Any], present: Mapping[str, Any] | None) -> bool:
    if present is None:  # left out: it is for another system
        return any(package.get(key) for key in ("optional", "devOptional", "peer"))
    # Where a package comes from is compared only for those without a digest, as a mirror may stand in for a registry.
    keys = ("version", "integrity", "link") if package.get("integrity") else ("version", "resolved", "link")
    return all(package.get(key) == present.get(key) for key in keys)
