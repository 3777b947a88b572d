"""What is read from the folders of a project."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.support.projects import write_program

from fairlead import StartError
from fairlead.drivers.project_folders import folders_up_to_repository, read_folder, read_folders
from fairlead.drivers.python import python_machine, python_of_folder


@pytest.fixture
def service(tmp_path: Path) -> Path:
    folder = tmp_path / "repo" / "services" / "api"
    folder.mkdir(parents=True)
    return folder


def names(folders: list[Path], root: Path) -> list[str]:
    return [str(folder.relative_to(root)) for folder in folders]


@pytest.mark.parametrize("mark", [".git", ".hg", ".jj"])
def test_folders_of_a_repository(tmp_path: Path, service: Path, mark: str) -> None:
    """The folders up to the root of the repository must count, and none above it."""
    (tmp_path / "repo" / mark).mkdir()
    assert names(folders_up_to_repository(service), tmp_path) == ["repo/services/api", "repo/services", "repo"]


def test_a_repository_in_a_repository(tmp_path: Path, service: Path) -> None:
    """What lies above the nearest repository must not count: it belongs to something else. A worktree is one, too."""
    (tmp_path / "repo" / ".git").mkdir()
    (service.parent / ".git").write_text("gitdir: elsewhere")
    assert names(folders_up_to_repository(service), tmp_path) == ["repo/services/api", "repo/services"]


def test_outside_of_a_repository(tmp_path: Path, service: Path) -> None:
    """Outside of a repository the folder alone must count, and those up to the app file's if that is above it."""
    assert folders_up_to_repository(service) == [service]
    assert folders_up_to_repository(service, tmp_path / "elsewhere") == [service]
    assert names(folders_up_to_repository(service, tmp_path / "repo"), tmp_path) == [
        "repo/services/api",
        "repo/services",
        "repo",
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[tool.uv.workspace]\nmembers = ["services/*"]\n'),
        ("package.json", '{"workspaces": ["services/*"]}'),
        ("pnpm-workspace.yaml", "packages: ['services/*']\n"),
    ],
)
def test_a_workspace_outside_of_a_repository(tmp_path: Path, service: Path, file: str, text: str) -> None:
    """The root of a workspace must be found without a repository; one of which it is no member must not count."""
    (tmp_path / "repo" / file).write_text(text)
    (tmp_path / file).write_text(text)
    assert names(folders_up_to_repository(service), tmp_path) == ["repo/services/api", "repo/services", "repo"]


def test_what_a_folder_holds(service: Path) -> None:
    """A folder's environment, broken or not, its files and the modules in src must be seen."""
    write_program(service / ".venv" / "bin" / "python")
    (service / "venv" / "bin").mkdir(parents=True)
    (service / "venv" / "bin" / "python").symlink_to(service / "gone")
    (service / "uv.lock").touch()
    (service / "pyproject.toml").write_bytes("﻿[project]\nname = 'ä'".encode())
    (service / "src" / "shop").mkdir(parents=True)
    (service / "src" / "shop" / "__init__.py").touch()
    (service / "src" / "shop.egg-info").mkdir()
    (service / "src" / "tool.py").touch()
    (service / "src" / "acme" / "web").mkdir(parents=True)
    (service / "src" / "acme" / "web" / "__init__.py").touch()
    folder = read_folder(service)
    assert folder.paths == {".venv/bin/python", "uv.lock"}
    assert folder.broken_links == {"venv/bin/python"}
    assert folder.texts["pyproject.toml"].startswith("[project]")
    assert folder.src_modules == {"shop", "tool", "acme"}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A folder that is not there must hold nothing; that it is missing is for the start to say."""
    (folder,) = read_folders(tmp_path / "gone")
    assert (folder.paths, folder.texts) == (frozenset(), {})


def test_a_file_that_can_not_be_read(service: Path) -> None:
    """A file that can't be read must be an error that names it."""
    (service / "package.json").symlink_to(service / "package.json")
    with pytest.raises(StartError, match=r"package\.json can't be read: Too many levels of symbolic links"):
        read_folder(service)


# Active environments


def test_what_is_active(tmp_path: Path) -> None:
    """An active environment must count if it has a Python, and that of conda if it is not conda's own."""
    for path in ("venv", "conda/envs/ml", "conda"):
        write_program(tmp_path / path / "bin" / "python")
    (tmp_path / "conda" / "condabin").mkdir()
    machine = python_machine({"VIRTUAL_ENV": f"{tmp_path}/venv", "CONDA_PREFIX": f"{tmp_path}/conda/envs/ml"})
    assert (machine.virtual_env, machine.conda_env) == (tmp_path / "venv", tmp_path / "conda" / "envs" / "ml")
    gone = python_machine({"VIRTUAL_ENV": f"{tmp_path}/gone", "CONDA_PREFIX": f"{tmp_path}/conda"})
    assert (gone.virtual_env, gone.conda_env) == (None, None)
    base = {"CONDA_PREFIX": f"{tmp_path}/conda/envs/ml", "CONDA_DEFAULT_ENV": "base"}
    assert python_machine(base).conda_env is None


def test_the_managers_on_path(tmp_path: Path, service: Path) -> None:
    """The managers must be looked for on the PATH of the program, not on that of the host."""
    write_program(tmp_path / "bin" / "poetry")
    (service / "poetry.lock").touch()
    choice = python_of_folder(service, service, {"PATH": f"{tmp_path}/bin"})
    assert choice.python == ("poetry", "run", "python")
    with pytest.raises(StartError, match="asks for poetry"):
        python_of_folder(service, service, {"PATH": "/nowhere"})


def test_the_interpreter_of_fairlead(service: Path) -> None:
    """Where nothing else is, the interpreter of Fairlead must be used."""
    assert python_of_folder(service, service, {"PATH": ""}).python == (sys.executable,)
