"""Ctrl+C before there is anything to stop, and threads that are left at the end."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("fairlead"))
# Presses Ctrl+C at the moment at which a module is looked for.
INTERRUPTED = """
import os, signal, sys

wanted = sys.argv.pop(1)

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
from fairlead.__main__ import main
main()
"""
APP = """
import threading
from fairlead import AppBuilder, apphost

@apphost
def shop(app: AppBuilder) -> None:
    {body}

if __name__ == "__main__":
    {main}
    shop.main()
"""


@pytest.mark.parametrize(
    ("module", "verb"),
    [
        ("click", ["run"]),
        ("fairlead.cli.main", ["run"]),
        ("fairlead.cli.verbs.run", ["run"]),
        ("fairlead.app", ["run"]),
        ("fairlead.cli.session", ["run"]),
        ("fairlead.runtime.host", ["run"]),
        ("fairlead.cli.verbs.logs", ["logs"]),
        ("fairlead.publish.publisher", ["publish"]),
    ],
)
def test_ctrl_c_during_an_import_prints_nothing(tmp_path: Path, module: str, verb: list[str]) -> None:
    """Whatever is being imported when Ctrl+C is pressed, the process must end by it, and without a traceback."""
    (tmp_path / "apphost.py").write_text(APP.format(body='app.add_executable("a", "true")', main="pass"))
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, *verb], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    assert ended.returncode in (-signal.SIGINT, 130)
    assert ended.stderr.strip() == ""


def test_ctrl_c_while_the_control_api_is_loaded_ends_the_run(tmp_path: Path) -> None:
    """The control API is loaded beside the start: Ctrl+C must end what has been started in order."""
    (tmp_path / "apphost.py").write_text(APP.format(body='app.add_executable("a", "sleep", ".", "600")', main="pass"))
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "aiohttp", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("shop has stopped\n")


@pytest.mark.parametrize("by", ["command", "app file"])
def test_a_thread_does_not_keep_an_ended_process_alive(tmp_path: Path, by: str) -> None:
    """A thread that a definition has started must be named at the end, and not be waited for."""
    thread = 'threading.Thread(target=threading.Event().wait, name="poller").start()'
    in_definition = by == "command"
    app = APP.format(body=thread if in_definition else "pass", main="pass" if in_definition else thread)
    (tmp_path / "apphost.py").write_text(app)
    command = [COMMAND] if in_definition else [sys.executable, "apphost.py"]
    ended = subprocess.run([*command, "publish"], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert ended.returncode in (0, 1)
    assert "a thread of the definition had not ended: 'poller'" in ended.stderr


def test_a_thread_that_ends_is_waited_for(tmp_path: Path) -> None:
    """What a thread still has to do in a moment must be done, without a word."""
    body = 'threading.Timer(0.3, lambda: print("flushed")).start(); app.add_container("web", "nginx")'
    (tmp_path / "apphost.py").write_text(APP.format(body=body, main="pass"))
    ended = subprocess.run([COMMAND, "publish"], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 0
    assert ended.stdout.endswith("flushed\n")
    assert "thread" not in ended.stderr


def test_ctrl_c_during_an_import_of_an_apps_own_command_line(tmp_path: Path) -> None:
    """`python apphost.py run` must be as quiet from the moment at which it calls main()."""
    (tmp_path / "apphost.py").write_text(APP.format(body='app.add_executable("a", "true")', main="pass"))
    interrupter = INTERRUPTED[: INTERRUPTED.index("from fairlead")]
    program = f"{interrupter}\nimport runpy\nsys.argv.pop(0)\nrunpy.run_path('apphost.py', run_name='__main__')"
    for module in ("fairlead.cli.main", "click", "fairlead.cli.session"):
        command = [sys.executable, "-c", program, module, "apphost.py", "run"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert ended.returncode in (-signal.SIGINT, 130), module
        assert ended.stderr.strip() == ""
