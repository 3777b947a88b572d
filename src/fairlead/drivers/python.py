"""Python apps: which interpreter runs them, and how uvicorn is called.

In this order: the ``.venv`` of the app's folder or of one above it, as far up as the repository; then the package
manager that is used there (``uv.lock``, ``poetry.lock``, ``Pipfile.lock``); then the interpreter that Fairlead runs in.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.drivers.project_folders import folders_up_to_repository
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
        StartError: The virtual environment is broken; or there is none, and the package manager is not installed.
    """
    places = folders_up_to_repository(folder)
    for environment in (place / name for place in places for name in (".venv", "venv")):
        if os.path.lexists(environment / "bin" / "python"):
            return _of_environment(environment, path)
    for place in places:
        for lock, command in _MANAGERS.items():
            if (place / lock).is_file():
                return _of_manager(command, place / lock, path)
    return Interpreter((sys.executable,), f"the interpreter of Fairlead, {sys.executable}")


def _of_environment(environment: Path, path: str) -> Interpreter:
    bin_folder = environment / "bin"
    if not (bin_folder / "python").exists():
        raise StartError(
            f"its virtual environment {environment} is broken: the Python that it was made with is gone",
            remedy="Make it anew.",
        )
    variables = {"VIRTUAL_ENV": str(environment), "PATH": f"{bin_folder}{os.pathsep}{path}"}
    return Interpreter((str(bin_folder / "python"),), f"the virtual environment {environment}", variables)


def _of_manager(command: tuple[str, ...], lock: Path, path: str) -> Interpreter:
    if shutil.which(command[0], path=path) is None:
        raise StartError(
            f"{lock} asks for {command[0]}, which is not installed",
            remedy=f"Install {command[0]}, or make a .venv in {lock.parent}.",
        )
    return Interpreter(command, f"{command[0]}, for {lock}")


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
