"""Which interpreter runs a Python app."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fairlead import StartError
from fairlead.drivers.python import find_interpreter


def program(path: Path) -> Path:
    """A file that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "services" / "api").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", [".venv", "venv"])
@pytest.mark.parametrize("place", ["services/api", "services", "."])
def test_a_virtual_environment_in_the_folder_or_above(repository: Path, place: str, name: str) -> None:
    """The environment in the folder or above it must be used, with what activating it would set."""
    environment = repository / place / name
    python = program(environment / "bin" / "python")
    found = find_interpreter(repository / "services" / "api", "/usr/bin")
    assert found.argv == (str(python),)
    assert found.env == {"VIRTUAL_ENV": str(environment), "PATH": f"{environment}/bin:/usr/bin"}


def test_the_nearest_wins(repository: Path) -> None:
    """The environment of the folder must win over one above, and over a lock file."""
    program(repository / ".venv" / "bin" / "python")
    own = program(repository / "services" / "api" / ".venv" / "bin" / "python")
    (repository / "services" / "api" / "uv.lock").touch()
    assert find_interpreter(repository / "services" / "api", "").argv == (str(own),)


def test_nothing_above_the_repository(repository: Path) -> None:
    """What lies above the repository must not count: it belongs to something else."""
    program(repository / ".venv" / "bin" / "python")
    (repository / "services" / ".git").mkdir()
    assert find_interpreter(repository / "services" / "api", "").argv == (sys.executable,)


def test_outside_of_a_repository(tmp_path: Path) -> None:
    """Outside of a repository the folder alone must count."""
    program(tmp_path / ".venv" / "bin" / "python")
    (tmp_path / "api").mkdir()
    assert find_interpreter(tmp_path / "api", "").argv == (sys.executable,)


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("uv.lock", ("uv", "run", "--no-progress", "python")),
        ("poetry.lock", ("poetry", "run", "python")),
        ("Pipfile.lock", ("pipenv", "run", "python")),
    ],
)
@pytest.mark.parametrize("place", ["services/api", "."])
def test_package_managers(repository: Path, lock: str, command: tuple[str, ...], place: str) -> None:
    """Without an environment the package manager of the lock file must be used; it has to be there."""
    (repository / place / lock).touch()
    with pytest.raises(StartError, match=f"{lock} asks for {command[0]}, which is not installed") as raised:
        find_interpreter(repository / "services" / "api", str(repository / "bin"))
    assert ".venv" in str(raised.value.remedy)
    program(repository / "bin" / command[0])
    assert find_interpreter(repository / "services" / "api", str(repository / "bin")).argv == command


def test_a_broken_environment_is_told(repository: Path) -> None:
    """An environment whose Python was removed must be an error, and not be passed over in silence."""
    python = repository / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(repository / "gone")
    with pytest.raises(StartError, match=r"\.venv is broken.*Make it anew"):
        find_interpreter(repository, "")
