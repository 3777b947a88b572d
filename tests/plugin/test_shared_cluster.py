"""A cluster that test processes share, with a kind that plays a cluster: who starts it, who joins, and when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.cli import eventually

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.timeout(300)

FAIRLEAD = Path(sys.executable).with_name("fairlead")
APPHOST = """\
import os
from pathlib import Path

from fairlead import AppBuilder, Driver, Health, Lifetime, Resource, apphost
from fairlead.errors import StartError

HERE = Path(__file__).parent
KUBECONFIG = '''\\
apiVersion: v1
kind: Config
clusters: [{name: k8s, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: k8s, user: {token: opensesame}}]
contexts: [{name: k8s, context: {cluster: k8s, user: k8s}}]
current-context: k8s
'''


def note(what):
    with (HERE / "events").open("a") as events:
        events.write(f"{what} {os.getpid()}\\n")


class FakeCluster(Resource):
    kind = "Fake cluster"
    driver = "apphost:FakeClusterDriver"


class FakeClusterDriver(Driver):
    async def start(self, context):
        note("start")
        if (HERE / "broken").exists():
            context.log("the disk is full")
            raise StartError("it has no disk")
        path = context.state_folder / "clusters" / context.resource.name / "kubeconfig"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(KUBECONFIG)
        context.report(kubeconfig=str(path))

    async def stop(self, reason):
        note("stop")

    async def health(self):
        return Health.healthy()


@apphost
def shop(app: AppBuilder) -> None:
    app.add(FakeCluster("k8s"))
    app.add(FakeCluster("other"))
    app.add_parameter("key", "none")
"""
CONFTEST = """\
from collections.abc import Iterator

import pytest
from apphost import shop

from fairlead.testing import BlockingCluster, shared_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[BlockingCluster]:
    with shared_cluster(shop, "k8s", timeout=60) as cluster:
        yield cluster
"""
TESTS = """\
import os
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("number", range(4))
def test_both_workers_have_it(cluster, number):
    assert "opensesame" in cluster.kubeconfig.read_text()
    (HERE / f"here-{os.environ['PYTEST_XDIST_WORKER']}").touch()
    deadline = time.monotonic() + 60
    while len([*HERE.glob("here-*")]) < 2:  # so that both are in it at once
        assert time.monotonic() < deadline
        time.sleep(0.02)
    print("worker", os.getpid())
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
        hosts = {int(pid) for _, pid in events(pytester.path)}
        eventually(lambda: not [pid for pid in hosts if psutil.pid_exists(pid)], "the hosts have ended")


def events(folder: Path) -> list[tuple[str, str]]:
    """What happened to the cluster, each with the process of its host."""
    file = folder / "events"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(word, pid) for word, _, pid in (line.partition(" ") for line in lines)]


def run(pytester: pytest.Pytester, test: str, *arguments: str) -> str:
    pytester.makepyfile(test_it=test)
    return str(pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=150).stdout)


def ended(folder: Path) -> bool:
    return [word for word, _ in events(folder)].count("stop") == [word for word, _ in events(folder)].count("start")


def test_workers_share_one_that_ends_with_them(folder: Path, pytester: pytest.Pytester) -> None:
    """With `-n 2` one cluster must be started, both workers must be in it, and it must end when both have."""
    assert "4 passed" in run(pytester, TESTS, "-n", "2")

    eventually(lambda: ended(folder), "the cluster has ended")
    assert [word for word, _ in events(folder)] == ["start", "stop"]
