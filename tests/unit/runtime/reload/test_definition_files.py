"""Whether the files of a definition are others than those that the run goes by."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from fairlead.runtime.reload.definition_files import DefinitionFiles, DefinitionState, local_modules
from fairlead.runtime.store.instance import definition_digest


@pytest.fixture
def app_file(tmp_path: Path) -> Path:
    file = tmp_path / "apphost.py"
    file.write_text("one")
    return file


def test_an_edit_is_seen_and_one_that_is_taken_back(app_file: Path) -> None:
    """Another content must count as changed, the same content never, however often it is written."""
    files = DefinitionFiles(app_file, definition_digest(app_file), time.time())
    files.look()
    assert files.state == DefinitionState()

    app_file.write_text("another")
    files.look()
    assert files.state == DefinitionState(changed=("apphost.py",))
    app_file.write_text("one")
    files.look()
    assert files.state == DefinitionState()


def test_an_edit_before_the_first_look_is_seen(app_file: Path) -> None:
    """What was changed between the start of the run and the first look must count."""
    digest = definition_digest(app_file)
    app_file.write_text("another")
    files = DefinitionFiles(app_file, digest, time.time())
    files.look()

    assert files.state.changed == ("apphost.py",)


def test_what_was_reloaded_counts_no_more(app_file: Path) -> None:
    """A definition that the run goes by now must not count as changed; that it does must be told to followers."""
    files = DefinitionFiles(app_file, definition_digest(app_file), time.time())
    app_file.write_text("another")
    files.look()
    files.adopt(definition_digest(app_file), time.time())
    files.look()

    assert files.state == DefinitionState(generation=1)


def test_a_file_that_is_gone_has_changed(app_file: Path) -> None:
    """An app file that was removed or renamed must count as changed."""
    files = DefinitionFiles(app_file, definition_digest(app_file), time.time())
    app_file.unlink()
    files.look()

    assert files.state.changed == ("apphost.py",)


def test_modules_of_the_project_are_told_from_installed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules below the app file's folder must count; those of its virtual environment and Fairlead's own must not."""

    def loaded(name: str, path: str) -> None:
        module = ModuleType(name)
        module.__file__ = str(tmp_path / path)
        monkeypatch.setitem(sys.modules, name, module)

    loaded("names_of_the_project", "lib/names.py")
    loaded("in_the_environment", ".venv/lib/python3/site-packages/in_the_environment.py")
    loaded("installed_beside", "env/lib/python3/site-packages/x.py")
    loaded("fairlead.of_the_repository", "src/fairlead/x.py")

    assert [name for name, _ in local_modules(tmp_path)] == ["names_of_the_project"]


def test_a_module_that_was_written_since_has_changed(app_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that was written after the definition was read must count, also if nobody had looked at it before."""
    for name, age in (("old_names", 60.0), ("new_names", -60.0)):
        module = ModuleType(name)
        module.__file__ = str(app_file.with_name(f"{name}.py"))
        Path(module.__file__).write_text("")
        os.utime(module.__file__, (time.time() - age, time.time() - age))
        monkeypatch.setitem(sys.modules, name, module)
    files = DefinitionFiles(app_file, definition_digest(app_file), time.time())
    files.note_modules()
    files.look()

    assert files.state.changed == ("new_names.py",)
