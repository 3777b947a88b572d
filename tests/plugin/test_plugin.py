"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.timeout(300)

FAIRLEAD = Path(sys.executable).with_name("fairlead")
APPHOST = """\
import sys

from fairlead import AppBuilder, apphost

PROGRAM = "for number in range(150): print('line', number)\\nprint('\\x1b[31mkey is opensesame\\x1b[0m', flush=True)"


@apphost
def shop(app: AppBuilder) -> None:
    key = app.add_parameter("key", "opensesame", secret=True)
    app.add_executable("api", sys.executable, ".", "-c", PROGRAM).with_environment("KEY", key)
"""
FIXTURE = """\
import pytest
import pytest_asyncio
from apphost import shop

from fairlead.testing import testing


@pytest_asyncio.fixture
async def app():
    async with testing(shop) as app:
        await app.wait_for("api", "completed", timeout=60)
        yield app


@pytest.mark.asyncio
async def test_it(app):
    assert app.snapshot("api").exit_code == EXPECTED
"""
BLOCK = """\
import pytest
from apphost import shop

from fairlead.testing import testing


@pytest.mark.asyncio
async def test_it():
    async with testing(shop) as app:
        await app.wait_for("api", "completed", timeout=60)
        assert app.snapshot("api").exit_code == EXPECTED
"""

SESSION = """\
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from apphost import shop

from fairlead.testing import BlockingRunning, testing

STARTS = []


@pytest.fixture(scope="session")
def app() -> Iterator[BlockingRunning]:
    with testing(shop) as app:
        STARTS.append(app)
        app.wait_for("api", "completed")
        yield app


def test_first(app):
    assert app.snapshot("api").exit_code == EXPECTED


def test_second(app):
    assert STARTS == [app]
"""

CONFTEST = """\
from pathlib import Path


def pytest_timeout_cancel_timer(item):
    Path(__file__).with_name("unlimited").touch()
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an app file, in which nothing of the user's is touched."""
    pytester.makepyfile(apphost=APPHOST)
    pytester.makeini("[pytest]\npythonpath = .\nasyncio_default_fixture_loop_scope = function\n")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "CI"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="fl") as short:  # a socket's path must be short
        Path(short).chmod(0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        monkeypatch.setenv("XDG_STATE_HOME", f"{short}/state")
        monkeypatch.setenv("XDG_CONFIG_HOME", f"{short}/config")
        yield pytester.path


def run(pytester: pytest.Pytester, test: str, *arguments: str, expected: int = 1) -> str:
    """The output of a run of pytest over one file."""
    pytester.makepyfile(test_it=test.replace("EXPECTED", str(expected)))
    return str(pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=150).stdout)


def section(output: str, title: str) -> list[str]:
    """The lines of a section of the report of the only failing test."""
    lines = output.splitlines()
    (start,) = [number for number, line in enumerate(lines) if re.fullmatch(rf"-+ {title} -+", line)]
    end = next(number for number, line in enumerate(lines) if number > start and re.match(r"[-=]{5,} ", line))
    return lines[start + 1 : end]


@pytest.mark.parametrize(
    ("test", "mode"), [(FIXTURE, "strict"), (BLOCK, "auto")], ids=["fixture, strict", "block, auto"]
)
def test_failure_shows_logs(folder: Path, pytester: pytest.Pytester, test: str, mode: str) -> None:
    """The report of a failed test must hold the states and last lines of its app, no secret and no colour in them."""
    output = run(pytester, test, f"--asyncio-mode={mode}")

    assert "1 failed" in output and "opensesame" not in output
    assert "api is Finished" in section(output, "fairlead resources")
    log = section(output, "fairlead logs: api")
    assert "key is ***" in log and "line 149" in log
    assert len(log) == 100 and "line 0" not in log


def test_an_app_for_the_session(folder: Path, pytester: pytest.Pytester) -> None:
    """Tests without an event loop can share an app; the report of the one that fails must have its logs."""
    output = run(pytester, SESSION, "-p", "no:asyncio")

    assert "1 failed, 1 passed" in output
    assert "api is Finished" in section(output, "fairlead resources")
    assert "key is ***" in section(output, "fairlead logs: api")


def test_an_app_for_the_session_is_kept(folder: Path, pytester: pytest.Pytester) -> None:
    """`--fairlead-keep` must keep such an app up as well, once the session is over."""
    output = run(pytester, SESSION, "--fairlead-keep", "--fairlead-keep-seconds=0.5")

    assert "shop is kept up, as test_it.py::test_first failed" in output
    assert "1 failed, 1 passed" in output


def test_passing_test_shows_nothing(folder: Path, pytester: pytest.Pytester) -> None:
    """Nothing of an app may be shown where nothing failed, and `testing` must not be taken for a test."""
    output = run(pytester, FIXTURE, expected=0)

    assert "1 passed" in output and "fairlead logs" not in output


def test_failing_fixture_shows_logs(folder: Path, pytester: pytest.Pytester) -> None:
    """What failed before the test began must be shown too, with the notes of the wait."""
    pytester.makepyfile(apphost=APPHOST.replace("flush=True)", "flush=True)\\nraise SystemExit(3)"))
    output = run(pytester, FIXTURE)

    assert "1 error" in output and "api ended with exit code 3" in output
    assert "api is Finished (exit code 3); the last lines of its log:" in output
    assert "key is ***" in section(output, "fairlead logs: api")


