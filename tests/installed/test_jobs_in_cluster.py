"""Migrations in a real cluster: what becomes of them, and of the pods that wait for them, when releases change."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import answers
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster, run
from tests.support.helm import NEWER_IMAGE, program
from tests.support.pages import files
from tests.support.waiting import until_seen
from tests.support.wheels import wheels

from fairlead import AppBuilder
from fairlead.publish.publisher import publish

PAGE = "docs/how-to/migrate-upgrade-roll-back.md"
FAIRLEAD = str(Path(sys.executable).with_name("fairlead"))
IMAGES = ("postgres:15-bookworm", "busybox:1.35", "alpine/kubectl:1.36.0")
NAME = "app.kubernetes.io/name"
LONG = 120.0
"""Seconds for what the cluster does in a few."""
REVISIONS = (
    """\
from alembic import op
revision, down_revision = "aaaa00000001", None
def upgrade():
    op.execute("CREATE TABLE orders (item text)")
    op.execute("CREATE TABLE gate ()")
""",
    # It waits for the test, so that there is time to look at what happens meanwhile.
    """\
from alembic import op
revision, down_revision = "bbbb00000002", "aaaa00000001"
def upgrade():
    op.execute("DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.1); END LOOP; END $$")
    op.execute("ALTER TABLE orders ADD note text")
""",
)

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


class Release:
    """A release in a namespace of its own."""

    def __init__(self, cluster: Cluster, helm: Path, namespace: str) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self._helm = helm
        cluster.kubectl("create", "namespace", namespace)

    def upgrade(self, chart: Path, *options: str, values: Mapping[str, Any]) -> None:
        self._run("upgrade", "--install", "shop", str(chart), "--values", "-", *options, given=json.dumps(values))

    def rollback(self, revision: int, *options: str) -> None:
        self._run("rollback", "shop", str(revision), *options)

    def _run(self, *arguments: str, given: str = "") -> None:
        place = ("--namespace", self.namespace, "--kubeconfig", self.cluster.write_kubeconfig())
        try:
            run(self._helm, *arguments, "--timeout", "200s", *place, given=given, timeout=300)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.cluster.evidence(self.namespace)}") from None

    def job(self, resource: str) -> dict[str, Any]:
        """The one Job of a resource."""
        (job,) = self.cluster.objects("jobs", "--selector", f"{NAME}={resource}", namespace=self.namespace)
        return job

    def conditions(self, resource: str) -> dict[str, str]:
        """The reasons of the conditions of a resource's Job, by their types."""
        found = self.job(resource)["status"].get("conditions", [])
        return {condition["type"]: condition.get("reason", "") for condition in found}

    def notes(self) -> dict[str, str]:
        """What is noted as completed."""
        found = self.cluster.objects("configmaps", namespace=self.namespace)
        (notes,) = (one for one in found if one["metadata"]["name"] == "shop-job-notes")
        return dict(notes.get("data", {}))

    def ready_pods(self, resource: str) -> set[str]:
        """The names of a resource's pods that are ready."""
        pods = self.cluster.objects("pods", "--selector", f"{NAME}={resource}", namespace=self.namespace)
        return {
            pod["metadata"]["name"] for pod in pods if _is_ready(pod) and "deletionTimestamp" not in pod["metadata"]
        }

    def kubectl(self, *arguments: str) -> str:
        return self.cluster.kubectl("--namespace", self.namespace, *arguments)

    def query(self, sql: str) -> str:
        return self.kubectl("exec", "pg-0", "--", "psql", "-U", "postgres", "-d", "orders", "-tAc", sql)


def _is_ready(pod: dict[str, Any]) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))


class Versions:
    """The app of the page in versions, each with one revision more."""

    def __init__(self, folder: Path) -> None:
        self._app = folder / "app"
        self._version = "1.0.0"
        for name, text in files(PAGE):
            (self._app / name).parent.mkdir(parents=True, exist_ok=True)
            (self._app / name).write_text(text)
        requirements = self._app / "api" / "requirements.txt"
        requirements.write_text("alembic>=1.14\npsycopg[binary]>=3.2\n")
        shutil.copytree(wheels(requirements), self._app / "api" / "wheels")
        (self._app / "api" / "versions").mkdir()
        self.images: list[str] = []

    def make(self) -> Path:
        """Publish and build the next version; its chart."""
        number, version = len(self.images), f"1.{len(self.images)}.0-test{uuid.uuid4().hex[:8]}"
        apphost = self._app / "apphost.py"
        text = apphost.read_text()
        assert f'"{self._version}"' in text
        apphost.write_text(text.replace(f'"{self._version}"', f'"{version}"'))
        self._version = version
        (self._app / "api" / "versions" / f"{number}.py").write_text(REVISIONS[number])
        chart = self._app.with_name(version)
        for command in (("publish", "--output", str(chart)), ("build",)):
            run(FAIRLEAD, *command, "--apphost", apphost, timeout=300)
        self.images.append(f"shop/migrate:{version}")
        return chart


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"jobs-{uuid.uuid4().hex[:8]}"
    yield name
    cluster.drop(name)


