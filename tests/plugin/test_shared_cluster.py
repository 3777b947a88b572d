"""A cluster that the workers of pytest-xdist share, with a kind that plays a cluster."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.cli import eventually
from tests.support.shared_app import APPHOST, events, hosts

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.timeout(300)

CONFTEST = """\
from collections.abc import Iterator

import pytest
from apphost import shop

from fairlead.testing import BlockingCluster
from fairlead.testing import shared_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[BlockingCluster]:
    with shared_cluster(shop, "k8s", timeout=60) as cluster:
        yield cluster
"""
MEETING = """\
import os
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def meet(name):
    (HERE / f"{name}-{os.environ['PYTEST_XDIST_WORKER']}").touch()
    deadline = time.monotonic() + 60
    while len([*HERE.glob(f"{name}-*")]) < 2:  # so that two are in it at once
        assert time.monotonic() < deadline
        time.sleep(0.02)


"""
TOGETHER = f"""{MEETING}
@pytest.mark.parametrize("number", range(4))
def test_both_workers_have_it(cluster, number):
    assert "opensesame" in cluster.kubeconfig.read_text()
    meet("here")
"""
CRASH = f"""{MEETING}
def test_that_kills_its_worker(cluster):
    meet("before")
    os.kill(os.getpid(), 9)


def test_of_the_other_worker(cluster):
    meet("before")
    meet("after")


def test_of_the_worker_that_takes_its_place(cluster):
    meet("after")
"""
FAILURE = """\
def test_that_fails(cluster):
    assert not cluster.name
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an app and a fixture for its cluster, in which nothing of the user's is touched."""
    pytester.makepyfile(apphost=APPHOST)
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\npythonpath = .\nasyncio_default_fixture_loop_scope = function\n")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "CI"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="fl") as short:  # a socket's path must be short
        Path(short).chmod(0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        monkeypatch.setenv("XDG_STATE_HOME", f"{short}/state")
        monkeypatch.setenv("XDG_CONFIG_HOME", f"{short}/config")
        yield pytester.path
        eventually(lambda: not any(map(psutil.pid_exists, hosts(pytester.path))), "the hosts have ended")


def run(pytester: pytest.Pytester, test: str, *arguments: str) -> str:
    pytester.makepyfile(test_it=test)
    return str(pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=150).stdout)


def test_workers_share_one_that_ends_with_them(folder: Path, pytester: pytest.Pytester) -> None:
    """With `-n 2` one cluster must be started, both workers must be in it, and it must end when both have."""
    assert "4 passed" in run(pytester, TOGETHER, "-n", "2")

    eventually(lambda: events(folder) == ["start", "stop"], "the one cluster has ended")


def test_a_worker_that_dies_takes_nothing_along(folder: Path, pytester: pytest.Pytester) -> None:
    """When a worker is killed, the others must keep the cluster, also the worker that takes its place."""
    output = run(pytester, CRASH, "-n", "2")

    assert "1 failed, 2 passed" in output and "crashed" in output
    eventually(lambda: events(folder) == ["start", "stop"], "the one cluster has ended")


def test_a_failure_shows_its_states(folder: Path, pytester: pytest.Pytester) -> None:
    """The report of a test that fails must hold the states of the run that it shares."""
    output = run(pytester, FAILURE)

    assert "fairlead resources of the shared run" in output
    assert "k8s is Running, healthy" in output
