"""The app that `fairlead new` writes."""

from __future__ import annotations

import keyword
from pathlib import Path

import pytest
from tests.support.command_line import call

from fairlead.cli.verbs.new import FILES
from fairlead.compose.translation.naming import python_name
from fairlead.model.names import name_problem


def test_new_app_publishes(tmp_path: Path) -> None:
    """What is written must be a definition without mistakes, and the two commands to go on with must be said."""
    written = call(tmp_path, "new", "my-shop")

    assert written.returncode == 0
    assert "cd my-shop" in written.stdout
    assert "fairlead run" in written.stdout
    assert call(tmp_path / "my-shop", "publish").returncode == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Where one of the files is there already, none must be written."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "main.py").write_text("mine")

    refused = call(tmp_path, "new")

    assert refused.returncode == 2
    assert "api/main.py" in refused.stderr
    assert [path.name for path in tmp_path.rglob("*.py")] == ["main.py"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("my-shop", "my_shop"),
        ("Shop 2", "shop_2"),
        ("2024", "app_2024"),
        ("", "app"),
        ("--", "app"),
        ("class", "class_app"),
        ("apphost", "apphost_app"),
        ("日本", "app"),
        ("x" * 80, "x" * 40),
    ],
)
def test_name_is_made_from_the_folder(folder: str, name: str) -> None:
    """The app's name must come from the folder's, and be good for Python and for Fairlead."""
    found = python_name(folder)

    assert found.startswith(name)
    assert found.isidentifier()
    assert not keyword.iskeyword(found)
    assert name_problem(found) is None


def test_files_are_whole_programs() -> None:
    """Each file that is written must be valid Python and end with a line feed."""
    for name, text in FILES.items():
        made = text.format(name="shop")
        compile(made, name, "exec")
        assert made.endswith("\n")
        assert "{" not in made or "{{" not in made
