"""What is read from the folders of a project."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.support.projects import write_program

from fairlead import StartError
from fairlead.drivers.project_folders import (
    folders_up_to_repository,
    installed_modules,
    installed_packages,
    look_at_installation,
    read_folder,
    read_folders,
)
from fairlead.drivers.python import python_machine, python_of_folder
from fairlead.projects.installation import Installation


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


# What is installed


def environment_with(path: Path, *packages: str, settings: str = "home = /usr\n") -> Path:
    site_packages = path / "lib" / "python3.11" / "site-packages"
    for name in packages:
        (site_packages / name).mkdir(parents=True)
    site_packages.mkdir(parents=True, exist_ok=True)
    write_program(path / "bin" / "python")
    (path / "pyvenv.cfg").write_text(settings)
    return path


def test_packages_of_an_environment(tmp_path: Path) -> None:
    """Packages must be known by their normal names, whatever installed them."""
    environment = environment_with(
        tmp_path / "a", "Flask-3.0.dist-info", "zope_event-5.0.dist-info", "old.name-1.0-py3.11.egg-info", "flask"
    )
    assert installed_packages(environment) == {"flask", "zope-event", "old-name"}
    assert installed_packages(tmp_path / "gone") is None
    shared = environment_with(tmp_path / "b", settings="include-system-site-packages = true\n")
    assert installed_packages(shared) is None, "those of the system count too"


def test_packages_of_fairlead() -> None:
    """The packages of the interpreter that Fairlead runs in must be known."""
    assert {"fairlead", "click", "pytest-asyncio"} <= (installed_packages(None) or set())


def test_modules_of_an_environment(tmp_path: Path) -> None:
    """A module that is installed, also as an editable one, must be known; another folder's must not."""
    environment = environment_with(tmp_path / "env", "flask")
    src = tmp_path / "src"
    (src / "shop").mkdir(parents=True)
    (src / "shop" / "api.py").touch()
    assert installed_modules(environment, src) == {"flask"}
    (environment / "lib/python3.11/site-packages/_shop.pth").write_text(f"{src}\n")
    assert installed_modules(environment, src) == {"flask", "shop"}
    assert installed_modules(None, src) == set()


def test_an_environment_without_packages_is_not_installed(tmp_path: Path) -> None:
    """A virtual environment that was only just made must not count as newer than the lock file."""
    lock = tmp_path / "uv.lock"
    lock.touch()
    environment = environment_with(tmp_path / ".venv", "pip-24.0.dist-info", "setuptools-65.dist-info")
    installation = Installation("uv", ("uv", "sync"), tmp_path, lock, environment=environment)
    assert look_at_installation(installation, environment, None).environment_time is None
    site_packages = environment / "lib/python3.11/site-packages"
    (site_packages / "flask-3.0.dist-info").mkdir()
    installed = look_at_installation(installation, environment, None)
    assert installed.environment_time == site_packages.stat().st_mtime
    assert installed.lock_time == lock.stat().st_mtime


def test_node_modules_without_a_trace_of_the_manager(tmp_path: Path) -> None:
    """A folder that holds only a tool's cache, or was filled by another manager, must not count as installed."""
    lock = tmp_path / "yarn.lock"
    lock.touch()
    environment = tmp_path / "node_modules"
    (environment / ".vite").mkdir(parents=True)
    installation = Installation("yarn", ("yarn", "install"), tmp_path, lock, environment=environment)
    assert look_at_installation(installation, environment, None).environment_time is None
    (environment / ".yarn-integrity").touch()
    assert look_at_installation(installation, environment, None).environment_time is not None


def test_the_interpreter_of_fairlead(service: Path) -> None:
    """Where nothing else is, the interpreter of Fairlead must be used."""
    assert python_of_folder(service, service, {"PATH": ""}).python == (sys.executable,)
