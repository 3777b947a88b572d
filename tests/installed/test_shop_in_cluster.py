"""The shop, published and installed with the real helm: what a run promises must hold in a cluster."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml
from tests.support.cluster import COMING_UP, Cluster, run
from tests.support.waiting import until_seen
from tests.support.wheels import wheels

ROOT = Path(__file__).resolve().parents[2]
FAIRLEAD = str(Path(sys.executable).with_name("fairlead"))
NAMESPACE = "shop"
LONG = 120.0
"""Seconds for what the cluster does in a few."""
SERVERS = (
    "postgres:15-bookworm",
    "redis:7.0-bookworm",
    "nginx:1.22-bookworm",
    "busybox:1.35",
    "alpine/kubectl:1.36.0",
)
KEYS = ("the first key, with {{ braces }} and a 'quote'", "the second key")

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(1800)]


class Shop:
    """A checkout of the shop that is published, built and installed."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder = folder / "shop"
        self.chart = folder / "chart"
        self.cluster = cluster
        self.images: set[str] = set()
        shutil.copytree(ROOT / "examples" / "shop", self.folder, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
        shutil.copytree(wheels(self.folder / "api" / "requirements.txt"), self.folder / "api" / "wheels")
        # Of its own, as images are named by it and other checkouts build theirs in the same engine.
        self.version = f"0.1.0-test{uuid.uuid4().hex[:8]}"
        named = 'helm_chart_name="shop", '
        self.edit("apphost.py", named, f'{named}helm_chart_version="{self.version}", ')

    def edit(self, file: str, before: str, after: str) -> None:
        """Change the sources as a developer does."""
        text = (self.folder / file).read_text()
        assert before in text
        (self.folder / file).write_text(text.replace(before, after))

    def publish(self) -> None:
        """Write the chart and build its images."""
        self.fairlead("publish", "--output", str(self.chart))
        self.fairlead("build")

    def bring(self) -> None:
        """Bring into the cluster what the chart names and is not there yet."""
        values = yaml.safe_load((self.chart / "values.yaml").read_text())
        named = {f"{image['repository']}:{image['tag']}" for image in values["images"].values()}
        named |= {values["waits"]["serviceImage"], values["waits"]["jobImage"]}
        self.cluster.bring(sorted(named - self.images))
        self.images |= named

    async def bring_servers(self) -> None:
        """Bring in what others have built, as soon as the cluster is up."""
        await until_seen(self.cluster.is_up, "the cluster is up", within=COMING_UP)
        await asyncio.to_thread(self.cluster.bring, SERVERS)
        self.images |= set(SERVERS)

    def fairlead(self, *arguments: str) -> str:
        return run(FAIRLEAD, *arguments, "--apphost", self.folder / "apphost.py", timeout=500)

    def install(self, key: str) -> None:
        """Install or upgrade it, and wait until all workloads are ready."""
        values = {
            "secrets": {"pg-password": "p w/%", "payment-key": key},
            "ingress": {"edge": {"className": "traefik"}},
        }
        command = ("upgrade", "--install", "shop", self.chart, "--namespace", NAMESPACE, "--create-namespace")
        try:
            self.cluster.helm(*command, "--wait", "--timeout", "400s", values=values)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.cluster.evidence(NAMESPACE)}") from None

    def pods(self) -> dict[str, set[str]]:
        """The identities of the running pods of each workload."""
        found: dict[str, set[str]] = {}
        for pod in self.cluster.objects("pods", "--field-selector", "status.phase=Running"):
            if "deletionTimestamp" not in pod["metadata"]:
                name = pod["metadata"]["labels"]["app.kubernetes.io/name"]
                found.setdefault(name, set()).add(pod["metadata"]["uid"])
        return found

    def jobs(self) -> dict[str, dict[str, Any]]:
        """The Job of each one-shot program; there is one for each."""
        found = self.cluster.objects("jobs")
        by_name = {job["metadata"]["labels"]["app.kubernetes.io/name"]: job for job in found}
        assert len(by_name) == len(found)
        return by_name

    def query(self, sql: str) -> str:
        """What the database answers."""
        command = ("exec", "--namespace", NAMESPACE, "statefulset/pg", "--", "psql", "-U", "postgres")
        return self.cluster.kubectl(*command, "-d", "orders", "-tAc", sql)

    def order(self, item: str) -> int:
        """Post an order from outside."""
        body = json.dumps({"item": item, "amount": 2}).encode()
        request = Request(f"{self.url}/orders", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as answer:
            return int(json.load(answer)["id"])

    def seen(self, number: int) -> dict[str, Any] | None:
        """What the shop says of an order to a caller outside; None while it can't answer."""
        try:
            with urlopen(f"{self.url}/orders/{number}", timeout=30) as answer:
                return dict(json.load(answer))
        except (OSError, HTTPException):
            return None

    def is_open(self) -> bool:
        """Whether callers outside get an answer."""
        try:
            with urlopen(f"{self.url}/orders", timeout=30) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.cluster.port(80)}/api"


