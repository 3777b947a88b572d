"""Node apps: which package manager their folder uses, and how Vite is told its port."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.drivers.project_folders import folders_up_to_repository
from fairlead.drivers.process import ExecutableDriver, Launch
from fairlead.errors import StartError
from fairlead.model.driver import DriverContext
from fairlead.resources.executable import Executable
from fairlead.resources.node import NodeApp


@dataclass(frozen=True, slots=True)
class PackageManager:
    """A package manager: how it installs what the lock says, and what stands before arguments for a script."""

    name: str
    install: tuple[str, ...]
    separator: tuple[str, ...] = ()


_NPM = PackageManager("npm", ("npm", "install", "--no-audit", "--no-fund"), ("--",))
_BY_LOCK = {
    "pnpm-lock.yaml": PackageManager("pnpm", ("pnpm", "install", "--frozen-lockfile")),
    "yarn.lock": PackageManager("yarn", ("yarn", "install", "--frozen-lockfile")),
    "bun.lock": PackageManager("bun", ("bun", "install", "--frozen-lockfile")),
    "bun.lockb": PackageManager("bun", ("bun", "install", "--frozen-lockfile")),
    "package-lock.json": PackageManager("npm", ("npm", "ci", "--no-audit", "--no-fund"), ("--",)),
}


def find_package_manager(folder: Path) -> PackageManager:
    """The package manager of a folder.

    By the lock file in the folder or above it, as far up as the repository (a workspace has one for all its packages);
    then by ``packageManager`` of package.json; else npm.

    Raises:
        StartError: package.json can't be read.
    """
    places = folders_up_to_repository(folder)
    for place in places:
        for lock, manager in _BY_LOCK.items():
            if (place / lock).is_file():
                return manager
    named = [str(_package(place).get("packageManager", "")).partition("@")[0] for place in places]
    return next((manager for manager in _BY_LOCK.values() if manager.name in named and manager.name != "npm"), _NPM)


def _package(folder: Path) -> dict[str, object]:
    try:
        package = json.loads((folder / "package.json").read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StartError(f"its package.json can't be read: {error}") from error
    return package if isinstance(package, dict) else {}


class NodeDriver(ExecutableDriver):
    """Runs a file with Node, or a script of package.json; what is not installed yet is installed first."""

    def launch(self, resource: Executable, context: DriverContext, cwd: str, env: Mapping[str, str]) -> Launch:
        """Node with the file, or the package manager with the script.

        Raises:
            StartError: The file or the script is not there, or a program that is needed is not installed.
        """
        assert isinstance(resource, NodeApp)
        folder = Path(cwd)
        manager = find_package_manager(folder)
        package = _package(folder)
        prepare = (manager.install,) if _needs_install(folder, package) else ()
        own = self.own_arguments(resource, context)
        if resource.run_script is None:
            assert resource.script is not None
            if folder.is_dir() and not (folder / resource.script).is_file():
                raise StartError(f"its script {resource.script} is not in {folder}", remedy="Correct the script.")
            self._require("node", env)
            return Launch(("node", resource.script, *own), prepare=prepare)
        _check_script(resource.run_script, package, folder)
        self._require(manager.name, env)
        separator = manager.separator if own or resource.arguments else ()
        argv = (manager.name, "run", resource.run_script, *separator, *own)
        return Launch(argv, prepare=prepare, note=f"Node by {manager.name}")

    def own_arguments(self, resource: NodeApp, context: DriverContext) -> tuple[str, ...]:
        """Arguments that the kind gives by itself."""
        return ()

    def _require(self, program: str, env: Mapping[str, str]) -> None:
        if shutil.which(program, path=env.get("PATH", os.defpath)) is None:
            raise StartError(f"{program} is not installed", remedy=f"Install {program}, or add it to PATH.")


class ViteDriver(NodeDriver):
    """Runs Vite's development server on the endpoint's port, and only there."""

    def own_arguments(self, resource: NodeApp, context: DriverContext) -> tuple[str, ...]:
        """Where to listen; ``--strictPort`` so that it fails rather than move away from where it is looked for."""
        host = "0.0.0.0" if resource.endpoints["http"].external else "127.0.0.1"
        return ("--host", host, "--port", str(context.port("http")), "--strictPort")


def _needs_install(folder: Path, package: Mapping[str, object]) -> bool:
    wanted = package.get("dependencies") or package.get("devDependencies")
    return bool(wanted) and not any((place / "node_modules").is_dir() for place in folders_up_to_repository(folder))


def _check_script(script: str, package: Mapping[str, object], folder: Path) -> None:
    scripts = package.get("scripts")
    known = scripts if isinstance(scripts, dict) else {}
    if folder.is_dir() and script not in known:
        names = ", ".join(map(repr, known)) or "none"
        raise StartError(f"package.json has no script {script!r}; it has {names}", remedy="Correct run=.")