def test_other_tests_app_is_not_shown(folder: Path, pytester: pytest.Pytester) -> None:
    """A failure must not show the app of an earlier test."""
    output = run(pytester, f"{FIXTURE}\n\ndef test_other():\n    assert False\n", expected=0)

    assert "1 failed, 1 passed" in output and "fairlead logs" not in output


def test_shared_app_is_shown(folder: Path, pytester: pytest.Pytester) -> None:
    """An app that a fixture keeps for several tests must be shown for the one that fails."""
    wide = FIXTURE.replace("@pytest_asyncio.fixture", '@pytest_asyncio.fixture(scope="module", loop_scope="module")')
    wide = wide.replace("mark.asyncio", 'mark.asyncio(loop_scope="module")')
    second = '\n\n@pytest.mark.asyncio(loop_scope="module")\nasync def test_second(app):\n    assert False\n'
    output = run(pytester, wide + second, expected=0)

    assert "1 failed, 1 passed" in output
    assert "key is ***" in section(output, "fairlead logs: api")


def test_parallel_runs(folder: Path, pytester: pytest.Pytester) -> None:
    """Tests on several processes must not come into each other's way, and their logs must reach the report."""
    for number in range(4):
        pytester.makepyfile(**{f"test_more_{number}": BLOCK.replace("EXPECTED", "0")})
    output = run(pytester, BLOCK, "-n", "2")

    assert "1 failed, 4 passed" in output
    assert "key is ***" in section(output, "fairlead logs: api")


def test_plugin_can_be_left_out(folder: Path, pytester: pytest.Pytester) -> None:
    """Apps must run the same without the plugin."""
    output = run(pytester, FIXTURE, "-p", "no:fairlead")

    assert "1 failed" in output and "fairlead logs" not in output


# --fairlead-keep


def eventually(look: Callable[[], Any], what: str, seconds: float = 100) -> Any:
    """What a look at the world gives, once it gives something."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)
    return seen


def fairlead(*arguments: str) -> str:
    ended = subprocess.run([FAIRLEAD, *arguments], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def running() -> list[dict[str, Any]]:
    apps: list[dict[str, Any]] = json.loads(fairlead("ps", "--json"))["apps"]
    return apps


@contextmanager
def started(folder: Path, test: str, *arguments: str, **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A run of pytest over one file, which is killed at the latest at the end."""
    (folder / "test_it.py").write_text(test.replace("EXPECTED", "1"))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--fairlead-keep", *arguments]
    with subprocess.Popen(command, cwd=folder, **pipes) as tests:
        try:
            yield tests
        finally:
            tests.kill()


@pytest.mark.parametrize("parallel", [False, True])
def test_kept_app_can_be_looked_at_and_stopped(folder: Path, parallel: bool) -> None:
    """Without a terminal the app of a failed test must stay, be one that the command line knows, and end by it.

    A limit on the test's time must not end it while it is looked at.
    """
    (folder / "conftest.py").write_text(CONFTEST)
    test, more = (FIXTURE, ["-n", "1"]) if parallel else (BLOCK, ["--timeout=60"])
    with started(
        folder, test, *more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as tests:
        (app,) = eventually(running, "the app is kept")
        file = ["--apphost", str(folder / "apphost.py")]
        assert app["apphost"] == file[1]
        assert "key is ***" in fairlead("logs", "api", *file)
        assert parallel or (folder / "unlimited").exists()
        fairlead("stop", *file)
        assert running() == []
        output = tests.communicate(timeout=60)[0].decode()

    assert tests.returncode == 1 and "1 failed" in output
    if not parallel:
        assert "fairlead: shop is kept up, as test_it.py::test_it failed" in output
        assert f"fairlead: It ends in 600 s, or by fairlead stop --apphost {folder / 'apphost.py'}" in output


def test_kept_app_ends_in_time(folder: Path, pytester: pytest.Pytester) -> None:
    """Without anybody to stop it the app must end in the time that was given, and nothing may be left."""
    output = run(pytester, FIXTURE, "--fairlead-keep", "--fairlead-keep-seconds=0.2")

    assert "1 failed" in output and "It ends in 0.2 s" in output
    assert running() == []


def test_nothing_is_kept_of_what_passes(folder: Path, pytester: pytest.Pytester) -> None:
    """The app of a test that passes, or is skipped from within its block, must not be kept."""
    skipping = BLOCK.replace("assert app", 'pytest.skip("no")\n        assert app')
    pytester.makepyfile(test_skip=skipping)
    output = run(pytester, FIXTURE, "--fairlead-keep", expected=0)

    assert "1 passed, 1 skipped" in output and "kept up" not in output


def test_enter_ends_it(folder: Path) -> None:
    """In a terminal the app must stay until Enter is pressed, for however long, and the line be read."""
    ours, theirs = pty.openpty()
    seen = b""
    with (
        os.fdopen(ours, "rb", buffering=0),
        started(folder, FIXTURE, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as tests,
    ):
        os.close(theirs)
        while b"Press Enter" not in seen:
            seen += os.read(ours, 4096)
        assert len(running()) == 1
        os.write(ours, b"\n")
        while b"1 failed" not in seen:
            seen += os.read(ours, 4096)
        assert tests.wait(60) == 1

    assert running() == []
