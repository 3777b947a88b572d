"""The packages that a folder asks for without a lock file, and whether the Python that was chosen has them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from fairlead.projects.folder import ProjectFolder, pyproject_table, texts_of
from fairlead.projects.python import PythonChoice
from fairlead.projects.workspaces import is_workspace_of

_SHOWN = 5
"""How many names a message shows."""


def folders_without_lock(folders: Sequence[ProjectFolder], choice: PythonChoice) -> Sequence[ProjectFolder]:
    """The folders whose dependency files no lock file covers: those below its folder that are no members of it.

    Args:
        folders: The app's folder, and those above it, the nearest first.
        choice: What runs the app.

    Raises:
        StartError: A file of a workspace can't be read.
    """
    if choice.installation is None:
        return folders
    root = next((folder for folder in folders if folder.path == choice.installation.folder), None)
    below = folders[: folders.index(root)] if root is not None else folders
    return [folder for folder in below if root is None or not is_workspace_of(root, folder.path)]


def missing_packages(
    folders: Sequence[ProjectFolder], installed: Collection[str]
) -> tuple[ProjectFolder | None, str, list[str]]:
    """The packages that the nearest folder with a dependency file asks for, and that are not installed.

    Args:
        folders: The app's folder, and those above it, the nearest first.
        installed: The names of the packages that its Python has, in normal form.

    Returns:
        The folder, the name of the file and the names of the packages; None and nothing if nothing is missing.
    """
    for folder in folders:
        for file, names in _dependency_files(folder):
            missing = [name for name in dict.fromkeys(names) if normal_name(name) not in installed]
            return (folder, file, missing) if missing else (None, "", [])
    return None, "", []


def missing_packages_warning(folders: Sequence[ProjectFolder], choice: PythonChoice, installed: Collection[str]) -> str:
    """What to say in the log if a dependency file is there and nothing provides what it names; else an empty text."""
    folder, file, missing = missing_packages(folders, installed)
    if folder is None:
        return ""
    names = ", ".join(missing[:_SHOWN]) + (f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else "")
    return (
        f"Warning: {folder.path / file} asks for {names}, not found in Python by {choice.origin}. "
        f"Run in {folder.path}: {install_command(folder, choice)}"
    )


def install_command(folder: ProjectFolder, choice: PythonChoice | None = None) -> str:
    """What a user types to install the packages that a folder asks for.

    Args:
        folder: The folder.
        choice: What runs the app; its environment is used where it has one.
    """
    for manager, table in (("poetry install", "poetry"), ("pdm install", "pdm"), ("uv sync", "uv")):
        if pyproject_table(folder, "tool", table) is not None:
            return manager
    if "Pipfile" in folder.texts:
        return "pipenv install --dev"
    packages = "-r requirements.txt" if "requirements.txt" in folder.texts else "-e ."
    if choice is not None and choice.environment is not None and choice.bin_folder is not None:
        return f"{choice.bin_folder / 'python'} -m pip install {packages}"
    return f"python3 -m venv .venv && .venv/bin/pip install {packages}"


def normal_name(name: str) -> str:
    """The name of a package in the form in which two spellings of one are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _dependency_files(folder: ProjectFolder) -> Iterator[tuple[str, list[str]]]:
    """The files of a folder that name packages, and those that every system and use needs."""
    if "requirements.txt" in folder.texts:
        yield "requirements.txt", _names(folder.texts["requirements.txt"].splitlines())
    project = pyproject_table(folder, "project") or {}
    if dependencies := texts_of(project.get("dependencies")):
        yield "pyproject.toml", _names(dependencies)
    if poetry := pyproject_table(folder, "tool", "poetry", "dependencies"):
        yield "pyproject.toml", _table_names(poetry)
    try:
        pipfile = tomllib.loads(folder.texts.get("Pipfile", ""))
    except tomllib.TOMLDecodeError:
        return
    if packages := pipfile.get("packages"):
        yield "Pipfile", _table_names(packages)


def _names(lines: Iterable[str]) -> list[str]:
    """The names in requirements; one with a marker may be for another system, and an option or address has none."""
    matches = [re.match(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[@<>=!~(#]|$)", line.strip()) for line in lines]
    return [match[1] for match, line in zip(matches, lines, strict=True) if match and ";" not in line]


def _table_names(table: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, value in table.items()
        if name != "python" and not (isinstance(value, Mapping) and (value.get("optional") or value.get("markers")))
    ]
