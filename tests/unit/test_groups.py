"""The test run says which of its parts could not run, and never passes silently without them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
markers =
    docker: an engine
    node: node and npm
"""
TESTS = """
import pytest

def test_pure():
    pass

@pytest.mark.docker
def test_container():
    pass

@pytest.mark.node
def test_page():
    pass
"""


@pytest.fixture
def bare_machine(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with one test of each kind, on a machine where no command is found."""
    monkeypatch.setenv("PATH", str(pytester.mkdir("empty")))
    monkeypatch.delenv("CI", raising=False)
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(**{"tests/things/test_things": TESTS})
    pytester.makeini(INI)
    return pytester


def test_absent_needs_are_said_in_one_line(bare_machine: pytest.Pytester) -> None:
    """Without an engine and node, the others must run, and one line must name what could not and why."""
    result = bare_machine.runpytest("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(
        "could not run: 1 in things (needs docker: no Docker engine answers); "
        "1 in things (needs node: node and npm not found)"
    )


def test_required_needs_fail(bare_machine: pytest.Pytester) -> None:
    """A need that `--require` names must fail the run where it is absent; the others are still skipped."""
    result = bare_machine.runpytest("-p", "no:cacheprovider", "--require", "docker")

    result.assert_outcomes(passed=1, skipped=1, errors=1)
    result.stdout.fnmatch_lines("docker is required here, but no Docker engine answers")


def test_required_needs_are_said_first_and_last(bare_machine: pytest.Pytester) -> None:
    """What is required and absent must be said before the first test, and once more below all failures."""
    result = bare_machine.runpytest("-p", "no:cacheprovider", "-rE", "--require", "docker")

    result.stdout.fnmatch_lines(
        [
            "required, but absent, so their tests fail: docker (no Docker engine answers)",
            "collected 3 items",
            "ERROR *test_container - *",
            "could not run: 1 in things (docker is required here, but no Docker engine answers); "
            "1 in things (needs node: node and npm not found)",
        ]
    )


def test_ci_requires_everything(bare_machine: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI=true nothing may be skipped."""
    monkeypatch.setenv("CI", "true")

    bare_machine.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1, errors=2)


def test_unknown_need_is_refused(bare_machine: pytest.Pytester) -> None:
    """A misspelt need must not pass for a met one."""
    result = bare_machine.runpytest("-p", "no:cacheprovider", "--require", "dokcer")

    result.stderr.fnmatch_lines("*no need is called dokcer; there are docker,*")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
