"""The page about testing an operator: its tests pass in a cluster that workers share, and that the next run has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.cli import Workplace, eventually, workplace
from tests.support.cluster import COMING_UP, K3S_IMAGE, run
from tests.support.pages import files

PAGE = "docs/how-to/test-an-operator.md"
KILLED = """\
import os, sys, time
from apphost import harbour
from fairlead.testing import shared_cluster

with shared_cluster(harbour, "k8s", select={"operator"}) as cluster, cluster.namespace("left") as namespace:
    print("ready", flush=True)
    time.sleep(600)
"""

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


@pytest.fixture
def place(tmp_path: Path, image: Callable[[str], str]) -> Iterator[Workplace]:
    """A folder with what the page tells the reader to write; all is taken down in the end."""
    image(K3S_IMAGE)
    with workplace(tmp_path) as place:
        for name, text in files(PAGE):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
        ini = "[pytest]\npythonpath = .\nasyncio_default_fixture_loop_scope = function\n"
        (tmp_path / "pytest.ini").write_text(ini)
        try:
            yield place
        finally:
            place.call("down", "--volumes")


def run_tests(place: Workplace) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "test_notices.py"]
    ended = subprocess.run(
        command, cwd=place.folder, env=place.environment, capture_output=True, text=True, timeout=COMING_UP + 100
    )
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr


def host_of_tests(place: Workplace) -> dict[str, str] | None:
    """The process that runs the cluster, as `fairlead ps` knows it."""
    apps = json.loads(place.fairlead("ps", "--json"))["apps"]
    return next((app for app in apps if app["app_id"].endswith("-tests")), None)


def nodes(app_id: str) -> list[str]:
    """The containers of an app's clusters."""
    return run("docker", "ps", "--all", "--quiet", "--no-trunc", "--filter", f"label=dev.fairlead.app={app_id}").split()


def namespaces(node: str) -> list[str]:
    """The namespaces of tests that are in a cluster and are not about to go."""
    listed = run("docker", "exec", node, "kubectl", "get", "namespaces", "--output", "json")
    names = [one["metadata"]["name"] for one in json.loads(listed)["items"] if one["status"]["phase"] == "Active"]
    return [name for name in names if name != "default" and not name.startswith("kube-")]


def test_a_kept_cluster(place: Workplace) -> None:
    """Workers must share a cluster that the next run has again, and that keeps nothing of a run which was killed."""
    run_tests(place)
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED], cwd=place.folder, env=place.environment, stdout=subprocess.PIPE, text=True
    )
    with killed:
        assert killed.stdout is not None and killed.stdout.readline() == "ready\n"
        host = host_of_tests(place)
        assert host is not None
        (node,) = nodes(host["app_id"])
        assert [name.partition("-")[0] for name in namespaces(node)] == ["left"]
        os.kill(int(host["pid"]), signal.SIGKILL)
        killed.kill()
    eventually(lambda: namespaces(node) == [], "what the killed run has left is gone", within=COMING_UP)

    run_tests(place)
    assert nodes(host["app_id"]) == [node], "it is the same cluster"
    eventually(lambda: host_of_tests(place) is None, "its host has ended", within=COMING_UP)
    assert namespaces(node) == []

    place.fairlead("down")
    assert nodes(host["app_id"]) == []
