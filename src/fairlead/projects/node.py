"""Which package manager a Node app's folder uses, and what that installs.

For each folder, the app's own first and then those above it (a workspace has one lock file for all its packages): the
manager whose lock file is in it. Without a lock file the manager that a package.json names; else npm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.errors import StartError
from fairlead.projects.folder import YARN_LOCK_HEAD, ProjectFolder, package_json
from fairlead.projects.installation import Installation

#: Corepack's yarn and pnpm ask before they fetch themselves, and nobody can answer.
_COREPACK = {"COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}


@dataclass(frozen=True, slots=True)
class NodeManager:
    """A package manager.

    Attributes:
        name: Its program.
        install: Installs what the lock file says, or what there is without one.
        obtained_by: How the manager is installed.
        separator: What is written before the arguments of a script.
        runs_node: Whether Node finds packages only through the manager (Plug'n'Play).
    """

    name: str
    install: tuple[str, ...]
    obtained_by: str
    separator: tuple[str, ...] = ()
    runs_node: bool = False


@dataclass(frozen=True, slots=True)
class NodeChoice:
    """How a Node app is run.

    Attributes:
        manager: Its package manager.
        lock: The lock file that asks for the manager; None without one.
        installation: What has to be installed first; None where the app asks for no packages.
    """

    manager: NodeManager
    lock: Path | None = None
    installation: Installation | None = None


_NPM = NodeManager("npm", ("npm", "install", "--no-audit", "--no-fund"), "it comes with Node", ("--",))
_NPM_CI = NodeManager("npm", ("npm", "ci", "--no-audit", "--no-fund"), "it comes with Node", ("--",))
_PNPM = NodeManager("pnpm", ("pnpm", "install", "--frozen-lockfile"), "npm install -g pnpm")
_YARN = NodeManager("yarn", ("yarn", "install", "--frozen-lockfile"), "npm install -g yarn")
_YARN_BERRY = NodeManager("yarn", ("yarn", "install", "--immutable"), "corepack enable")
_YARN_PNP = NodeManager("yarn", ("yarn", "install", "--immutable"), "corepack enable", runs_node=True)
_BUN = NodeManager("bun", ("bun", "install", "--frozen-lockfile"), "npm install -g bun")

_BY_LOCK = {
    "pnpm-lock.yaml": _PNPM,
    "yarn.lock": _YARN,
    "bun.lock": _BUN,
    "bun.lockb": _BUN,
    "package-lock.json": _NPM_CI,
    "npm-shrinkwrap.json": _NPM_CI,
}


def choose_node_manager(folders: Sequence[ProjectFolder]) -> NodeChoice:
    """Choose the package manager of an app.

    Args:
        folders: The app's folder, and those above it that belong to its project, the nearest first.

    Raises:
        StartError: A package.json can't be read.
    """
    for folder in folders:
        if lock := lock_file(folder):
            manager = manager_of_lock(folder, lock)
            return NodeChoice(manager, folder.path / lock, _locked_installation(folders, folder, lock, manager))
    manager = next(filter(None, map(_named_manager, folders)), _NPM)
    return NodeChoice(manager, None, _unlocked_installation(folders, manager))


def lock_file(folder: ProjectFolder) -> str | None:
    """The lock file in a folder; of several that of the manager that package.json names, else the first."""
    locks = [lock for lock in _BY_LOCK if folder.has(lock)]
    named = _manager_name(folder)
    return next((lock for lock in locks if _BY_LOCK[lock].name == named), locks[0] if locks else None)


def manager_of_lock(folder: ProjectFolder, lock: str) -> NodeManager:
    """The manager that a lock file asks for."""
    return _yarn_of(folder) if lock == "yarn.lock" else _BY_LOCK[lock]


def required_script(script: str, package: Mapping[str, Any], folder: Path) -> None:
    """Require a script of package.json.

    Raises:
        StartError: It has no such script.
    """
    scripts = package.get("scripts")
    names = [str(name) for name in scripts] if isinstance(scripts, Mapping) else []
    if script in names:
        return
    from difflib import get_close_matches

    near = get_close_matches(script, names, 1)
    raise StartError(
        f"package.json in {folder} has no script {script!r}; it has {', '.join(map(repr, names)) or 'none'}",
        remedy=f"Write run={near[0]!r}." if near else f"Correct run=, or add {script!r} to its scripts.",
    )


def manager_missing(choice: NodeChoice) -> StartError:
    """The error for a manager that is needed and not installed."""
    manager = choice.manager
    subject = f"{choice.lock} asks for {manager.name}, which" if choice.lock else manager.name
    return StartError(f"{subject} is not installed", remedy=f"Install {manager.name} ({manager.obtained_by}).")


def _yarn_of(folder: ProjectFolder) -> NodeManager:
    """Yarn 1, or a later one, which leaves out node_modules unless it is told otherwise."""
    settings = folder.texts.get(".yarnrc.yml")
    is_named = re.match(r"yarn@([2-9]|\d\d)", str(package_json(folder).get("packageManager")))
    if settings is None and not is_named and "__metadata:" not in folder.texts.get("yarn.lock", "")[:YARN_LOCK_HEAD]:
        return _YARN
    linker = re.search(r"^nodeLinker:[ \t]*[\"']?(node-modules|pnpm)", settings or "", re.MULTILINE)
    return _YARN_BERRY if linker else _YARN_PNP


def _manager_name(folder: ProjectFolder) -> str:
    """The manager that package.json names, as in ``"packageManager": "pnpm@9.1.0"``."""
    return str(package_json(folder).get("packageManager", "")).partition("@")[0]


def _named_manager(folder: ProjectFolder) -> NodeManager | None:
    """The manager that package.json names, called so that it needs no lock file."""
    named = {"pnpm": _PNPM, "yarn": _yarn_of(folder), "bun": _BUN, "npm": _NPM}.get(_manager_name(folder))
    if named is None or named is _NPM:
        return named
    return NodeManager(named.name, (named.name, "install"), named.obtained_by, runs_node=named.runs_node)


def _asks_for_packages(folder: ProjectFolder) -> bool:
    package = package_json(folder)
    return any(package.get(key) for key in ("dependencies", "devDependencies", "optionalDependencies", "workspaces"))


def _locked_installation(
    folders: Sequence[ProjectFolder], root: ProjectFolder, lock: str, manager: NodeManager
) -> Installation | None:
    if not any(map(_asks_for_packages, folders[: folders.index(root) + 1])):
        return None
    # Plug'n'Play keeps what it installs in files that many commit, so nothing of ours may be beside them.
    environment = root.path / (".pnp.cjs" if manager.runs_node else "node_modules")
    return Installation(
        manager.name,
        manager.install,
        root.path,
        root.path / lock,
        environment=environment,
        keeps_stamp=not manager.runs_node,
        env=_COREPACK,
    )


def _unlocked_installation(folders: Sequence[ProjectFolder], manager: NodeManager) -> Installation | None:
    """What installs without a lock file: in the nearest folder that asks for packages, if there are none at all."""
    root = next((folder for folder in folders if _asks_for_packages(folder)), None)
    if root is None:
        return None
    owner = next((folder for folder in folders if folder.has("node_modules")), root)
    return Installation(
        manager.name,
        manager.install,
        root.path,
        root.path / "package.json",
        locked=False,
        environment=owner.path / "node_modules",
        env=_COREPACK,
    )
