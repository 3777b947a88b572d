"""Packages that a dependency file asks for and that nothing provides; and modules in src."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.projects import project_folder

from fairlead.projects.python import PythonMachine, choose_python
from fairlead.projects.requirements import folders_without_lock, install_command, missing_packages_warning
from fairlead.projects.src_layout import needs_src

REQUIREMENTS = """
# what it needs
Flask>=3
psycopg[binary] >= 3.2
uvicorn
ruamel.yaml~=0.18
pywin32; sys_platform == "win32"
-r more.txt
git+https://example.com/x.git
named @ https://example.com/named.whl
"""
WORKSPACE = '[tool.uv.workspace]\nmembers = ["api"]\n'
FAIRLEAD = PythonMachine(Path("/fairlead/bin/python"))


@pytest.mark.parametrize(
    ("texts", "missing"),
    [
        ({"requirements.txt": REQUIREMENTS}, "Flask, psycopg, ruamel.yaml, named"),
        ({"pyproject.toml": '[project]\ndependencies = ["Flask", "uvicorn"]'}, "Flask"),
        ({"pyproject.toml": '[project]\ndependencies = ["uvicorn"]'}, ""),
        ({"pyproject.toml": "[project]\nname = 'x'"}, ""),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^3"\nx = {optional = true}'},
            "flask",
        ),
        ({"Pipfile": '[packages]\nflask = "*"\n'}, "flask"),
        ({"Pipfile": "not toml"}, ""),
        ({"requirements.txt": "a\nb\nc\nd\ne\nf\ng\n"}, "a, b, c, d, e and 2 more"),
    ],
)
def test_what_is_missing_is_said(texts: dict[str, str], missing: str) -> None:
    """The warning must name the file, what is missing, what lacks it, and what to run where."""
    folders = [project_folder("/repo/api"), project_folder("/repo", texts=texts)]
    warning = missing_packages_warning(folders, choose_python(folders, FAIRLEAD), {"uvicorn"})
    if not missing:
        assert warning == ""
        return
    assert warning.startswith(
        f"Warning: /repo/{next(iter(texts))} asks for {missing}, not found in Python by the interpreter of Fairlead"
    )
    assert "Run in /repo: " in warning


def test_the_nearest_dependency_file_counts() -> None:
    """What a folder above asks for must not count where the app's own folder says what it needs."""
    folders = [
        project_folder("/repo/api", texts={"requirements.txt": "uvicorn"}),
        project_folder("/repo", texts={"requirements.txt": "tensorflow"}),
    ]
    assert missing_packages_warning(folders, choose_python(folders, FAIRLEAD), {"uvicorn"}) == ""


def test_what_a_lock_file_covers() -> None:
    """A lock file must answer for its own folder and the members of its workspace, and for no other folder."""
    root = project_folder("/repo", ".venv/bin/python", "uv.lock", texts={"pyproject.toml": WORKSPACE})
    for name, covered in (("api", True), ("tools", False)):
        folders = [project_folder(f"/repo/{name}", texts={"requirements.txt": "flask"}), root]
        below = folders_without_lock(folders, choose_python(folders, FAIRLEAD))
        assert [folder.path.name for folder in below] == ([] if covered else [name])
    alone = [project_folder("/repo", texts={"requirements.txt": "flask"})]
    assert folders_without_lock(alone, choose_python(alone, FAIRLEAD)) == alone


@pytest.mark.parametrize(
    ("held", "texts", "command"),
    [
        ("", {"requirements.txt": "x"}, "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"),
        ("", {"pyproject.toml": "[project]"}, "python3 -m venv .venv && .venv/bin/pip install -e ."),
        (".venv/bin/python", {"requirements.txt": "x"}, "/repo/.venv/bin/python -m pip install -r requirements.txt"),
        ("", {"pyproject.toml": "[tool.poetry]\n"}, "poetry install"),
        ("", {"pyproject.toml": "[tool.pdm]\n"}, "pdm install"),
        ("", {"pyproject.toml": "[tool.uv]\n"}, "uv sync"),
        ("", {"Pipfile": ""}, "pipenv install --dev"),
    ],
)
def test_the_command_to_run(held: str, texts: dict[str, str], command: str) -> None:
    """The command must be that of the tool which the folder is made for, in the environment that is there."""
    folder = project_folder("/repo", *held.split(), texts=texts)
    assert install_command(folder, choose_python([folder], FAIRLEAD)) == command


@pytest.mark.parametrize(
    ("src", "module", "installed", "expected"),
    [
        ("", "shop.api", "", False),
        ("shop", "shop.api", "", True),
        ("shop", "shop.api", "shop", False),
        ("shop", "uvicorn", "", False),
        ("shop", None, "", True),
        ("shop tools", None, "shop", True),
        ("shop tools", None, "shop tools", False),
    ],
)
def test_modules_in_src(src: str, module: str | None, installed: str, expected: bool) -> None:
    """A module in ``src`` must be importable without being installed; one that is installed needs nothing."""
    assert needs_src(project_folder("/repo", src=src), module, set(installed.split())) == expected
