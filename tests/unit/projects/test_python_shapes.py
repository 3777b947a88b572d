"""Shapes of real Python projects, and what runs an app in each: the interpreter, what is installed first, variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.support.projects import project_folder

from fairlead import StartError
from fairlead.projects.folder import ProjectFolder
from fairlead.projects.python import PythonMachine, choose_python
from fairlead.projects.python_managers import ACTIVE_ENVIRONMENT

VENV = ".venv/bin/python"
UV_SYNC = "uv sync --all-packages --inexact --no-progress"
UV_RUN = "uv run --no-sync --no-progress"
CONDA = {"environment.yml": "name: ml  # for training\nchannels: [conda-forge]\n"}
ACTIVE = {"virtual_env": Path("/active")}


@dataclass(frozen=True)
class Shape:
    """A project and what is expected of it.

    Args:
        folders: What the folders hold, the app's /repo/services/api first, then /repo/services and /repo.
        python: How the interpreter is called.
        first: What is installed before, and where; empty for nothing.
        environment: The variable and folder of the environment, as in ``VIRTUAL_ENV=/repo/.venv``.
        celery: How a program of the environment is called; next to a direct interpreter unless given.
        machine: What the machine has.
    """

    folders: tuple[str, ...]
    python: str
    first: str = ""
    environment: str = ""
    celery: str = ""
    machine: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


ALL: dict[str, Any] = {"programs": frozenset({"uv", "poetry", "pdm", "pipenv", "pixi", "conda"})}
SHAPES = {
    # environments
    "nothing at all": Shape(("",), "/fairlead/bin/python"),
    "a .venv": Shape((VENV,), "/repo/services/api/.venv/bin/python", "", "VIRTUAL_ENV=/repo/services/api/.venv"),
    "a venv": Shape(("venv/bin/python",), "/repo/services/api/venv/bin/python"),
    ".venv before venv": Shape((f"venv/bin/python {VENV}",), "/repo/services/api/.venv/bin/python"),
    "a .venv above": Shape(("", VENV), "/repo/services/.venv/bin/python"),
    "a .venv of the repository": Shape(("", "", VENV), "/repo/.venv/bin/python", "", "VIRTUAL_ENV=/repo/.venv"),
    "the nearest .venv": Shape((VENV, VENV, VENV), "/repo/services/api/.venv/bin/python"),
    "a folder .venv that holds nothing": Shape((".venv", "", VENV), "/repo/.venv/bin/python"),
    "an environment of conda in the folder": Shape(
        (".conda/bin/python .conda/conda-meta",),
        "/repo/services/api/.conda/bin/python",
        "",
        "CONDA_PREFIX=/repo/services/api/.conda",
    ),
    # uv
    "uv, never synced": Shape(("uv.lock",), f"{UV_RUN} python", f"{UV_SYNC} in /repo/services/api"),
    "uv, synced": Shape(
        (f"uv.lock {VENV}",), "/repo/services/api/.venv/bin/python", f"{UV_SYNC} in /repo/services/api"
    ),
    "the service's uv.lock before the repository's .venv": Shape(
        ("uv.lock", "", VENV), f"{UV_RUN} python", f"{UV_SYNC} in /repo/services/api"
    ),
    "a member of a uv workspace, never synced": Shape(
        ("pyproject.toml", "", "uv.lock pyproject.toml"), f"{UV_RUN} --project /repo python", f"{UV_SYNC} in /repo"
    ),
    "a member of a uv workspace, synced": Shape(
        ("pyproject.toml", "", f"uv.lock pyproject.toml {VENV}"), "/repo/.venv/bin/python", f"{UV_SYNC} in /repo"
    ),
    "uv with its environment elsewhere": Shape(
        ("uv.lock",), f"{UV_RUN} python", f"{UV_SYNC} in /repo/services/api", machine={"uv_environment": "/envs/x"}
    ),
    "uv with its environment elsewhere, and a .venv": Shape(
        (f"uv.lock {VENV}",), "/repo/services/api/.venv/bin/python", machine={"uv_environment": "/envs/x"}
    ),
    "uv.lock beside a venv that uv would not use": Shape(
        ("uv.lock venv/bin/python",), "/repo/services/api/venv/bin/python"
    ),
    "uv.lock and .venv without uv": Shape(
        (f"uv.lock {VENV}",),
        "/repo/services/api/.venv/bin/python",
        f"{UV_SYNC} in /repo/services/api",
        machine={"programs": frozenset()},
    ),
    # poetry, pdm, pipenv, pixi
    "poetry with its environment elsewhere": Shape(
        ("poetry.lock",), "poetry run python", "poetry install --no-interaction in /repo/services/api"
    ),
    "poetry with a .venv": Shape(
        (f"poetry.lock {VENV}",),
        "/repo/services/api/.venv/bin/python",
        "poetry install --no-interaction in /repo/services/api",
    ),
    "poetry above": Shape(
        ("", "poetry.lock"), "poetry run python", "poetry install --no-interaction in /repo/services"
    ),
    "pdm": Shape(("pdm.lock",), "pdm run python", "pdm sync in /repo/services/api"),
    "pdm with a .venv": Shape(
        (f"pdm.lock {VENV}",), "/repo/services/api/.venv/bin/python", "pdm sync in /repo/services/api"
    ),
    "pipenv": Shape(("Pipfile Pipfile.lock",), "pipenv run python", "pipenv sync --dev in /repo/services/api"),
    "pipenv with a .venv": Shape(
        (f"Pipfile.lock {VENV}",), "/repo/services/api/.venv/bin/python", "pipenv sync --dev in /repo/services/api"
    ),
    "pixi": Shape(("pixi.toml pixi.lock",), "pixi run python", "pixi install in /repo/services/api"),
    "pixi.lock beside a .venv that pixi would not use": Shape(
        (f"pixi.lock {VENV}",), "/repo/services/api/.venv/bin/python"
    ),
    "two lock files, of which one manager is installed": Shape(
        ("uv.lock poetry.lock",),
        "poetry run python",
        "poetry install --no-interaction in /repo/services/api",
        machine={"programs": frozenset({"poetry"})},
    ),
    "two lock files and both managers": Shape(
        ("uv.lock poetry.lock",), f"{UV_RUN} python", f"{UV_SYNC} in /repo/services/api"
    ),
    "the service's poetry.lock before the repository's uv.lock": Shape(
        ("poetry.lock", "", f"uv.lock {VENV}"),
        "poetry run python",
        "poetry install --no-interaction in /repo/services/api",
    ),
    # conda
    "an environment.yml": Shape(("environment.yml",), "conda run --no-capture-output -n ml python", texts=CONDA),
    "an environment.yml and its active environment": Shape(
        ("environment.yml",),
        "/conda/envs/ml/bin/python",
        "",
        "CONDA_PREFIX=/conda/envs/ml",
        texts=CONDA,
        machine={"conda_env": Path("/conda/envs/ml")},
    ),
    "an environment.yml and another active environment": Shape(
        ("environment.yml",),
        "conda run --no-capture-output -n ml python",
        texts=CONDA,
        machine={"conda_env": Path("/conda/envs/web")},
    ),
    "an environment.yml with micromamba": Shape(
        ("environment.yml",),
        "micromamba run -n ml python",
        texts=CONDA,
        machine={"programs": frozenset({"micromamba"})},
    ),
    "an environment.yml of conda's own": Shape(
        ("environment.yml",), "/fairlead/bin/python", texts={"environment.yml": "name: base\n"}
    ),
    "an environment.yml without a name": Shape(
        ("environment.yml",), "/fairlead/bin/python", texts={"environment.yml": "dependencies: [python]\n"}
    ),
    "an environment.yml and a .venv": Shape(
        (f"environment.yml {VENV}",), "/repo/services/api/.venv/bin/python", texts=CONDA
    ),
    # active environments
    "an active virtual environment": Shape(
        ("requirements.txt",), "/active/bin/python", "", "VIRTUAL_ENV=/active", machine=ACTIVE
    ),
    "an active environment of conda": Shape(
        ("",),
        "/conda/envs/ml/bin/python",
        "",
        "CONDA_PREFIX=/conda/envs/ml",
        machine={"conda_env": Path("/conda/envs/ml")},
    ),
    "a virtual environment on top of conda's": Shape(
        ("",), "/active/bin/python", machine={**ACTIVE, "conda_env": Path("/conda/envs/ml")}
    ),
    "a .venv before an active environment": Shape(
        ("", "", VENV), "/repo/.venv/bin/python", "", "VIRTUAL_ENV=/repo/.venv", machine=ACTIVE
    ),
    "a lock file before an active environment": Shape(
        ("", "uv.lock"), f"{UV_RUN} --project /repo/services python", f"{UV_SYNC} in /repo/services", machine=ACTIVE
    ),
    "an environment.yml before an active virtual environment": Shape(
        ("environment.yml",), "conda run --no-capture-output -n ml python", texts=CONDA, machine=ACTIVE
    ),
    # dependency files that nothing provides
    "requirements.txt alone": Shape(("requirements.txt",), "/fairlead/bin/python"),
    "pyproject.toml of poetry without a lock file": Shape(
        ("pyproject.toml",), "/fairlead/bin/python", texts={"pyproject.toml": "[tool.poetry]\n"}
    ),
    "Pipfile without a lock file": Shape(("Pipfile", "", VENV), "/repo/.venv/bin/python"),
}


def read(shape: Shape) -> list[ProjectFolder]:
    paths = ("/repo/services/api", "/repo/services", "/repo")
    return [
        project_folder(path, *names.split(), texts=shape.texts if number == 0 else {})
        for number, (path, names) in enumerate(zip(paths, shape.folders, strict=False))
    ]


def machine_of(shape: Shape) -> PythonMachine:
    return PythonMachine(Path("/fairlead/bin/python"), "/usr/bin", **{**ALL, **shape.machine})


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_shapes(shape: Shape) -> None:
    """Each shape must get its Python, its installation and its variables; a manager no active environment."""
    choice = choose_python(read(shape), machine_of(shape))
    installation = choice.installation

    assert " ".join(choice.python) == shape.python
    first = f"{' '.join(installation.command)} in {installation.folder}" if installation else ""
    assert first == shape.first
    if installation is not None:
        assert installation.unset >= {"VIRTUAL_ENV", "CONDA_PREFIX"}
    if shape.environment:
        variable, _, environment = shape.environment.partition("=")
        assert choice.env == {variable: environment, "PATH": f"{environment}/bin:/usr/bin"}
        assert choice.program("celery") == (f"{environment}/bin/celery",)
    elif not shape.python.startswith("/"):
        assert choice.env == {}
        assert "VIRTUAL_ENV" in choice.unset
        assert choice.program("celery") == (*choice.python[:-1], "celery")
        assert (choice.unset == ACTIVE_ENVIRONMENT) == (
            "conda run" not in shape.python and "micromamba" not in shape.python
        )
    else:
        assert choice.program("celery") == (str(Path(shape.python).with_name("celery")),)


def test_a_managers_environment_decides_whether_it_is_up_to_date() -> None:
    """Where uv keeps the environment must be known; poetry must be asked, unless it is in the folder."""
    machine = PythonMachine(Path("/fairlead/bin/python"), **ALL, uv_environment="env")
    choices = [
        choose_python([project_folder("/repo", *names.split())], machine)
        for names in ("uv.lock", "poetry.lock", f"poetry.lock {VENV}")
    ]
    installations = [choice.installation for choice in choices]
    assert [one and one.environment for one in installations] == [Path("/repo/env"), None, Path("/repo/.venv")]
    assert [one and " ".join(one.located_by) for one in installations] == ["", "poetry env info --path", ""]


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (".venv/bin/python (broken)", "/repo/.venv is broken: the Python that it was made with is gone"),
        (".venv/Scripts/python.exe .venv/pyvenv.cfg", "/repo/.venv is broken: it was made on Windows"),
        (".venv/pyvenv.cfg uv.lock", "/repo/.venv is broken: it has no bin/python"),
    ],
)
def test_a_broken_environment_is_an_error(held: str, reason: str) -> None:
    """An environment without a working Python must be an error with its way out, and not be passed over in silence."""
    names = [held] if held.endswith("(broken)") else held.split()
    with pytest.raises(StartError) as raised:
        choose_python([project_folder("/repo", *names)], PythonMachine(Path("/fairlead/bin/python"), **ALL))
    assert reason in raised.value.message
    assert "rm -r /repo/.venv" in str(raised.value.remedy)


@pytest.mark.parametrize("manager", ["uv", "poetry", "pdm", "pipenv", "pixi"])
def test_a_manager_that_is_not_installed(manager: str) -> None:
    """The error must name the lock file that asks for the manager, and how to install that."""
    lock = "Pipfile.lock" if manager == "pipenv" else f"{manager}.lock"
    with pytest.raises(StartError) as raised:
        choose_python([project_folder("/repo", lock)], PythonMachine(Path("/fairlead/bin/python")))
    assert raised.value.message == f"/repo/{lock} asks for {manager}, which is not installed"
    assert f"Install {manager} (" in str(raised.value.remedy) and ".venv in /repo" in str(raised.value.remedy)


def test_conda_that_is_not_installed() -> None:
    """An environment.yml without conda must be an error that names the file and what to run."""
    with pytest.raises(StartError) as raised:
        choose_python([project_folder("/repo", texts=CONDA)], PythonMachine(Path("/fairlead/bin/python")))
    assert raised.value.message == "/repo/environment.yml asks for conda, which is not installed"
    assert "conda env create -f /repo/environment.yml" in str(raised.value.remedy)
