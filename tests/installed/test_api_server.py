"""What is published, before the judge whose word counts: a real API server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.charts.test_formats import GIVEN, everything
from tests.support.all_workloads import all_workloads
from tests.support.charts import built
from tests.support.cluster import COMING_UP, Cluster
from tests.support.waiting import until_seen

from fairlead.publish.publisher import publish

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "testbed" / "gateway-api-crds.yaml"

pytestmark = [pytest.mark.k3s, pytest.mark.timeout(900)]


@pytest.fixture
def gateway_api(request: pytest.FixtureRequest) -> str:
    """The kinds of the Gateway API: a file that FAIRLEAD_TEST_GATEWAY_API names, or that of a test bed beside us."""
    file = Path(os.environ.get("FAIRLEAD_TEST_GATEWAY_API") or BESIDE)
    if file.exists():
        return file.read_text()
    missing = "the definitions of the Gateway API are needed: FAIRLEAD_TEST_GATEWAY_API names their file"
    if "k3s" in request.config.getoption("--require"):
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


async def test_every_object_is_accepted(cluster: Cluster, gateway_api: str, tmp_path: Path) -> None:
    """The API server must take every kind of object that there is, with a Gateway, its routes and TLS among them."""
    publish(built(lambda app: everything(app, "judged")), tmp_path, format="manifests", values=GIVEN)
    files = sorted(tmp_path.rglob("*.yaml"))
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.kubectl("apply", "--server-side", "--filename", "-", given=gateway_api)
    cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=200s")
    cluster.kubectl("create", "namespace", "judged")

    documents = "---\n".join(file.read_text() for file in files)
    said = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "--filename", "-", given=documents)

    assert len(said.splitlines()) == len(files)
    assert "gateway.gateway.networking.k8s.io/gate created" in said
    assert "httproute.gateway.networking.k8s.io/gate created" in said


async def test_a_restricted_namespace_takes_every_pod(cluster: Cluster, tmp_path: Path) -> None:
    """With the profile set, a namespace that enforces ``restricted`` must take the pods of each kind of workload."""
    values = {"podSecurity": {"profile": "restricted"}, "secrets": {"key": "k", "pg-password": "p"}}
    publish(all_workloads.build("publish"), tmp_path, format="manifests", values=values)
    objects = [yaml.safe_load(file.read_text()) for file in sorted(tmp_path.rglob("*.yaml"))]
    pods = [pod for content in objects for pod in pods_of(content)]
    assert len(pods) == 14
    await until_seen(cluster.is_up, "the cluster is up", within=COMING_UP)
    cluster.kubectl("create", "namespace", "restricted")
    cluster.kubectl("label", "namespace", "restricted", "pod-security.kubernetes.io/enforce=restricted")
    accounts = [content for content in objects if content["kind"] == "ServiceAccount"]
    cluster.kubectl("apply", "--namespace", "restricted", "--filename", "-", given=listed(accounts))

    said = cluster.kubectl(
        "create", "--dry-run=server", "--namespace", "restricted", "--filename", "-", given=listed(pods)
    )

    assert len(said.splitlines()) == len(pods)


def pods_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """A pod as the controller would create it; none of what is no controller."""
    spec = content.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    if template is None:
        return []
    claims = [claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", ())]
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]
    pod = {**template["spec"], "volumes": [*template["spec"].get("volumes", ()), *volumes]}
    return [{"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "judged-"}, "spec": pod}]


def listed(contents: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": contents})
