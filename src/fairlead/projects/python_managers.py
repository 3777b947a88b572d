"""The package managers of Python: which lock file asks for which, and how each is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fairlead.projects.folder import ProjectFolder

#: Variables of an active environment. A manager that is given them takes that one for the project's.
ACTIVE_ENVIRONMENT = frozenset(
    {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PIPENV_ACTIVE", "PYTHONHOME"}
)


@dataclass(frozen=True, slots=True)
class PythonManager:
    """A package manager.

    Attributes:
        name: Its program.
        lock: Its lock file.
        run: What is written before a program to run that in the project's environment, without installing anything.
        sync: Installs what the lock file says; removes nothing that the user has added.
        environment: Where it keeps the environment, relative to the lock file's folder. It makes no other than this
            one if ``located_by`` is empty.
        located_by: Prints the environment's folder, or the interpreter in it.
        obtained_by: How the manager is installed.
    """

    name: str
    lock: str
    run: tuple[str, ...]
    sync: tuple[str, ...]
    obtained_by: str
    environment: str = ".venv"
    located_by: tuple[str, ...] = ()


PYTHON_MANAGERS = (
    PythonManager(
        "uv",
        "uv.lock",
        ("uv", "run", "--no-sync", "--no-progress"),
        # All members of a workspace: they share one environment, and other apps may be other members.
        ("uv", "sync", "--all-packages", "--inexact", "--no-progress"),
        "pipx install uv",
    ),
    PythonManager(
        "poetry",
        "poetry.lock",
        ("poetry", "run"),
        ("poetry", "install", "--no-interaction"),
        "pipx install poetry",
        located_by=("poetry", "env", "info", "--path"),
    ),
    PythonManager(
        "pdm",
        "pdm.lock",
        ("pdm", "run"),
        ("pdm", "sync"),
        "pipx install pdm",
        located_by=("pdm", "info", "--python"),
    ),
    PythonManager(
        "pipenv",
        "Pipfile.lock",
        ("pipenv", "run"),
        ("pipenv", "sync", "--dev"),
        "pipx install pipenv",
        located_by=("pipenv", "--venv"),
    ),
    PythonManager(
        "pixi",
        "pixi.lock",
        ("pixi", "run"),
        ("pixi", "install"),
        "see https://pixi.sh",
        ".pixi/envs/default",
    ),
)

#: How an environment of conda is entered: conda itself, and those that read its files.
CONDA_RUNS = {
    "conda": ("conda", "run", "--no-capture-output", "-n"),
    "micromamba": ("micromamba", "run", "-n"),
    "mamba": ("mamba", "run", "-n"),
}


def locking_managers(folder: ProjectFolder) -> Sequence[PythonManager]:
    """The managers whose lock file is in a folder."""
    return [manager for manager in PYTHON_MANAGERS if folder.has(manager.lock)]


def choose_manager(managers: Sequence[PythonManager], programs: Collection[str]) -> PythonManager:
    """The first of several that is installed, else the first.

    Args:
        managers: One or more, whose lock files are in one folder.
        programs: The managers that are installed.
    """
    return next((manager for manager in managers if manager.name in programs), managers[0])


def conda_file(folder: ProjectFolder) -> str | None:
    """The file that describes an environment of conda, or None."""
    return next((name for name in ("environment.yml", "environment.yaml") if name in folder.texts), None)


def conda_environment(folder: ProjectFolder) -> str | None:
    """The name of the environment that its environment.yml describes; None without one, and for conda's own."""
    text = folder.texts.get(conda_file(folder) or "", "")
    match = re.search(r"^name:[ \t]*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    return match[1] if match and match[1] not in ("base", "root") else None
