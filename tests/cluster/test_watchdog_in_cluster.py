"""What a run has created in a cluster that stays goes with the run."""

from __future__ import annotations

import dataclasses
import uuid

import pytest
from tests.support.cluster import COMING_UP, Cluster, run
from tests.support.waiting import until_seen

from fairlead.drivers.containers.inner_objects import cleanup_label, remove_inner_leftovers
from fairlead.engines.docker import connect
from fairlead.engines.watchdog.guard import Guard

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]
LABEL = "dev.fairlead.run"
PATIENCE = 120.0


def removal(selector: str) -> tuple[str, ...]:
    return ("kubectl", "delete", "configmaps,secrets", "--all-namespaces", "--wait=false", "--selector", selector)


async def test_objects_of_a_dead_run_are_removed_from_a_cluster_that_stays(cluster: Cluster) -> None:
    """The watchdog must remove them by the cluster's kubectl, the next start the rest, and both nothing else."""
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.kubectl("create", "namespace", "owned")
    dead, older, living = (uuid.uuid4().hex[:16] for _ in range(3))
    for run_id in (dead, older, living):
        cluster.kubectl("create", "configmap", f"c-{run_id}", "--namespace", "owned")
        cluster.kubectl("label", "configmap", f"c-{run_id}", "--namespace", "owned", f"{LABEL}={run_id}")

    def runs() -> set[str]:
        objects = cluster.objects("configmaps", "--selector", LABEL, namespace="owned")
        return {one["metadata"]["labels"][LABEL] for one in objects}

    guard = await Guard.start("test-app", dead)
    guard.watch_engine("unix:///var/run/docker.sock")
    node = run("docker", "inspect", "--format", "{{.Id}}", cluster.node)
    guard.add_cleanup(node, removal(f"{LABEL}={dead}"))
    guard.expect_leftovers()  # as after a death
    await guard.close()
    await until_seen(lambda: runs() == {older, living}, "the dead run's objects are gone", within=PATIENCE)

    engine = await connect()
    try:
        info = await engine.inspect(node)
        assert info is not None
        labels = cleanup_label(removal(LABEL + "," + LABEL + "!={keep_run}"))
        await remove_inner_leftovers(engine, dataclasses.replace(info, labels=labels), living)
    finally:
        await engine.close()
    assert runs() == {living}
