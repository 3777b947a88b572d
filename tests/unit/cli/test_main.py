"""The command line before any verb runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from tests.support.command_line import call as call_here

from fairlead.cli.main import VerbGroup, cli
from fairlead.cli.overview import VERBS, overview

COMMAND = str(Path(sys.executable).with_name("fairlead"))
REPOSITORY = Path(__file__).parents[3]
HEAVY = ("asyncio", "aiohttp", "rich", "psutil", "yaml", "lightkube")
APP = """
from fairlead import AppBuilder, apphost

@apphost
def shop(app: AppBuilder) -> None:
    app.add_container("web", "nginx:1.27").with_http_endpoint(target_port=80)
"""


def call(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "COLUMNS": "100"}
    return subprocess.run([COMMAND, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


def loaded_by(*arguments: str, cwd: Path) -> set[str]:
    """The modules that a call of the command has loaded, whatever it ended with."""
    program = (
        "import json, sys\n"
        "from fairlead.__main__ import main\n"
        "try:\n    main()\n"
        "finally:\n    print('\\n' + json.dumps(sorted(sys.modules)), flush=True)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120
    )
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_help_names_every_verb() -> None:
    """`--help` must name each verb with a line of help, and the exit codes that scripts rely on."""
    ended = call("--help")

    assert ended.returncode == 0
    for verbs in VERBS.values():
        for name, (_, _, text) in verbs.items():
            assert f"  {name} " in ended.stdout
            assert text in ended.stdout
    assert "17" in ended.stdout


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_loads_next_to_nothing(tmp_path: Path, option: str) -> None:
    """`--help` must load neither click, nor a verb, nor the model: it has to be there at once."""
    loaded = loaded_by(option, cwd=tmp_path)

    assert not loaded & {*HEAVY, "click", "typing", "pathlib", "inspect"}
    assert {name for name in loaded if name.startswith("fairlead")} == {
        "fairlead",
        "fairlead.__main__",
        "fairlead.cli",
        "fairlead.cli.overview",
    }


def test_help_names_every_option() -> None:
    """The help that is not made by click must say of each option what click knows of it, and nothing else."""
    context = click.Context(cli, info_name="fairlead", **cli.context_settings)
    options = [(option, option.get_help_record(context)) for option in cli.get_params(context)]
    text = overview("fairlead")
    section = text[text.index("Options:") : text.index("Your app:")]

    assert section.count("\n  -") == len(options)
    for option, record in options:
        assert isinstance(option, click.Option) and record is not None
        assert f"\n  {record[0]}  " in section
        assert record[1].split()[0] in section
    assert cli.get_help(context) == text


@pytest.mark.parametrize(("columns", "widest"), [("40", 50), ("70", 68), ("300", 108)])
def test_help_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: str, widest: int) -> None:
    """`--help` must keep to the width of the terminal, within what can be read well."""
    monkeypatch.setenv("COLUMNS", columns)
    lines = overview("fairlead").splitlines()

    assert widest - 10 < max(map(len, lines)) <= widest


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--help"],
        ["publish", "-o", "out"],
        ["ps"],
        ["resources"],
        ["logs"],
        ["wait", "web"],
        ["stop"],
        ["describe", "web"],
        ["new", "another"],
    ],
    ids=" ".join,
)
def test_light_verbs_stay_light(tmp_path: Path, arguments: list[str]) -> None:
    """Publishing and the verbs that talk to a running app must load no event loop and no client library."""
    (tmp_path / "apphost.py").write_text(APP)

    assert not loaded_by(*arguments, cwd=tmp_path) & {"asyncio", "aiohttp", "rich", "psutil"}


def test_publishing_loads_what_the_app_needs(tmp_path: Path) -> None:
    """Publishing must load the one format that is asked for, and of package managers nothing where none is used."""
    (tmp_path / "apphost.py").write_text(APP)
    managers = {
        "fairlead.projects",
        "fairlead.publish.images.node_dockerfile",
        "fairlead.publish.images.python_dockerfile",
    }
    formats = {
        "fairlead.publish.formats.helm",
        "fairlead.publish.formats.manifests",
        "fairlead.publish.formats.kustomize",
    }

    loaded = loaded_by("publish", "--output", "out", cwd=tmp_path)
    assert not loaded & {*managers, "tomllib", "traceback", "difflib", "yaml"}
    assert loaded & formats == {"fairlead.publish.formats.helm"}

    (tmp_path / "apphost.py").write_text(
        APP + '    app.add_python_app("api", ".", script="main.py").with_http_endpoint()\n'
    )
    (tmp_path / "main.py").touch()
    (tmp_path / "requirements.txt").touch()
    assert loaded_by("publish", "--output", "more", cwd=tmp_path) & managers == managers - {
        "fairlead.publish.images.node_dockerfile"
    }


def test_every_verb_can_be_loaded_and_has_help() -> None:
    """Each entry of the table must lead to a command, whose own help says what it does and what its options are for."""
    context = click.Context(cli)
    assert isinstance(cli, VerbGroup)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help
        hidden = {option.name for option in command.params if getattr(option, "hidden", False)}
        for option in command.params:
            if isinstance(option, click.Option) and option.name not in hidden:
                assert option.help, (name, option.name)


def test_version_is_the_packages() -> None:
    """`--version` must tell the version that the project has."""
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]

    assert call("--version").stdout == f"fairlead {version}\n"


def test_unknown_verb_is_told_what_was_meant(tmp_path: Path) -> None:
    """A wrong verb or option must end with 2 and name the nearest; no arguments at all must show the help."""
    wrong = call_here(tmp_path, "resorces")
    assert wrong.returncode == 2
    assert "Did you mean 'resources'?" in wrong.stderr
    assert call_here(tmp_path, "wait", "web", "--for", "ever").returncode == 2
    assert call_here(tmp_path, "run", "--no-such").returncode == 2

    bare = call()
    assert "Usage: fairlead" in bare.stdout + bare.stderr


def test_module_is_the_command() -> None:
    """`python -m fairlead` must be the same command."""
    ended = subprocess.run([sys.executable, "-m", "fairlead", "--version"], capture_output=True, text=True, timeout=120)

    assert ended.stdout == call("--version").stdout


def test_app_files_own_command_line_takes_no_app_file(tmp_path: Path) -> None:
    """`python apphost.py` must publish without --apphost, and refuse it, as it can mean nothing."""
    file = tmp_path / "harbour.py"
    file.write_text(APP + "\nif __name__ == '__main__':\n    shop.main()\n")

    published = subprocess.run(
        [sys.executable, file, "publish", "-o", tmp_path / "out"], capture_output=True, text=True
    )
    assert published.returncode == 0, published.stderr
    refused = subprocess.run(
        [sys.executable, file, "publish", "--apphost", file], capture_output=True, text=True, timeout=120
    )
    assert refused.returncode == 2
    assert "Usage: harbour.py" in subprocess.run([sys.executable, file], capture_output=True, text=True).stderr


def test_publish_check_ends_with_1_when_something_would_change(tmp_path: Path) -> None:
    """`publish --check` must write nothing, and end with 0 only where the folder is as it should be."""
    (tmp_path / "apphost.py").write_text(APP)
    before = call_here(tmp_path, "publish", "-o", "out", "--check")
    assert before.returncode == 1
    assert not (tmp_path / "out").exists()

    written = call_here(tmp_path, "publish", "-o", "out")
    assert "helm upgrade --install" in written.stdout
    assert call_here(tmp_path, "publish", "-o", "out", "--check").returncode == 0
    document = json.loads(call_here(tmp_path, "publish", "-o", "out", "--json").stdout)
    assert (document["written"], document["removed"]) == ([], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [\n", "values.yaml: line 2, column 1: "),
        ("- 1\n", "values.yaml is not a mapping"),
        (None, "values.yaml: No such file or directory"),
    ],
)
def test_values_that_are_none_are_refused(tmp_path: Path, text: str | None, said: str) -> None:
    """A file of values that can't be used must be named, with the place of a mistake in it."""
    (tmp_path / "apphost.py").write_text(APP)
    if text is not None:
        (tmp_path / "values.yaml").write_text(text)
    ended = call_here(tmp_path, "publish", "--format", "manifests", "--values", "values.yaml")
    assert ended.returncode == 2
    assert f"--values {said}" in ended.stderr
