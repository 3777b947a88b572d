"""Reads what is installed: the packages of a Python environment, and whether they are those of a lock file."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from contextlib import suppress
from pathlib import Path

from fairlead.drivers.project_folders import modules_in
from fairlead.errors import StartError
from fairlead.projects.installation import Installation, Installed, has_same_packages, npm_versions
from fairlead.projects.requirements import normal_name

#: The file in an environment that holds the digest of the lock file that was installed last.
STAMP = ".fairlead-lock"
#: What a manager writes last when it has installed something, relative to the environment.
_TRACES = {
    "npm": (".package-lock.json",),
    "pnpm": (".modules.yaml",),
    "yarn": (".yarn-integrity", ".yarn-state.yml", ".modules.yaml"),
    "pixi": ("conda-meta/history",),
}
#: The packages that a virtual environment begins with.
_SEEDS = {"pip", "setuptools", "wheel"}
_RECORDS = {"npm": ".package-lock.json", "pnpm": ".pnpm/lock.yaml"}


def installed_packages(environment: Path | None) -> set[str] | None:
    """The normal names of the packages in an environment.

    Args:
        environment: The environment; None for that of Fairlead itself.

    Returns:
        None where it can't be told: the environment is not there, or others' packages count too.
    """
    if environment is None:
        return _packages_in([Path(entry) for entry in sys.path if Path(entry).is_dir()])
    with suppress(OSError):
        if re.search(r"^include-system-site-packages\s*=\s*true", (environment / "pyvenv.cfg").read_text(), re.M):
            return None
    folders = _site_packages(environment)
    return _packages_in(folders) if folders else None


def _packages_in(folders: list[Path]) -> set[str]:
    """The normal names of the packages that folders of modules have, by the names of their records.

    Reading the records themselves takes longer than a small service takes to start.
    """
    names = (entry.name for folder in folders for entry in folder.iterdir())
    matches = (re.match(r"(.+?)(?:-[^-]+)?(?:-py[\d.]+)?\.(?:dist-info|egg-info|egg-link)$", name) for name in names)
    return {normal_name(match[1]) for match in matches if match}


def installed_modules(environment: Path | None, folder: Path) -> set[str]:
    """Names of modules that an environment has installed, those of a folder that it refers to among them.

    Args:
        environment: The environment; None for one that is not known.
        folder: A folder of modules, which an editable installation names in a .pth file.
    """
    modules: set[str] = set()
    for site_packages in _site_packages(environment) if environment else []:
        entries = list(site_packages.iterdir())
        modules |= {entry.name.partition(".")[0] for entry in entries if entry.suffix in ("", ".py", ".so")}
        for entry in entries:
            if entry.suffix == ".pth":
                with suppress(OSError):
                    if str(folder) in entry.read_text(errors="replace").splitlines():
                        modules |= modules_in(folder)
    return modules


def _site_packages(environment: Path) -> list[Path]:
    return [path for path in environment.glob("lib/python3*/site-packages") if path.is_dir()]


def read_installed(installation: Installation, environment: Path | None, stamp: str | None) -> Installed:
    """Look whether what a lock file says is installed.

    Args:
        installation: The installation.
        environment: Its environment; None for one that was never made.
        stamp: The digest that was noted when it was installed last.

    Raises:
        StartError: The lock file can't be read.
    """
    try:
        lock = installation.lock.read_bytes()
        lock_time = installation.lock.stat().st_mtime
    except OSError as error:
        raise StartError(f"{installation.lock} can't be read: {error.strerror or error}") from error
    same = None
    if environment is not None and stamp != digest_of(lock):
        same = _has_same_packages(installation.manager, environment, lock)
    return Installed(digest_of(lock), lock_time, stamp, _installed_time(installation, environment), same)


def _has_same_packages(manager: str, environment: Path, lock: bytes) -> bool | None:
    """Whether the manager's record agrees with the lock file, and with what is in the folders of the packages.

    npm alone writes its record also for ``npm install --package-lock-only``, which installs nothing.
    """
    try:
        record = (environment / _RECORDS[manager]).read_bytes()
    except (KeyError, OSError):
        return None
    same = has_same_packages(manager, lock, record)
    if not same or manager != "npm":
        return same
    return all(_npm_version(environment.parent / path) == version for path, version in npm_versions(record).items())


def _npm_version(package: Path) -> object:
    try:
        return json.loads((package / "package.json").read_bytes()).get("version")
    except (OSError, ValueError, AttributeError):
        return None


def digest_of(lock: bytes) -> str:
    """What stands for the content of a lock file."""
    return f"sha256:{hashlib.sha256(lock).hexdigest()}"


def _installed_time(installation: Installation, environment: Path | None) -> float | None:
    """When packages were installed last; None if there are none, as in an environment that was only just made."""
    if environment is None or not environment.exists():
        return None
    if not installation.locked or not environment.is_dir():  # any is taken as it is; a file is that of Plug'n'Play
        return environment.stat().st_mtime
    if (environment / "pyvenv.cfg").exists():
        traces = _site_packages(environment) if (installed_packages(environment) or set()) - _SEEDS else []
    elif installation.manager in _TRACES:
        traces = [path for name in _TRACES[installation.manager] if (path := environment / name).exists()]
    else:
        traces = [environment]
    return max((path.stat().st_mtime for path in traces), default=None)
