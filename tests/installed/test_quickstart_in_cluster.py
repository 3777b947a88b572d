"""The quickstart, published and installed with the real helm: its parts must find each other, and keep their data."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.cluster import COMING_UP, Cluster, run
from tests.support.waiting import until_seen
from tests.support.wheels import ROOT, wheels

FAIRLEAD = str(Path(sys.executable).with_name("fairlead"))
NAMESPACE = "desk"
ASK = """
import sys, urllib.request
request = urllib.request.Request("http://page:8080/jobs", sys.stdin.buffer.read() or None)
request.add_header("Content-Type", "application/json")
print(urllib.request.urlopen(request, timeout=20).read().decode())
"""

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


class Desk:
    """A checkout of the quickstart that is published, built and installed."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        self._folder, self._chart = folder / "quickstart", folder / "chart"
        ignored = shutil.ignore_patterns("__pycache__", ".venv", "data")
        shutil.copytree(ROOT / "examples" / "quickstart", self._folder, ignore=ignored)
        for name in ("api", "page", "worker"):
            shutil.copytree(wheels(self._folder / name / "requirements.txt"), self._folder / name / "wheels")

    def build(self) -> list[str]:
        """Write the chart, build its images, and return what the cluster has to have."""
        app = ("--apphost", self._folder / "apphost.py")
        run(FAIRLEAD, "publish", "--output", self._chart, *app)
        run(FAIRLEAD, "build", *app)
        values = yaml.safe_load((self._chart / "values.yaml").read_text())
        images = [f"{image['repository']}:{image['tag']}" for image in values["images"].values()]
        return [*images, values["waits"]["serviceImage"]]

    def install(self) -> None:
        """Install it, and wait until all workloads are ready."""
        values = {
            "secrets": {"api-token": "t0ken"},
            "ingress": {"edge": {"className": "nobody"}},  # another app of this cluster has the path
        }
        command = ("upgrade", "--install", "text-desk", self._chart, "--namespace", NAMESPACE, "--create-namespace")
        try:
            self.cluster.helm(*command, "--wait", "--timeout", "200s", values=values)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.cluster.evidence(NAMESPACE)}") from None

    def open_volume(self) -> bool:
        """Let anyone write where the claim's data is, as k3s's own provisioner does; not each one's folders are so."""
        for volume in self.cluster.objects("persistentvolumes"):
            if volume["spec"]["claimRef"]["namespace"] == NAMESPACE:
                source = volume["spec"].get("hostPath") or volume["spec"]["local"]
                script = 'mkdir -p "$0" && chmod 0777 "$0"'
                run("docker", "exec", self.cluster.node, "sh", "-c", script, source["path"])
                return True
        return False

    def answers(self) -> bool:
        """Whether the page answers by its Service, which leads to a pod some moments after that is ready."""
        try:
            self._ask()
        except AssertionError:
            return False
        return True

    def paste(self, text: str) -> int:
        """Hand in a text, as the page's form does."""
        return int(self._ask(json.dumps({"text": text}))["id"])

    def reading(self, number: int) -> dict[str, Any] | None:
        """What a worker has found in a text, as the page shows it; None while there is nothing."""
        try:
            found = self._ask()
        except AssertionError:  # the API's pod is being replaced
            return None
        return next((job["reading"] for job in found if job["id"] == number), None)

    def _ask(self, body: str = "") -> Any:
        where = ("--namespace", NAMESPACE, "deployment/page")
        return json.loads(self.cluster.kubectl("exec", "--stdin", *where, "--", "python", "-c", ASK, given=body))


@pytest.fixture
def desk(cluster: Cluster, tmp_path: Path, image: Callable[[str], str]) -> Iterator[Desk]:
    for name in ("busybox:1.35", "python:3.11-slim-bookworm"):
        image(name)
    yield Desk(tmp_path, cluster)
    ours = [f"text-desk/{name}:0.1.0" for name in ("api", "page", "worker")]
    subprocess.run(["docker", "rmi", "--force", *ours], capture_output=True)


async def test_texts_are_read_and_stay(desk: Desk) -> None:
    """A text from the page must be read by a worker, and still be there after the API's pod was replaced."""
    images = await asyncio.to_thread(desk.build)
    await until_seen(desk.cluster.is_up, "the cluster is up", within=COMING_UP)
    await asyncio.to_thread(desk.cluster.bring, images)
    opening = until_seen(desk.open_volume, "the claim has a volume", within=COMING_UP)
    await asyncio.gather(asyncio.to_thread(desk.install), opening)

    await until_seen(desk.answers, "the page answers", within=COMING_UP)
    number = desk.paste("The tide turns at noon.")
    read = await until_seen(lambda: desk.reading(number), "a worker has read it", within=COMING_UP)
    assert read and read["words"] == 5

    desk.cluster.kubectl("delete", "pod", "--namespace", NAMESPACE, "--selector", "app.kubernetes.io/name=api")
    desk.cluster.kubectl("rollout", "status", "--namespace", NAMESPACE, "deployment/api", "--timeout=200s")
    assert await until_seen(lambda: desk.reading(number), "the text is still there", within=COMING_UP) == read
