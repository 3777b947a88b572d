"""What the shell offers: asked as a shell asks, by the variables that its script sets."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.command_line import call

APPHOST = """\
from fairlead import AppBuilder, apphost


@apphost
def harbour(app: AppBuilder) -> None:
    app.add_parameter("light-key", secret=True, description="Opens the lamp room.")
    app.add_executable("light", "sleep", ".", "60")
    app.add_executable("Lift", "sleep", ".", "60")
    app.add_executable("horn", "sleep", ".", "60")
    app.add_kubernetes_environment("k8s")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "apphost.py").write_text(APPHOST)
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def offered(folder: Path, *words: str) -> list[str]:
    """What is offered for the last word."""
    line = " ".join(("fairlead", *words))
    variables = {"_FAIRLEAD_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
    ended = call(folder, **variables)
    return [offer.partition(",")[2] for offer in ended.stdout.split()]


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (["res"], ["resources", "restart"]),
        (["run", "l"], ["light", "Lift"]),
        (["run", "light", "l"], ["Lift"]),
        (["logs", "h"], ["horn"]),
        (["run", "-p", ""], ["light-key"]),
        (["parameters", "set", "li"], ["light-key"]),
        (["publish", "--target", ""], ["k8s"]),
        (["wait", "light", "--for", "h"], ["healthy"]),
        (["kubeconfig", ""], []),
    ],
    ids=lambda value: " ".join(value),
)
def test_names_of_the_definition_are_offered(folder: Path, words: list[str], offers: list[str]) -> None:
    assert offered(folder, *words) == offers


@pytest.mark.parametrize("content", ["raise SystemExit('no')", "print('noise'); 1/0", "def ("])
def test_an_app_file_with_a_mistake_offers_nothing_and_says_nothing(folder: Path, content: str) -> None:
    (folder / "apphost.py").write_text(content)
    assert offered(folder, "logs", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_the_shell(shell: str, tmp_path: Path) -> None:
    script = call(tmp_path, "completion", shell).stdout
    assert f"_FAIRLEAD_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n", "-c", script], timeout=60).returncode == 0


def test_a_shell_that_is_not_known_is_refused(tmp_path: Path) -> None:
    ended = call(tmp_path, "completion", SHELL="/bin/dash")
    assert (ended.returncode, "Name one of bash, zsh, fish." in ended.stderr) == (2, True)
