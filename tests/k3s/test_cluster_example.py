"""examples/cluster from end to end, by the command line: each of its parts is used, not only started."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from tests.support.cli import Workplace, eventually, workplace
from tests.support.cluster import COMING_UP, K3S_IMAGE
from tests.support.engines import ENGINES, EngineHost
from tests.support.projects import write_program

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = Path("examples/cluster")
IMAGES = (
    *(K3S_IMAGE, "alpine/helm:3.17.3", "alpine/kubectl:1.36.0"),
    *("redis:7.0-bookworm", "nginx:1.22-bookworm", "python:3.11-slim-bookworm"),
)
STORM = {
    "apiVersion": "harbour.example.com/v1",
    "kind": "Notice",
    "metadata": {"name": "storm", "namespace": "harbour"},
    "spec": {"text": "Storm from the west", "urgent": True},
}
LONG = 120.0
"""Seconds for what takes a few on a quiet machine."""

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


@pytest.fixture
def harbour(tmp_path: Path, engine_host: EngineHost, image: Callable[[str], str]) -> Iterator[Workplace]:
    """The example as git has it, in a folder where it has never run, beside a helm, kubectl and k3s that note a use."""
    if engine_host.name == "docker":
        for name in IMAGES:
            image(name)
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", str(EXAMPLE)]
    for name in subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    (tmp_path / EXAMPLE / ".venv").symlink_to(Path(sys.executable).parents[1])
    with workplace(tmp_path / EXAMPLE) as place:
        for name in ("helm", "kubectl", "k3s"):
            write_program(tmp_path / "bin" / name, f"#!/bin/sh\ntouch {tmp_path}/used-{name}\nexit 1\n")
        path = f"{tmp_path / 'bin'}:{place.environment['PATH']}"
        place = replace(place, environment={**place.environment, **engine_host.environment, "PATH": path})
        place.fairlead("run", "--detach")
        yield place
        place.fairlead("stop")
        assert [*tmp_path.glob("used-*")] == [], "no program of this machine was needed"
        left = [one for one in engine_host.objects() if f" {app_id(place)}-" in one]
        assert [one for one in left if not one.startswith("volume")] == []
        place.fairlead("down", "--volumes")


def app_id(place: Workplace) -> str:
    (folder,) = [path for path in (place.folder / "state" / "fairlead").iterdir() if path.is_dir()]
    return folder.name


def wait_healthy(place: Workplace, *names: str) -> None:
    for name in names:
        ended = subprocess.run(
            [sys.executable, "-m", "fairlead", "wait", name, "--timeout", str(COMING_UP)],
            cwd=place.folder,
            env=place.environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr + place.fairlead("resources")


def read(place: Workplace, name: str) -> str:
    """What the board says to the one who asks there."""
    with urlopen(place.resource(name)["urls"][0]["url"], timeout=30) as answer:
        return str(answer.read().decode())


def kubectl(place: Workplace, *arguments: str, given: object = None) -> str:
    """What the kubectl of the cluster's server answers."""
    ended = place.call("exec", "k8s", "--", "kubectl", *arguments, input=json.dumps(given) if given else "")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def board(place: Workplace) -> dict[str, Any]:
    return dict(json.loads(read(place, "front")))


def secret(place: Workplace) -> str:
    """The generated key, from where secrets are stored."""
    (file,) = (place.folder / "config").rglob("*.json")
    return str(json.loads(file.read_text())["seal-key"])


def sealed(key: str, content: Mapping[str, Any]) -> bool:
    lines = "\n".join(content["notices"]).encode()
    return bool(hmac.new(key.encode(), lines, hashlib.sha256).hexdigest() == content["seal"])


@ENGINES
def test_each_part_is_used(harbour: Workplace, engine_host: EngineHost) -> None:
    """A Notice must be reconciled, the pod must reach Redis and a process, both callers must get its answer."""
    wait_healthy(harbour, "operator", "lookout", "front")
    eventually(lambda: board(harbour)["notices"] == ["Welcome to the harbour"], "the first notice is posted", LONG)

    kubectl(harbour, "apply", "-f", "-", given=STORM)
    lines = ["URGENT: Storm from the west", "Welcome to the harbour"]
    eventually(lambda: board(harbour)["notices"] == lines, "the operator has posted the new notice", LONG)
    status = json.loads(kubectl(harbour, "get", "notice", "storm", "-n", "harbour", "-o", "json"))["status"]
    assert (status["phase"], status["observedGeneration"]) == ("Posted", 1)

    before, after = board(harbour), board(harbour)
    assert after["visits"] == before["visits"] + 1, "it counts in the Redis of the app"
    (cache,) = engine_host.containers(f"dev.fairlead.app={app_id(harbour)}", "dev.fairlead.resource=cache").values()
    assert engine_host.run("exec", cache, "redis-cli", "GET", "visits").strip() == str(after["visits"])
    assert 1 <= after["tide"] <= 5, "the process outside the cluster has told it"
    assert "/ for 127.0.0.1" in harbour.fairlead("logs", "tide"), "which listens on loopback only"
    assert sealed(secret(harbour), after), "it has the secret parameter"
    assert lines == read(harbour, "lookout").splitlines()[1:], "the caller on this machine gets the same"

    nodes = json.loads(kubectl(harbour, "get", "nodes", "-o", "json"))["items"]
    assert [node["metadata"]["name"] for node in nodes] == ["k8s", "k8s-agent-0"]
    kubectl(harbour, "delete", "notice", "storm", "-n", "harbour")
    eventually(lambda: board(harbour)["notices"] == lines[1:], "the page goes with its notice", LONG)
    assert secret(harbour) not in harbour.fairlead("logs") + harbour.fairlead("resources", "--json")
