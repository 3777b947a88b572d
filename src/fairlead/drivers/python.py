"""Python apps: which interpreter runs them, and how uvicorn is called.

In this order: the ``.venv`` of the app's folder or of one above it, as far up as the repository; then the package
manager that the folder uses (``uv.lock``, ``poetry.lock``, ``Pipfile.lock``) where it is installed; then the
interpreter that Fairlead runs in.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.drivers.process import ExecutableDriver, Launch
from fairlead.errors import StartError
from fairlead.model.driver import DriverContext
from fairlead.resources.executable import Executable
from fairlead.resources.python import PythonApp, UvicornApp

_MANAGERS = {
    "uv.lock": ("uv", "run", "--no-progress", "python"),
    "poetry.lock": ("poetry", "run", "python"),
    "Pipfile.lock": ("pipenv", "run", "python"),
}


@dataclass(frozen=True, slots=True)
class Interpreter:
    """How Python is called for an app; ``origin`` says why this one."""

    argv: tuple[str, ...]
    origin: str
    env: Mapping[str, str] = field(default_factory=dict)


def find_interpreter(folder: Path, path: str) -> Interpreter:
    """The interpreter of an app's folder.

    Args:
        folder: The app's folder.
        path: The PATH to look for package managers on.

    Raises:
        StartError: The folder uses a package manager that is not installed, and has no virtual environment.
    """
    for place in _up_to_repository(folder):
        for name in (".venv", "venv"):
            python = place / name / "bin" / "python"
            if python.exists():
                return _of_environment(place / name, path)
    for lock, command in _MANAGERS.items():
        if (folder / lock).is_file():
            if shutil.which(command[0], path=path):
                return Interpreter(command, f"{command[0]}, for {lock}")
            raise StartError(
                f"its folder has {lock}, and {command[0]} is not installed",
                remedy=f"Install {command[0]}, or make a .venv in {folder}.",
            )
    return Interpreter((sys.executable,), f"the interpreter of Fairlead, {sys.executable}")


def _of_environment(environment: Path, path: str) -> Interpreter:
    bin_folder = environment / "bin"
    variables = {"VIRTUAL_ENV": str(environment), "PATH": f"{bin_folder}{os.pathsep}{path}"}
    return Interpreter((str(bin_folder / "python"),), f"the virtual environment {environment}", variables)


def _up_to_repository(folder: Path) -> list[Path]:
    """The folder and those above it, up to the one that holds the repository; the folder alone outside of one."""
    folder = folder.resolve()
    places = [folder, *folder.parents]
    for number, place in enumerate(places):
        if (place / ".git").exists():
            return places[: number + 1]
    return [folder]


class PythonDriver(ExecutableDriver):
    """Runs a script or module."""

    def launch(self, resource: Executable, context: DriverContext, cwd: str, env: Mapping[str, str]) -> Launch:
        """The interpreter of the folder, with the script or module.

        Raises:
            StartError: The folder or the script is not there, or its package manager is not installed.
        """
        assert isinstance(resource, PythonApp)
        folder = Path(cwd)
        if folder.is_dir() and resource.script is not None and not (folder / resource.script).is_file():
            raise StartError(
                f"its script {resource.script} is not in {folder}", remedy="Correct script=, or the folder."
            )
        interpreter = find_interpreter(folder, env.get("PATH", os.defpath))
        target = (resource.script,) if resource.script is not None else ("-m", resource.module or "")
        return Launch(
            (*interpreter.argv, *target, *self.own_arguments(resource, context)),
            interpreter.env,
            note=f"Python by {interpreter.origin}",
        )

    def own_arguments(self, resource: PythonApp, context: DriverContext) -> tuple[str, ...]:
        """Arguments that the kind gives by itself."""
        return ()


class UvicornDriver(PythonDriver):
    """Runs an ASGI app under uvicorn, on loopback unless its endpoint is external."""

    def own_arguments(self, resource: PythonApp, context: DriverContext) -> tuple[str, ...]:
        """The app, and where to listen."""
        assert isinstance(resource, UvicornApp)
        host = "0.0.0.0" if resource.endpoints["http"].external else "127.0.0.1"
        arguments = (resource.app, "--host", host, "--port", str(context.port("http")))
        return (*arguments, "--reload") if resource.reload else arguments
