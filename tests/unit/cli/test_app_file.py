"""Finding the app file, and loading the app that it defines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.cli.app_file import AppFileError, find_app_file, load_app_file
from fairlead.errors import ModelError, UsageError

APP = "from fairlead import apphost\n\n@apphost\ndef {name}(app):\n    pass\n"


@pytest.fixture(autouse=True)
def modules_as_before() -> Iterator[None]:
    """Loading an app file must not leave its modules to the next test."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def write(file: Path, text: str = APP.format(name="shop")) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def find(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)
    return find_app_file()


def test_app_file_is_here_or_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`apphost.py` must be found in the current folder, else in the nearest above."""
    outer = write(tmp_path / "apphost.py")
    inner = write(tmp_path / "inner" / "apphost.py")

    assert find(tmp_path / "a" / "b", monkeypatch) == outer
    assert find(tmp_path / "inner" / "c", monkeypatch) == inner


def test_project_names_its_app_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`[tool.fairlead] apphost` must win over an apphost.py beside it, and lose to one that is nearer."""
    (tmp_path / "pyproject.toml").write_text('[tool.fairlead]\napphost = "deploy/shop.py"\n')
    named = write(tmp_path / "deploy" / "shop.py")
    write(tmp_path / "apphost.py")
    nearer = write(tmp_path / "examples" / "apphost.py")

    assert find(tmp_path, monkeypatch) == named
    assert find(tmp_path / "src", monkeypatch) == named
    assert find(tmp_path / "examples", monkeypatch) == nearer


def test_given_path_may_be_a_folder(tmp_path: Path) -> None:
    """`--apphost` must take a file, or a folder with an apphost.py; urls_text are followed, as the app's id needs."""
    file = write(tmp_path / "apphost.py")
    (tmp_path / "link.py").symlink_to(file)

    assert find_app_file(tmp_path) == find_app_file(file) == find_app_file(tmp_path / "link.py") == file


def test_missing_app_file_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no app file the error must say where it looked, and what to do."""
    with pytest.raises(UsageError, match="fairlead new") as nowhere:
        find(tmp_path, monkeypatch)
    with pytest.raises(UsageError, match=r"--apphost: no .*missing\.py"):
        find_app_file(tmp_path / "missing.py")
    (tmp_path / "pyproject.toml").write_text('[tool.fairlead]\napphost = "gone.py"\n')
    with pytest.raises(UsageError, match=r"pyproject\.toml: no .*gone\.py"):
        find_app_file()

    assert str(tmp_path) in str(nowhere.value)


def test_modules_beside_the_app_file_can_be_imported(tmp_path: Path) -> None:
    """An app file must be able to import what is beside it, as when it is run by Python, and leave nothing there."""
    write(tmp_path / "fairlead_test_parts.py", "NAME = 'dock'\n")
    text = "from fairlead_test_parts import NAME\n" + APP.format(name="it").replace("@apphost", "@apphost(name=NAME)")
    file = write(tmp_path / "apphost.py", text)

    assert load_app_file(file).name == "dock"
    assert not [path for path in tmp_path.rglob("*.pyc") if "apphost" in path.name]


def test_one_app_under_two_names_is_one(tmp_path: Path) -> None:
    """Another name for the app must not make it two; nor must an app that is imported from elsewhere."""
    write(tmp_path / "fairlead_test_other.py", APP.format(name="other"))
    text = "from fairlead_test_other import other\n" + APP.format(name="shop") + "main = shop\n"

    assert load_app_file(write(tmp_path / "apphost.py", text)).name == "shop"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "defines no app"),
        (APP.format(name="one") + APP.format(name="two"), "defines 2 apps: one, two"),
        ("def broken(:\n", r"apphost\.py:1: "),
        ("raise SystemExit(0)\n", "ends the program"),
        ("import no_such_module_at_all\n", "can't be loaded"),
        (APP.format(name="shop") + "\nshop.main()\n", r"calls main\(\) whenever it is loaded"),
        ("\0", "can't be read|null bytes"),
    ],
)
def test_app_file_that_is_none_is_told_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    """A file that does not define exactly one app must be refused with the reason, and with exit code 3."""
    with pytest.raises(AppFileError, match=message) as refused:
        load_app_file(write(tmp_path / "apphost.py", text))

    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("from fairlead import Parameter\nP = Parameter('1bad')\n", "'1bad' is not a valid name"),
        ("from fairlead import apphost\n@apphost\nasync def shop(app): pass\n", "defined by a plain function"),
    ],
)
def test_mistake_outside_a_definition_is_told_as_it_is(tmp_path: Path, text: str, message: str) -> None:
    """What Fairlead refuses while the file is loaded must come with its own words, line and remedy."""
    file = write(tmp_path / "apphost.py", text)

    with pytest.raises(ModelError, match=message) as refused:
        load_app_file(file)

    assert (refused.value.file, refused.value.line > 0) == (str(file), True)
    assert refused.value.remedy
