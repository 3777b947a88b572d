"""``fairlead kubeconfig`` with a running app, in which something else says where its kubeconfig is, as clusters do."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from tests.support.cli import Workplace

CLUSTER = """
from fairlead import DriverContext
from fairlead.model.driving.driver import FOREVER, Driver

class ClusterDriver(Driver):
    async def start(self, context: DriverContext) -> None:
        context.report(kubeconfig=str(Path(__file__).with_name("kubeconfig")))

    async def wait(self):
        return FOREVER

    async def stop(self, reason):
        return None
"""
KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: k8s, cluster: {server: "https://127.0.0.1:40001"}}]
users: [{name: k8s, user: {token: secret}}]
contexts: [{name: k8s, context: {cluster: k8s, user: k8s}}]
current-context: k8s
"""
DEFINITION = """
    from fairlead import Resource
    class Cluster(Resource):
        kind = "Cluster"
        driver = "driver:ClusterDriver"
    app.add(Cluster("k8s"))
    app.add_executable("api", "sleep", ".", "1000")
"""


def test_a_kubeconfig_is_printed_and_merged(place: Workplace) -> None:
    """Its path must be all that is printed; merging must keep the user's file, and say how to use it."""
    (place.folder / "driver.py").write_text(f"from pathlib import Path\n{CLUSTER}")
    (place.folder / "kubeconfig").write_text(KUBECONFIG)
    place.write(DEFINITION)
    place.fairlead("run", "--detach")
    own = str(place.folder / "kubeconfig")

    assert place.fairlead("kubeconfig", "k8s").strip() == own
    assert json.loads(place.fairlead("kubeconfig", "K8S", "--json")) == {"kubeconfig": own, "context": None}

    users = place.folder / "config"
    users.write_text(KUBECONFIG.replace("k8s", "work"))
    merged = place.call("kubeconfig", "k8s", "--merge", KUBECONFIG=str(users))
    assert merged.stdout.strip() == str(users), merged.stderr
    context = merged.stderr.split("--context ")[1].split()[0]
    assert context.endswith("-k8s")
    content = yaml.safe_load(users.read_text())
    assert [entry["name"] for entry in content["contexts"]] == ["work", context]
    assert content["current-context"] == "work"
    place.fairlead("kubeconfig", "k8s", "--merge", "--use", KUBECONFIG=str(users))
    assert yaml.safe_load(users.read_text())["current-context"] == context

    refused = place.call("kubeconfig", "api")
    assert refused.returncode == 2
    assert "api: it has no kubeconfig" in refused.stderr and "Those that have one: k8s." in refused.stderr
    assert "--merge" in place.call("kubeconfig", "k8s", "--use").stderr
    Path(own).unlink()
    assert "Restart the cluster" in place.call("kubeconfig", "k8s", "--merge", KUBECONFIG=str(users)).stderr
