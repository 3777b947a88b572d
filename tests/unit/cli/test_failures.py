"""How errors are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead import AppBuilder, Apphost
from fairlead.cli.app_file import load_app_file
from fairlead.cli.failures import report
from fairlead.errors import AlreadyRunning, DefinitionError, FairleadError, ModelError, ResourceFailed

Shown = pytest.CaptureFixture[str]


def show(error: BaseException, captured: Shown) -> str:
    report(error)
    out, err = captured.readouterr()
    assert out == ""
    return err


def test_error_is_one_block(capsys: Shown) -> None:
    """An error must be one block on standard error: what is wrong with which resource, and below it what to do."""
    error = FairleadError("no endpoint 'http'", resource="api", remedy="Add it.\nOr leave it.")

    assert show(error, capsys) == "error: api: no endpoint 'http'.\n  Add it.\n  Or leave it.\n"


def test_resource_is_named_once(capsys: Shown) -> None:
    """A message that begins with its resource must not have it twice."""
    assert show(ResourceFailed("api ended with exit code 3", resource="api"), capsys) == (
        "error: api ended with exit code 3.\n"
    )


def test_all_mistakes_are_shown_by_line(capsys: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mistake of a definition must be shown, by file and line as seen from here, with its remedy below."""
    monkeypatch.chdir(tmp_path)
    file = str(tmp_path / "apphost.py")
    error = DefinitionError(
        [
            ModelError("it is wrong", resource="b", file=file, line=20),
            ModelError("it is wrong too.", resource="a", file=file, line=3, remedy="Write it right."),
        ]
    )

    assert show(error, capsys) == (
        "error: the definition has 2 mistakes:\n"
        "  apphost.py:3: a: it is wrong too.\n"
        "      Write it right.\n"
        "  apphost.py:20: b: it is wrong.\n"
    )


def test_exception_in_a_definition_shows_the_users_frames(capsys: Shown) -> None:
    """What a definition raises must be shown with the user's lines only, innermost last."""

    def define(app: AppBuilder) -> None:
        app.add_executable("api", "x", ".")
        int("eighty")

    with pytest.raises(DefinitionError) as caught:
        Apphost(define, name="shop").build()
    text = show(caught.value, capsys)

    assert f"{Path(__file__)}" in text or Path(__file__).name in text
    assert 'int("eighty")' in text
    assert "ValueError: invalid literal" in text
    assert "Traceback" not in text
    assert "src/fairlead" not in text


def test_syntax_error_points_at_the_place(capsys: Shown, tmp_path: Path) -> None:
    """A file that is no Python must be shown with the line and a mark below the place."""
    file = tmp_path / "apphost.py"
    file.write_text("x = 1\ny = (2\n")
    with pytest.raises(FairleadError) as caught:
        load_app_file(file)
    lines = show(caught.value, capsys).splitlines()

    assert "apphost.py:2" in lines[0]
    assert lines[1].strip() == "y = (2"
    assert lines[2].index("^") == lines[1].index("(")


@pytest.mark.parametrize(("error", "code"), [(AlreadyRunning("it runs"), 1), (ResourceFailed("no"), 18)])
def test_exit_code_is_the_errors(error: FairleadError, code: int, capsys: Shown) -> None:
    """The exit code must be the one that the kind of error has."""
    assert report(error) == code
    capsys.readouterr()


def test_mistake_of_ours_is_no_traceback(capsys: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in Fairlead itself must be a message too; the trace is there for who asks for it."""
    nothing: dict[str, str] = {}
    with pytest.raises(KeyError) as raised:
        nothing["missing"]
    caught = raised.value
    assert "Traceback" not in show(caught, capsys)

    monkeypatch.setenv("FAIRLEAD_TRACEBACK", "1")
    assert "Traceback" in show(caught, capsys)
