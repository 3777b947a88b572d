"""Python apps: the interpreter and packages of their folder, and how uvicorn is called. See ``projects.python``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from fairlead.drivers.installed import installed_modules, installed_packages
from fairlead.drivers.process import ExecutableDriver, Launch
from fairlead.drivers.project_folders import read_folders
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.projects.folder import ProjectFolder
from fairlead.projects.python import PythonChoice, PythonMachine, choose_python
from fairlead.projects.python_managers import CONDA_RUNS, PYTHON_MANAGERS
from fairlead.projects.requirements import folders_without_lock, install_command, missing_packages_warning
from fairlead.projects.src_layout import needs_src
from fairlead.resources.executable import Executable
from fairlead.resources.python import PythonApp, UvicornApp


def python_of_folder(folder: Path, app_folder: Path, env: Mapping[str, str]) -> PythonChoice:
    """The Python that a folder's programs are run by.

    Args:
        folder: The folder.
        app_folder: The folder of the app file.
        env: The variables of the program.

    Raises:
        StartError: The environment is broken; or a lock file asks for a manager that is not installed.
    """
    return choose_python(read_folders(folder, app_folder), python_machine(env))


def python_machine(env: Mapping[str, str]) -> PythonMachine:
    """What this machine has, and what is active in the terminal.

    Args:
        env: The variables of the program.
    """
    path = env.get("PATH", os.defpath)
    names = [*(manager.name for manager in PYTHON_MANAGERS), *CONDA_RUNS]
    return PythonMachine(
        Path(sys.executable),
        path,
        programs=frozenset(name for name in names if shutil.which(name, path=path)),
        virtual_env=_environment_at(env.get("VIRTUAL_ENV")),
        conda_env=None if _is_base(env) else _environment_at(env.get("CONDA_PREFIX")),
        uv_environment=env.get("UV_PROJECT_ENVIRONMENT", ""),
    )


def _environment_at(path: str | None) -> Path | None:
    return Path(path) if path and (Path(path) / "bin" / "python").exists() else None


def _is_base(env: Mapping[str, str]) -> bool:
    """Whether the active environment of conda is the one that conda itself is in, which is nobody's project."""
    return env.get("CONDA_DEFAULT_ENV") == "base" or Path(env.get("CONDA_PREFIX", ""), "condabin").is_dir()


class PythonDriver(ExecutableDriver):
    """Runs a script, a module, or a program that a package brings."""

    def launch(self, resource: Executable, context: DriverContext, cwd: str, env: Mapping[str, str]) -> Launch:
        """The interpreter of the folder with the script or module, or the program of its environment.

        Raises:
            StartError: The folder or the script is not there, or its package manager is not installed.
        """
        assert isinstance(resource, PythonApp)
        folder = Path(cwd)
        if folder.is_dir() and resource.script is not None and not (folder / resource.script).is_file():
            raise StartError(
                f"its script {resource.script} is not in {folder}", remedy="Correct script=, or the folder."
            )
        folders = read_folders(folder, context.directory)
        choice = choose_python(folders, python_machine(env))
        return Launch(
            (*_command(resource, choice), *self.own_arguments(resource, context)),
            {**choice.env, **_python_path(folders[0], resource, choice, env)},
            choice.unset,
            choice.installation,
            check=partial(_check, resource, choice, folders),
            note=f"Python by {choice.origin}",
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


def _command(resource: PythonApp, choice: PythonChoice) -> tuple[str, ...]:
    if resource.command_name is not None:
        return choice.program(resource.command_name)
    if resource.script is not None:
        return (*choice.python, resource.script)
    return (*choice.python, "-m", resource.module or "")


def _require_program(resource: PythonApp, choice: PythonChoice, folder: ProjectFolder) -> None:
    """Require the program of the environment, if it is known where that keeps its programs."""
    name = resource.command_name
    if name is None or choice.bin_folder is None or (choice.bin_folder / name).exists():
        return
    raise StartError(
        f"its command {name} is not in {choice.bin_folder}, the programs of {choice.origin}",
        remedy=f"Correct command=, or install the package that brings it, as in: {_how_to_install(folder, choice)}",
    )


def _how_to_install(folder: ProjectFolder, choice: PythonChoice) -> str:
    return " ".join(choice.installation.command) if choice.installation else install_command(folder, choice)


def _python_path(
    folder: ProjectFolder, resource: PythonApp, choice: PythonChoice, env: Mapping[str, str]
) -> dict[str, str]:
    """PYTHONPATH with the folder ``src`` in front, if its modules are not installed."""
    src = folder.path / "src"
    if not folder.src_modules or not needs_src(
        folder, resource.imported_module, installed_modules(choice.environment, src)
    ):
        return {}
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(src), env.get("PYTHONPATH"))))}


def _check(resource: PythonApp, choice: PythonChoice, folders: list[ProjectFolder]) -> str:
    """Require the program, and return what to say if packages are asked for that nothing provides."""
    _require_program(resource, choice, folders[0])
    if choice.environment is None and choice.program_prefix:
        return ""  # only the manager knows where the packages are
    installed = installed_packages(choice.environment)
    return (
        "" if installed is None else missing_packages_warning(folders_without_lock(folders, choice), choice, installed)
    )