@pytest.fixture
def versions(image: Callable[[str], str], tmp_path: Path) -> Iterator[Versions]:
    for name in (*IMAGES, "python:3.11-slim-bookworm"):
        image(name)
    made = Versions(tmp_path)
    yield made
    subprocess.run(["docker", "rmi", "--force", *made.images], capture_output=True)


async def test_migrations_of_a_release(versions: Versions, cluster: Cluster, helm: Path, namespace: str) -> None:
    """A release must come up under a quota, keep its old pods alive while it migrates, and go back on its schema."""
    first, second = await made_beside_a_cluster(versions, cluster)
    cluster.bring(versions.images)
    release = Release(cluster, helm, namespace)
    limits = {"limits": {"cpu": "300m", "memory": "256Mi"}}
    values: dict[str, Any] = {
        "secrets": {"pg-password": "p w/%"},
        "resources": {name: limits for name in ("pg", "migrate", "api")},
    }

    release.kubectl("create", "quota", "limits", "--hard=limits.cpu=6,limits.memory=6Gi")
    release.upgrade(first, "--wait", values=values)
    assert {key.rpartition("-")[0] for key in release.notes()} == {"migrate", "orders"}

    await old_pods_start_while_it_migrates(release, lambda: release.upgrade(second, "--wait", values=values))
    assert release.query("SELECT version_num FROM alembic_version") == "bbbb00000002"

    release.rollback(1, "--wait")
    assert release.conditions("migrate")["Complete"] == "NothingToDo"
    assert "failed" not in release.job("migrate")["status"]
    assert release.query("SELECT version_num FROM alembic_version") == "bbbb00000002"

    await a_database_that_cannot_be_created_fails(release)


async def made_beside_a_cluster(versions: Versions, cluster: Cluster) -> tuple[Path, Path]:
    """Two versions of the app, made while the cluster comes up and gets the other images."""

    async def bring_others() -> None:
        await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
        await asyncio.to_thread(cluster.bring, IMAGES)

    bringing = asyncio.create_task(bring_others())
    made = await asyncio.to_thread(versions.make), await asyncio.to_thread(versions.make)
    await bringing
    return made


async def old_pods_start_while_it_migrates(release: Release, upgrade: Callable[[], None]) -> None:
    """A pod of the old revision that has to start again while the new one migrates must become ready."""
    old = release.ready_pods("api")
    upgrading = asyncio.create_task(asyncio.to_thread(upgrade))
    await until_seen(lambda: release.ready_pods("migrate"), "the second migration has begun", within=LONG)
    gone = min(old)
    release.kubectl("delete", "pod", gone, "--wait=false")
    await until_seen(lambda: len(release.ready_pods("api") - {gone}) == 2, "another old pod is ready", within=LONG)
    assert not upgrading.done(), "no new pod is ready before the migration ends"
    release.query("INSERT INTO gate DEFAULT VALUES")
    await upgrading


async def a_database_that_cannot_be_created_fails(release: Release) -> None:
    """The Job that creates a database must fail where the server refuses it, as one with an old volume does."""
    template = release.job("orders")["spec"]["template"]
    variables = template["spec"]["containers"][0]["env"]
    (password,) = (variable for variable in variables if variable["name"] == "PGPASSWORD")
    del password["valueFrom"]
    password["value"] = "other"
    template["metadata"] = {"labels": {NAME: "refused"}}
    refused = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "refused", "labels": {NAME: "refused"}},
        "spec": {"backoffLimit": 0, "template": template},
    }
    release.cluster.kubectl("create", "--namespace", release.namespace, "-f", "-", given=json.dumps(refused))

    await until_seen(lambda: release.conditions("refused"), "the Job has ended", within=LONG)
    assert "Failed" in release.conditions("refused")
    assert "password authentication failed" in release.kubectl("logs", "job/refused")


