"""Failures of verbs that were asked for JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.command_line import Ended, call

APP = """
from fairlead import AppBuilder, apphost

@apphost
def shop(app: AppBuilder) -> None:
    {body}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an app, in an environment in which no app runs."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    write(tmp_path, 'app.add_container("web", "nginx")')
    return tmp_path


def write(folder: Path, body: str) -> None:
    (folder / "apphost.py").write_text(APP.format(body=body))


def failure(folder: Path, *arguments: str, code: int) -> dict[str, Any]:
    """The error that a verb prints with --json; it must be all that is on standard output, in one line."""
    ended = call(folder, *arguments)
    assert ended.returncode == code, ended.stderr
    assert ended.stdout.count("\n") == 1
    error: dict[str, Any] = json.loads(ended.stdout)["error"]
    assert error["code"] == code
    assert error["message"] in ended.stderr.replace("\x1b[0m", "")
    return error


@pytest.mark.parametrize(
    ("arguments", "code", "message", "remedy"),
    [
        (["resources", "--json"], 5, "the app of apphost.py does not run", "Start it with `fairlead run`."),
        (["logs", "-f", "--json"], 5, "the app of apphost.py does not run", "Start it with `fairlead run`."),
        (["stop", "web", "--all", "--json"], 2, "stop takes a name or --all, not both", None),
        (["wait", "web", "--json", "--for", "ever"], 2, "'ever' is not one of", None),
        (["resources", "--json", "--no-such"], 2, "--no-such", None),
        (["describe", "--json"], 2, "Missing argument", None),
        (["resources", "--apphost", "nowhere", "--json"], 2, "--apphost: no nowhere", None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_failure_is_one_document(
    folder: Path, arguments: list[str], code: int, message: str, remedy: str | None
) -> None:
    """With --json a failure must be a document on standard output; its code is the one the command ends with."""
    error = failure(folder, *arguments, code=code)

    assert message in error["message"]
    assert (error["resource"], error["remedy"]) == (None, remedy)


def test_every_mistake_of_a_definition_has_its_place(folder: Path) -> None:
    """The document must list all mistakes, each with resource, file, line and remedy."""
    write(folder, 'app.add_container("web", "nginx").endpoint("http"); app.add_redis("-")')
    error = failure(folder, "run", "--json", code=3)

    assert error["message"] == "the definition has 2 mistakes"
    assert [mistake["resource"] for mistake in error["errors"]] == ["-", "web"]
    assert {(mistake["file"], mistake["line"]) for mistake in error["errors"]} == {(str(folder / "apphost.py"), 6)}
    assert all(mistake["message"] and mistake["remedy"] for mistake in error["errors"])


def test_a_mistake_of_ours_is_a_document_too(folder: Path) -> None:
    """Also what nobody has thought of must be a document."""
    (folder / "apphost.py").unlink()
    (folder / "apphost.py").mkdir()
    error = failure(folder, "publish", "--json", "--apphost", ".", code=2)
    assert "apphost.py" in error["message"]


def test_exec_passes_on_a_json_that_is_not_its_own(folder: Path) -> None:
    """``--json`` of the command that exec runs says nothing about what exec prints."""
    ended = call(folder, "exec", "web", "curl", "--json", "{}")

    assert (ended.returncode, ended.stdout) == (5, "")


def test_a_definition_that_exits_is_told(folder: Path) -> None:
    """``sys.exit()`` in a definition must be an error with its line, not an end without a word."""
    write(folder, "import sys; sys.exit(7)")
    error = failure(folder, "publish", "--json", code=3)

    assert error["errors"][0]["message"] == "the definition called sys.exit(7)"
    assert error["errors"][0]["line"] == 6


def test_an_empty_secret_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``parameters set`` must store nothing that nobody gave: not from /dev/null, nor from an empty file."""
    write(folder, 'app.add_parameter("key", secret=True); app.add_parameter("level")')
    (folder / "empty").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))

    def set_(*arguments: str) -> Ended:
        return call(folder, "parameters", "set", *arguments, "--store")

    for arguments, source in ((["key"], "standard input"), (["level"], "standard input"), (["key", "@empty"], "empty")):
        ended = set_(*arguments)
        assert ended.returncode == 2, ended.stdout
        assert f"{source} is empty" in ended.stderr
    assert not (folder / "config").exists()
    assert set_("level", "").returncode == 0
