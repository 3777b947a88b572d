"""Environment files in a run: the app's own gives values to parameters, those of resources their variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.stage import Stage, stage

from fairlead import AppBuilder, Apphost, State
from fairlead.errors import StateError
from fairlead.model.observation.snapshot import MASKED
from fairlead.runtime.host import Host
from fairlead.runtime.run_options import RunOptions
from fairlead.runtime.values.env_files import read_app_env_file
from fairlead.testing import InMemory


def test_the_apps_file_gives_values(tmp_path: Path) -> None:
    """What the file sets must be read, with or without a byte order mark; a file that is not there sets nothing."""
    path, warnings = tmp_path / ".env", list[str]()
    assert read_app_env_file(path, {}, warnings.append) == {}
    path.write_bytes(b"\xef\xbb\xbfA=1\nB=${A}${OUT}\nBARE\n")

    assert read_app_env_file(path, {"OUT": "3"}, warnings.append) == {"A": "1", "B": "13"}
    assert warnings == []


def test_a_foreign_line_in_the_apps_file_is_warned_of(tmp_path: Path) -> None:
    """A line of another program must be named by file and line, without its text, and stop nothing."""
    path, warnings = tmp_path / ".env", list[str]()
    path.write_bytes(b"A=1\nhunter2 hunter2\n'B\nC=gr\xfc\xdfe\nD=2\n")

    assert read_app_env_file(path, {}, warnings.append) == {"A": "1", "D": "2"}
    assert [text.partition(" ")[0] for text in warnings] == [f"{path}:{line}" for line in (2, 3, 4)]
    assert "hunter2" not in "".join(warnings)


async def test_a_foreign_line_stops_no_run(tmp_path: Path) -> None:
    """A run must begin with what the file sets, and the user be told of the line that it could not read."""
    (tmp_path / ".env").write_text("foo bar\nFAIRLEAD_PARAMETER_KEY=${PREFIX}x\n")

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_environment("KEY", app.add_parameter("key"))

    warnings = list[str]()
    options = RunOptions(isolated=True, environ={"PREFIX": "p-"}, warn=warnings.append)
    host = await Host.open(Apphost(define, "shop", tmp_path / "apphost.py").build(), options)
    try:
        shown = Stage(host)
        await host.start()
        await shown.wait_healthy("api")
        assert shown.memory("api").seen == {"KEY": "p-x"}
    finally:
        await host.close()
    assert [text.partition(" ")[0] for text in warnings] == [f"{tmp_path / '.env'}:1"]


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder called like the file must be none; what can't be read must be an error."""
    (tmp_path / ".env").mkdir()
    assert read_app_env_file(tmp_path / ".env", {}, print) == {}

    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StateError):
        read_app_env_file(tmp_path / "loop", {}, print)


def shown_variables(shown: Stage, name: str) -> dict[str, str]:
    return {variable.name: variable.value for variable in shown.snapshot(name).environment}


async def test_a_resource_gets_the_variables_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later file must win over an earlier one, the definition over all, and names without a value be passed on."""
    monkeypatch.setenv("PASSED", "from outside")
    monkeypatch.delenv("ABSENT", raising=False)
    (tmp_path / "one").write_text("A=1\nB=1\nOWN=1\nPORT=1\nPASSED\nABSENT\nURL=${A}/${PASSED}\n")
    (tmp_path / "two").write_text("B=2\nC=${A}\n")

    def define(app: AppBuilder) -> None:
        api = app.add(InMemory("api")).with_env_file("one").with_env_file("two").with_environment("OWN", "x")
        api.with_endpoint("http", env="PORT")

    async with stage(define, folder=tmp_path) as shown:
        await shown.wait_healthy("api")
        seen = shown.memory("api").seen

    port = seen.pop("PORT")
    assert port != "1"
    assert seen == {"A": "1", "B": "2", "C": "1", "OWN": "x", "PASSED": "from outside", "URL": "1/from outside"}


async def test_secrets_of_a_file_are_never_shown(tmp_path: Path) -> None:
    """A value that may be secret must be masked in what is shown and in logs, a plain word must not."""
    (tmp_path / "api.env").write_text("TOKEN=hunter2\nLEVEL=info\nfoo bar\n")

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_env_file("api.env").on_ready(lambda context: context.log("hunter2 at info"))

    async with stage(define, folder=tmp_path) as shown:
        await shown.wait_healthy("api")

        assert shown.memory("api").seen == {"TOKEN": "hunter2", "LEVEL": "info"}
        assert shown_variables(shown, "api") == {"TOKEN": MASKED, "LEVEL": "info"}
        assert "*** at info" in shown.text("api")
        assert "api.env:3 is not understood, and ignored" in shown.text("api")


async def test_a_file_without_secrets_is_shown(tmp_path: Path) -> None:
    """The values of a file that the definition publishes must be shown in a run, too."""
    (tmp_path / "api.env").write_text("TOKEN=a8f7e6d5c4b3a291\n")

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_env_file("api.env", publish="values")

    async with stage(define, folder=tmp_path) as shown:
        await shown.wait_healthy("api")
        assert shown_variables(shown, "api") == {"TOKEN": "a8f7e6d5c4b3a291"}


async def test_a_missing_file_fails_the_start(tmp_path: Path) -> None:
    """The file must be read at the start, and a missing one be named with what to do; a restart must find it."""

    def define(app: AppBuilder) -> None:
        app.add(InMemory("api")).with_env_file("later.env")

    async with stage(define, folder=tmp_path) as shown:
        await shown.reach("api", State.FAILED_TO_START)
        assert "its environment file later.env is not there" in shown.text("api")
        assert f"Create {tmp_path / 'later.env'}" in shown.text("api")
        (tmp_path / "later.env").write_text("A=1")
        await shown.command("api", "start")
        await shown.wait_healthy("api")
        assert shown.memory("api").seen == {"A": "1"}