@pytest.fixture
def shop(cluster: Cluster, tmp_path: Path, image: Callable[[str], str]) -> Iterator[Shop]:
    for name in (*SERVERS, "python:3.11-slim-bookworm"):
        image(name)
    made = Shop(tmp_path, cluster)
    try:
        yield made
    finally:
        ours = [name for name in made.images if name.startswith("shop/")]
        if ours:
            subprocess.run(["docker", "rmi", "--force", *ours], capture_output=True)
        cluster.drop(NAMESPACE)


def receipt(key: str, number: int) -> str:
    return hmac.new(key.encode(), str(number).encode(), hashlib.sha256).hexdigest()[:12]


async def test_orders_outlive_everything(shop: Shop) -> None:
    """An order posted from outside must be stored and worked on, and outlive a pod and two kinds of upgrade."""
    await asyncio.gather(asyncio.to_thread(shop.publish), shop.bring_servers())
    shop.bring()
    shop.install(KEYS[0])

    migrated = shop.jobs()["migrate"]["status"]["completionTime"]
    started = [
        pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
        for pod in shop.cluster.objects("pods", "--selector", "app.kubernetes.io/name in (api, worker)")
    ]
    assert len(started) == 3
    assert migrated <= min(started), "the migration was done before anything that needs it started"

    await until_seen(shop.is_open, "the Ingress lets callers in", within=LONG)
    number = shop.order("rope")
    await until_seen(lambda: (shop.seen(number) or {}).get("receipt"), "the worker has paid for it", within=LONG)
    assert shop.query(f"SELECT item, amount, receipt FROM orders WHERE id = {number}") == (
        f"rope|2|{receipt(KEYS[0], number)}"
    )

    shop.cluster.kubectl("delete", "pod", "--namespace", NAMESPACE, "--selector", "app.kubernetes.io/name=pg")
    shop.cluster.kubectl("rollout", "status", "--namespace", NAMESPACE, "statefulset/pg", "--timeout=200s")
    await until_seen(lambda: shop.seen(number), "the order is there after the database's pod was replaced", within=LONG)

    await changed_value(shop, number)
    await changed_migration(shop, number)


async def changed_value(shop: Shop, number: int) -> None:
    """Only the pods may be replaced whose configuration an upgrade changes."""
    shop.cluster.kubectl("rollout", "status", "--namespace", NAMESPACE, "deployment/worker", "--timeout=200s")
    before, jobs = shop.pods(), shop.jobs()
    shop.install(KEYS[1])

    def old_worker_is_gone() -> bool:
        return len(shop.pods().get("worker", ())) == 1

    await until_seen(old_worker_is_gone, "the old worker is gone", within=LONG)
    after = shop.pods()
    assert {name for name in before if before[name] != after[name]} == {"worker"}
    assert {name: job["metadata"]["uid"] for name, job in shop.jobs().items()} == {
        name: job["metadata"]["uid"] for name, job in jobs.items()
    }, "no Job runs again"
    await until_seen(lambda: shop.seen(number), "the order is there after the upgrade", within=LONG)
    second = shop.order("sail")
    await until_seen(lambda: (shop.seen(second) or {}).get("receipt"), "the new worker has paid for it", within=LONG)
    assert shop.query(f"SELECT receipt FROM orders WHERE id = {second}") == receipt(KEYS[1], second)


async def changed_migration(shop: Shop, number: int) -> None:
    """An upgrade that changes the migration must run it, before what waits for it starts."""
    before = shop.jobs()["migrate"]["metadata"]["name"]
    shop.edit("api/shop_migrate.py", "execute(SCHEMA)\n", 'execute(SCHEMA + "; ALTER TABLE orders ADD note text")\n')
    shop.edit("apphost.py", shop.version, shop.version.replace("0.1.0", "0.2.0"))
    shop.publish()
    shop.bring()
    shop.install(KEYS[1])

    job = shop.jobs()["migrate"]
    assert job["metadata"]["name"] != before
    assert job["status"]["succeeded"] == 1
    assert shop.query("SELECT count(*) FROM information_schema.columns WHERE column_name = 'note'") == "1"
    await until_seen(lambda: shop.seen(number), "the order is there after the upgrade", within=LONG)
