"""What becomes of a chart in the hands of those who run it: scaled, drained, beside another, on disks that exist."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster
from tests.support.waiting import until_seen

from fairlead import AppBuilder
from fairlead.publish.publisher import publish

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]

LONG = 120.0
"""Seconds for what the cluster does in a few."""
IDLE = ("sh", "-c", "trap 'exit 0' TERM; sleep 100000 & wait")
HANDOVER = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": {"replicas": 3}}


@pytest.fixture(params=["helm", "newer_helm"])
def installer(request: pytest.FixtureRequest) -> Path:
    """The helm that installs: the default, and Helm 4."""
    program: Path = request.getfixturevalue(request.param)
    return program


class Place:
    """A namespace of the cluster, and a folder for charts."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.name = f"upkeep-{uuid.uuid4().hex[:8]}"
        self.folder = folder

    def publish(self, define: Callable[[AppBuilder], None]) -> list[str]:
        """Publish a definition; what is warned of."""
        return [warning.message for warning in publish(built(define), self.folder).warnings]

    def install(self, program: Path, *options: str, release: str = "shop", chart: str = "") -> str:
        """Install or upgrade the chart; what helm says."""
        where = ("--namespace", self.name, "--create-namespace")
        chart_folder = self.folder / chart
        return self.cluster.helm("upgrade", "--install", release, chart_folder, *where, *options, program=program)

    def replicas(self) -> int:
        """How many pods the Deployment is to have."""
        (deployment,) = self.cluster.objects("deployments", namespace=self.name)
        return int(deployment["spec"]["replicas"])

    def drain(self, *options: str) -> str:
        """Empty the node of the namespace's pods, as `kubectl drain` does before maintenance."""
        pods = f"app.kubernetes.io/instance={self.name}"
        return self.cluster.kubectl("drain", "server", "--ignore-daemonsets", "--pod-selector", pods, *options)


@pytest.fixture
async def place(cluster: Cluster, tmp_path: Path, image: Callable[[str], str]) -> Any:
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.bring([image("busybox:1.35")])
    place = Place(cluster, tmp_path / "out")
    try:
        yield place
    finally:
        cluster.kubectl("delete", "namespace", place.name, "--wait=false", "--ignore-not-found")


def api(app: AppBuilder, **options: Any) -> Any:
    app.add_kubernetes_environment("k8s")
    return app.add_container("api", "busybox:1.35", **options).with_args(*IDLE).with_resources(cpu="10m")


async def test_an_added_autoscaler_takes_pods_away_for_a_moment(place: Place, installer: Path) -> None:
    """The notes must say so when that happens, and only then; the autoscaler must bring its fewest pods back."""
    place.publish(lambda app: api(app).with_replicas(3))
    place.install(installer, "--wait")
    place.publish(lambda app: api(app).with_autoscaling(2, 5))

    notes = place.install(installer)
    fewer = place.replicas()
    assert "FEWER PODS FOR A MOMENT: api had 3 pods" in notes
    assert "there is 1 until the autoscaler has started 2" in notes
    assert fewer < 3, "the note can go: Helm kept the number"
    await until_seen(lambda: place.replicas() == 2, "the autoscaler has brought back two", within=LONG)
    assert "FEWER PODS" not in place.install(installer)
    assert place.replicas() == 2


async def test_a_number_that_is_owned_by_another_stays(place: Place, newer_helm: Path) -> None:
    """What the documentation says for Helm 4 must keep all pods when an autoscaler is added."""
    place.publish(lambda app: api(app).with_replicas(3))
    place.install(newer_helm, "--wait")
    options = ("--server-side", "--field-manager=handover", "--validate=false", "--filename", "-")
    place.cluster.kubectl("apply", "--namespace", place.name, *options, given=json.dumps(HANDOVER))
    place.publish(lambda app: api(app).with_autoscaling(2, 5))

    place.install(newer_helm)
    assert place.replicas() == 3


async def test_a_budget_of_an_only_pod_holds_up_a_drain(place: Place, helm: Path) -> None:
    """What is warned of must be so: the node can't be emptied. What the warning advises must help."""

    def guarded(**budget: int) -> Callable[[AppBuilder], None]:
        def define(app: AppBuilder) -> None:
            api(app).with_disruption_budget(**budget)

        return define

    try:
        assert [message.partition(",")[0] for message in place.publish(guarded(min_available=1))] == [
            "its disruption budget keeps its only pod where it is"
        ]
        place.install(helm, "--wait", release=place.name)
        with pytest.raises(AssertionError, match="disruption budget"):
            place.drain("--timeout", "3s")

        assert place.publish(guarded(max_unavailable=1)) == []
        place.install(helm, release=place.name)
        assert "drained" in place.drain("--timeout", "100s")
    finally:
        place.cluster.kubectl("uncordon", "server")


async def test_two_environments_in_one_namespace(place: Place, installer: Path) -> None:
    """What is warned of must be so: the second installation fails, as the objects belong to the first."""

    def define(app: AppBuilder) -> None:
        one, two = app.add_kubernetes_environment("one"), app.add_kubernetes_environment("two")
        shared = app.add_container("api", "busybox:1.35", env={"A": "1"}).with_args(*IDLE)
        shared.with_compute_environment(one, two)

    (warning,) = place.publish(define)
    assert warning.startswith("it has objects of 'one' too: Deployment api, ConfigMap api. In one namespace Helm")
    place.install(installer, release="shop-one", chart="one")
    with pytest.raises(AssertionError, match="invalid ownership metadata"):
        place.install(installer, release="shop-two", chart="two")


@pytest.fixture
def disk(place: Place) -> Iterator[str]:
    """A volume of the cluster without a class, with a file in it."""
    name = f"disk-{place.name}"
    folder = f"/var/lib/{name}"
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteMany"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "hostPath": {"path": folder, "type": "DirectoryOrCreate"},
        },
    }
    place.cluster.kubectl("apply", "--filename", "-", given=json.dumps(volume))
    yield name
    place.cluster.kubectl("delete", "persistentvolume", name, "--wait=false")


async def test_a_disk_that_exists_is_claimed_and_only_read(place: Place, disk: str, helm: Path) -> None:
    """A claim must be bound to the volume that it names, and a pod that only reads it must not be able to write."""

    def define(app: AppBuilder) -> None:
        media = app.add_kubernetes_environment("k8s").add_persistent_volume("media").with_existing_volume(disk)
        media.with_access_mode("ReadWriteMany").with_volume_annotation(
            "example.com/team", app.add_parameter("team", "a")
        )
        writer = app.add_container("writer", "busybox:1.35").with_args("sh", "-c", 'echo hello > "$MEDIA/a"; cat')
        writer.with_persistent_volume(media, "/media", env="MEDIA").with_workload("Job")
        reader = app.add_container("reader", "busybox:1.35").with_args(*IDLE)
        reader.with_persistent_volume(media, "/srv/media", read_only=True, env="MEDIA")

    place.publish(define)
    place.install(helm, "--wait", "--wait-for-jobs")

    (claim,) = place.cluster.objects("persistentvolumeclaims", namespace=place.name)
    assert (claim["status"]["phase"], claim["spec"]["volumeName"]) == ("Bound", disk)
    assert claim["metadata"]["annotations"]["example.com/team"] == "a"
    script = 'cat "$MEDIA/a"; touch "$MEDIA/b" 2>&1 || true'
    seen = place.cluster.kubectl("exec", "--namespace", place.name, "deployment/reader", "--", "sh", "-c", script)
    assert seen.splitlines()[0] == "hello"
    assert "Read-only file system" in seen