async def test_migrations_by_the_newer_helm(
    cluster: Cluster, image: Callable[[str], str], tmp_path: Path, namespace: str
) -> None:
    """Helm 4 must do the same with each of its ways to wait, and a Job set always to run must run and be noted anew."""
    if not answers("docker", "image", "inspect", NEWER_IMAGE):
        pytest.skip(f"the image {NEWER_IMAGE} is not here")  # the default is what has to work everywhere

    def chart(version: str) -> Path:
        def define(app: AppBuilder) -> None:
            migrate = app.add_container("migrate", image("busybox:1.35"), args=["echo", "migrated to", version])
            api = app.add_container(
                "api", image("busybox:1.35"), args=["sh", "-c", "trap exit TERM; sleep 1000000 & wait"]
            )
            api.wait_for_completion(migrate)

        publish(built(define), tmp_path / version)
        return tmp_path / version

    first, second = chart("1"), chart("2")
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.bring(["busybox:1.35", image("alpine/kubectl:1.36.0")])
    release = Release(cluster, program(NEWER_IMAGE, tmp_path), namespace)

    async def completion() -> str | None:
        """Why the migration is complete, which helm may see before Kubernetes has said so."""
        return await until_seen(lambda: release.conditions("migrate").get("Complete"), "the Job is complete")

    release.upgrade(first, "--wait", values={})
    release.upgrade(second, "--wait=legacy", "--wait-for-jobs", values={})
    assert await completion() == "CompletionsReached"
    for revision, wait in ((1, "--wait"), (2, "--wait=legacy")):
        release.rollback(revision, wait, "--wait-for-jobs")
        assert await completion() == "NothingToDo"
    release.kubectl("delete", "jobs", "--all")
    release.upgrade(second, "--wait", "--wait-for-jobs", values={})
    assert await completion() == "NothingToDo", "a Job that is created once more does not run"
    assert len(release.notes()) == 2

    release.upgrade(second, "--wait", values={"jobs": {"migrate": {"run": "always"}}})
    assert await completion() == "CompletionsReached"
    assert len(release.notes()) == 1, "those of other versions are forgotten"


async def test_a_job_on_request_runs_with_more_arguments(
    cluster: Cluster, helm: Path, image: Callable[[str], str], tmp_path: Path, namespace: str
) -> None:
    """``run-job`` must run a job in the cluster as in a run: its arguments and those given, its output, its exit code.

    A Job that is interrupted must be gone, and kubectl must make one from the same template.
    """
    script = 'echo "$MODE $*"; echo "to stderr" >&2; [ "$1" != wait ] || sleep 600; exit "${2:-0}"'

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", image("busybox:1.35"), args=["sleep", "600"])
        api.with_environment("MODE", "live")
        app.add_job("migrate", api, args=["sh", "-c", script, "sh"])

    publish(built(define), tmp_path / "chart")
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.bring(["busybox:1.35"])
    release = Release(cluster, helm, namespace)
    release.upgrade(tmp_path / "chart", values={})
    asked = Asked(release)

    assert asked.run("migrate", "$MODE $(MODE) --fake", "3") == (3, ["live $MODE $(MODE) --fake 3", "to stderr"])
    assert asked.run("migrate", "x")[0] == 0
    assert asked.interrupt("migrate", "wait", until="live wait\n") == 130
    release.kubectl("create", "job", "migrate-1", "--from=cronjob/migrate")
    await until_seen(lambda: "Complete" in release.kubectl("get", "job", "migrate-1"), "kubectl's has ended", LONG)
    jobs = cluster.objects("jobs", namespace=release.namespace)
    assert sorted(job["status"].get("succeeded", 0) for job in jobs) == [0, 1, 1], "an interrupted one is gone"
    assert asked.run("nope") == (2, [])


class Asked:
    """Runs jobs of a release by the command line."""

    def __init__(self, release: Release) -> None:
        self._options = ("--context", "default", "--namespace", release.namespace)
        self._environ = {**os.environ, "KUBECONFIG": str(release.cluster.write_kubeconfig())}

    def run(self, job: str, *arguments: str) -> tuple[int, list[str]]:
        """The exit code, and the lines of the output in their order of text."""
        command = [FAIRLEAD, "run-job", job, *self._options, "--", *arguments]
        done = subprocess.run(command, env=self._environ, capture_output=True, text=True, timeout=LONG)
        return done.returncode, sorted(done.stdout.splitlines())

    def interrupt(self, job: str, *arguments: str, until: str) -> int:
        """The exit code of a run that gets Ctrl+C once it has written a line."""
        command = [FAIRLEAD, "run-job", job, *self._options, "--", *arguments]
        with subprocess.Popen(command, env=self._environ, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            seen = iter(running.stdout.readline, "")
            assert until in seen
            running.send_signal(signal.SIGINT)
            return running.wait(LONG)
