"""A folder of a project, as far as its contents decide how a program in it is run. Data; who reads it is elsewhere."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairlead.errors import StartError

#: The names of folders that a Python environment is looked for in, in this order.
ENVIRONMENTS = (".venv", "venv", ".conda")

#: The paths in a folder whose presence decides something.
PROBED_PATHS = (
    *(f"{name}/{path}" for name in ENVIRONMENTS for path in ("bin/python", "pyvenv.cfg", "Scripts/python.exe")),
    ".conda/conda-meta",
    *("uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pixi.lock", "pixi.toml"),
    *("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "bun.lock", "bun.lockb"),
    *("node_modules", ".pnp.cjs"),
)

#: The files in a folder whose content decides something; of yarn.lock the first lines do.
READ_FILES = (
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "environment.yml",
    "environment.yaml",
    "package.json",
    "pnpm-workspace.yaml",
    "yarn.lock",
    ".yarnrc.yml",
)
#: How many characters at the beginning of yarn.lock tell which yarn wrote it.
YARN_LOCK_HEAD = 1024


@dataclass(frozen=True, slots=True)
class ProjectFolder:
    """What one folder holds.

    Attributes:
        path: The folder.
        paths: Those of ``PROBED_PATHS`` that are there.
        texts: The content of those of ``READ_FILES`` that are there.
        broken_links: Those of ``paths`` that are symbolic links to something that is gone.
        src_modules: The names of the modules and packages in its folder ``src``.
    """

    path: Path
    paths: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    broken_links: frozenset[str] = frozenset()
    src_modules: frozenset[str] = frozenset()

    def has(self, path: str) -> bool:
        """Whether it holds a file or folder: one of ``PROBED_PATHS`` or ``READ_FILES``."""
        return path in self.paths or path in self.texts


def pyproject(folder: ProjectFolder) -> Mapping[str, Any]:
    """The content of its pyproject.toml; nothing where there is none, or none that can be read."""
    try:
        return tomllib.loads(folder.texts.get("pyproject.toml", ""))
    except tomllib.TOMLDecodeError:
        return {}


def pyproject_table(folder: ProjectFolder, *names: str) -> Mapping[str, Any] | None:
    """A table of its pyproject.toml, such as ``[tool.uv]``, or None."""
    table: Any = pyproject(folder)
    for name in names:
        table = table.get(name) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else None


def package_json(folder: ProjectFolder) -> Mapping[str, Any]:
    """The content of its package.json; nothing where there is none.

    Raises:
        StartError: It can't be read.
    """
    try:
        package = json.loads(folder.texts.get("package.json", "{}"))
    except ValueError as error:
        raise StartError(
            f"its package.json can't be read: {error}", remedy=f"Correct {folder.path / 'package.json'}."
        ) from error
    return package if isinstance(package, dict) else {}


def texts_of(value: object) -> Sequence[str]:
    """The texts of a list, whatever else it may hold."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
