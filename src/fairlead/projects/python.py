"""Which Python runs a program of a project.

For each folder, the app's own first and then those above it: its ``.venv`` (or ``venv``, ``.conda``), then the package
manager whose lock file is in it, or the environment of conda that its environment.yml names. Only then an environment
that is active where Fairlead was started, and at last the interpreter of Fairlead.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.errors import StartError
from fairlead.projects.folder import ENVIRONMENTS, ProjectFolder
from fairlead.projects.installation import Installation
from fairlead.projects.python_managers import (
    ACTIVE_ENVIRONMENT,
    CONDA_RUNS,
    PythonManager,
    choose_manager,
    conda_environment,
    conda_file,
    locking_managers,
)


@dataclass(frozen=True, slots=True)
class PythonMachine:
    """What this machine has, and what is active in the terminal.

    Attributes:
        interpreter: The Python that Fairlead runs in.
        path: The PATH of the program.
        programs: The package managers on it.
        virtual_env: The virtual environment that is active (VIRTUAL_ENV).
        conda_env: The environment of conda that is active (CONDA_PREFIX); None also for conda's own, ``base``.
        uv_environment: Where uv keeps a project's environment, if not in ``.venv`` (UV_PROJECT_ENVIRONMENT).
    """

    interpreter: Path
    path: str = ""
    programs: frozenset[str] = frozenset()
    virtual_env: Path | None = None
    conda_env: Path | None = None
    uv_environment: str = ""


@dataclass(frozen=True, slots=True)
class PythonChoice:
    """How Python, and the programs installed beside it, are called.

    Attributes:
        origin: What was chosen, for the log.
        python: The command of the interpreter.
        program_prefix: What is written before the name of a program of the environment.
        bin_folder: The folder of those programs; None where a manager looks for them.
        environment: The folder of the environment, if it is known.
        env: Variables that the program is given.
        unset: Variables that it does not inherit.
        installation: What has to be installed first, if its lock file says something else than what is there.
    """

    origin: str
    python: tuple[str, ...]
    program_prefix: tuple[str, ...] = ()
    bin_folder: Path | None = None
    environment: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()
    installation: Installation | None = None

    def program(self, name: str) -> tuple[str, ...]:
        """The command of a program of the environment, such as ``celery``."""
        return (str(self.bin_folder / name),) if self.bin_folder else (*self.program_prefix, name)


def choose_python(folders: Sequence[ProjectFolder], machine: PythonMachine) -> PythonChoice:
    """Choose the Python of an app.

    Args:
        folders: The app's folder, and those above it that belong to its project, the nearest first.
        machine: What this machine has.

    Raises:
        StartError: The environment is broken; or a lock file asks for a manager that is not installed.
    """
    app_folder = folders[0].path
    for folder in folders:
        managers = locking_managers(folder)
        if environment := _environment_in(folder):
            return _use_environment(folder, environment, managers, machine)
        if managers:
            return _use_manager(folder, choose_manager(managers, machine.programs), machine, app_folder)
        if name := conda_environment(folder):
            return _use_conda(folder, name, machine)
    return _use_active(machine)


def _environment_in(folder: ProjectFolder) -> str | None:
    """The environment in a folder.

    Raises:
        StartError: It is broken.
    """
    for name in ENVIRONMENTS:
        python = f"{name}/bin/python"
        environment = folder.path / name
        if python in folder.broken_links:
            raise _broken(environment, "the Python that it was made with is gone")
        if python in folder.paths:
            return name
        if f"{name}/Scripts/python.exe" in folder.paths:
            raise _broken(environment, "it was made on Windows")
        if f"{name}/pyvenv.cfg" in folder.paths:
            raise _broken(environment, "it has no bin/python")
    return None


def _broken(environment: Path, reason: str) -> StartError:
    return StartError(
        f"its virtual environment {environment} is broken: {reason}",
        remedy=f"Remove it and make it anew: rm -r {environment}, then python3 -m venv {environment}, "
        "or what your package manager has for that.",
    )


def _use_environment(
    folder: ProjectFolder, name: str, managers: Sequence[PythonManager], machine: PythonMachine
) -> PythonChoice:
    environment = folder.path / name
    own = [manager for manager in managers if manager.environment == name]
    installation = _sync(folder, choose_manager(own, machine.programs), environment, machine) if own else None
    if ".conda/conda-meta" in folder.paths and name == ".conda":
        variable, origin = "CONDA_PREFIX", f"the conda environment {environment}"
    else:
        variable, origin = "VIRTUAL_ENV", f"the virtual environment {environment}"
    return _inside(environment, origin, machine, variable, installation)


def _inside(
    environment: Path, origin: str, machine: PythonMachine, variable: str, installation: Installation | None = None
) -> PythonChoice:
    bin_folder = environment / "bin"
    return PythonChoice(
        origin,
        (str(bin_folder / "python"),),
        bin_folder=bin_folder,
        environment=environment,
        env={variable: str(environment), "PATH": f"{bin_folder}{os.pathsep}{machine.path}"},
        unset=frozenset({"PYTHONHOME"}),
        installation=installation,
    )


def _use_manager(
    folder: ProjectFolder, manager: PythonManager, machine: PythonMachine, app_folder: Path
) -> PythonChoice:
    lock = folder.path / manager.lock
    if manager.name not in machine.programs:
        raise StartError(
            f"{lock} asks for {manager.name}, which is not installed",
            remedy=f"Install {manager.name} ({manager.obtained_by}), or make a .venv in {folder.path}.",
        )
    environment = None if manager.located_by else _environment_of(folder, manager, machine)
    prefix = manager.run
    if manager.name == "uv" and folder.path != app_folder:
        prefix = (*prefix, "--project", str(folder.path))  # else a pyproject.toml on the way up would be the project
    return PythonChoice(
        f"{manager.name}, for {lock}",
        (*prefix, "python"),
        prefix,
        environment=environment,
        unset=ACTIVE_ENVIRONMENT,
        installation=_sync(folder, manager, environment, machine),
    )


def _environment_of(folder: ProjectFolder, manager: PythonManager, machine: PythonMachine) -> Path:
    own = machine.uv_environment if manager.name == "uv" else ""
    return folder.path / (own or manager.environment)


def _sync(
    folder: ProjectFolder, manager: PythonManager, environment: Path | None, machine: PythonMachine
) -> Installation | None:
    """What brings the environment up to date; None where the manager would install into another one."""
    if environment is not None and environment != _environment_of(folder, manager, machine):
        return None
    return Installation(
        manager.name,
        manager.sync,
        folder.path,
        folder.path / manager.lock,
        environment=environment,
        located_by=() if environment else manager.located_by,
        unset=ACTIVE_ENVIRONMENT,
    )


def _use_conda(folder: ProjectFolder, name: str, machine: PythonMachine) -> PythonChoice:
    path = folder.path / (conda_file(folder) or "")
    if machine.conda_env is not None and machine.conda_env.name == name:
        return _inside(machine.conda_env, f"the active conda environment {name}, for {path}", machine, "CONDA_PREFIX")
    run = next((command for program, command in CONDA_RUNS.items() if program in machine.programs), None)
    if run is None:
        raise StartError(
            f"{path} asks for conda, which is not installed",
            remedy=f"Install conda or micromamba, and run conda env create -f {path}; or make a .venv there.",
        )
    prefix = (*run, name)
    return PythonChoice(
        f"the conda environment {name}, for {path}",
        (*prefix, "python"),
        prefix,
        unset=frozenset({"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME"}),
    )


def _use_active(machine: PythonMachine) -> PythonChoice:
    if machine.virtual_env is not None:
        origin = f"the active virtual environment {machine.virtual_env}"
        return _inside(machine.virtual_env, origin, machine, "VIRTUAL_ENV")
    if machine.conda_env is not None:
        origin = f"the active conda environment {machine.conda_env}"
        return _inside(machine.conda_env, origin, machine, "CONDA_PREFIX")
    return PythonChoice(
        f"the interpreter of Fairlead, {machine.interpreter}",
        (str(machine.interpreter),),
        bin_folder=machine.interpreter.parent,
    )
