"""Reads what the folders of a project hold; what follows from that is decided in ``projects``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from fairlead.errors import StartError
from fairlead.projects.folder import PROBED_PATHS, READ_FILES, YARN_LOCK_HEAD, ProjectFolder
from fairlead.projects.workspaces import is_workspace_of

#: What the root of a repository has in it.
_REPOSITORIES = (".git", ".hg", ".jj")


def folders_up_to_repository(folder: Path, app_folder: Path | None = None) -> list[Path]:
    """List a folder and those above it that belong to the same project, the nearest first.

    That is up to the root of the repository. Outside of one it is up to the root of the workspace that the folder is
    a member of, or to the folder of the app file if that is above; else the folder alone.

    Args:
        folder: The folder.
        app_folder: The folder of the app file.

    Raises:
        StartError: A file that may describe a workspace can't be read.
    """
    folder = folder.resolve()
    folders = [folder, *folder.parents]
    for number, above in enumerate(folders):
        if any((above / name).exists() for name in _REPOSITORIES):
            return folders[: number + 1]
    roots = [
        number for number, above in enumerate(folders) if number and is_workspace_of(_read_workspace(above), folder)
    ]
    if app_folder is not None and (app_folder := app_folder.resolve()) in folders:
        roots.append(folders.index(app_folder))
    return folders[: max(roots, default=0) + 1]


def read_folders(folder: Path, app_folder: Path | None = None) -> list[ProjectFolder]:
    """Read a folder and those above it that belong to the same project, the nearest first.

    Raises:
        StartError: A file in one of them can't be read.
    """
    return [read_folder(path) for path in folders_up_to_repository(folder, app_folder)]


def read_folder(path: Path) -> ProjectFolder:
    """Read what a folder holds, as far as it decides something.

    Raises:
        StartError: A file in it can't be read.
    """
    return ProjectFolder(
        path,
        paths=frozenset(name for name in PROBED_PATHS if (path / name).exists()),
        texts=_texts(path, READ_FILES),
        broken_links=frozenset(
            name for name in PROBED_PATHS if name.endswith("bin/python") and _is_broken_link(path / name)
        ),
        src_modules=frozenset(modules_in(path / "src")),
    )


def _read_workspace(path: Path) -> ProjectFolder:
    return ProjectFolder(path, texts=_texts(path, ("pyproject.toml", "package.json", "pnpm-workspace.yaml")))


def _texts(path: Path, names: Iterable[str]) -> dict[str, str]:
    texts = {}
    for name in names:
        try:
            with (path / name).open(encoding="utf-8-sig", errors="replace") as file:
                texts[name] = file.read(YARN_LOCK_HEAD if name == "yarn.lock" else -1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
        except OSError as error:
            raise StartError(
                f"{path / name} can't be read: {error.strerror or error}", remedy="Change its permissions (ls -l)."
            ) from error
    return texts


def _is_broken_link(path: Path) -> bool:
    return os.path.lexists(path) and not path.exists()


def modules_in(folder: Path) -> set[str]:
    """The names of what can be imported from a folder."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        return set()
    files = {entry.stem for entry in entries if entry.suffix == ".py"}
    packages = {entry.name for entry in entries if entry.name.isidentifier() and _holds_modules(entry)}
    return files | packages


def _holds_modules(folder: Path) -> bool:
    """Whether a folder is a package, or one of those that only hold packages (``acme`` in ``acme.shop``)."""
    return any(folder.glob("*.py")) or any(folder.glob("*/*.py"))
