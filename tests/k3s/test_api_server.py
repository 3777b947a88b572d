"""What is published, before the judge whose word counts: a real API server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.charts.test_formats import GIVEN, everything
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
