"""When a cluster counts as ready: its nodes of this run, its accounts, its DNS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fairlead import HealthStatus
from fairlead.drivers.k3s.nodes.readiness import ClusterView, Expected, judge, stale_nodes

STARTED = 1_800_000_000.0
ACCOUNT = {"metadata": {"name": "default"}}
DNS = {"status": {"availableReplicas": 1}}


def node(name: str, ready: str = "True", heard: float = STARTED + 5, message: str = "") -> dict[str, Any]:
    time = datetime.fromtimestamp(heard, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": time, "message": message}
    return {"metadata": {"name": name}, "status": {"conditions": [{"type": "MemoryPressure"}, condition]}}


def expected(*names: str, has_dns: bool = True, **problems: str) -> Expected:
    return Expected(dict.fromkeys(names, STARTED), problems, has_dns)


def view(*nodes: dict[str, Any], account: Any = ACCOUNT, dns: Any = DNS) -> ClusterView:
    return ClusterView(nodes, account, dns)


def test_it_is_ready_with_all_nodes_and_dns() -> None:
    """All nodes of this run, the default account and the DNS must be there, and nothing more."""
    health = judge(view(node("k8s"), node("k8s-agent-0"), node("foreign", "False")), expected("k8s", "k8s-agent-0"))
    assert health.status is HealthStatus.HEALTHY
    assert health.description == "2 nodes are ready"


@pytest.mark.parametrize(
    ("found", "wanted", "words"),
    [
        (view(), expected("k8s"), "0 of 1 nodes are ready: k8s has not joined"),
        (
            view(node("k8s")),
            expected("k8s", "a", a="the image is missing"),
            "1 of 2 nodes are ready: a has not joined (the image is missing)",
        ),
        (
            view(node("k8s", "False", message="container runtime is down")),
            expected("k8s"),
            "0 of 1 nodes are ready: k8s is not ready: container runtime is down",
        ),
        (view(node("k8s"), account=None), expected("k8s"), "its service accounts are not there yet"),
        (view(node("k8s"), dns=None), expected("k8s"), "its DNS is not up yet"),
        (view(node("k8s"), dns={"status": {}}), expected("k8s"), "its DNS is not up yet"),
    ],
)
def test_it_tells_what_is_missing(found: ClusterView, wanted: Expected, words: str) -> None:
    """What is not there must be named, with what is known of it."""
    assert judge(found, wanted).description == words


def test_a_node_of_an_earlier_run_is_not_taken_for_this_one() -> None:
    """The state that a data volume has kept says Ready of a node that has not reported since it was started."""
    health = judge(view(node("k8s", heard=STARTED - 20)), expected("k8s"))
    assert health.description == "0 of 1 nodes are ready: k8s has not reported yet"


def test_a_heartbeat_in_the_second_of_the_start_counts() -> None:
    """The API cuts fractions of seconds off."""
    wanted = Expected({"k8s": STARTED + 0.9}, {}, True)
    assert judge(view(node("k8s", heard=STARTED)), wanted).status is HealthStatus.HEALTHY


def test_a_cluster_without_coredns_needs_none() -> None:
    """With the component disabled, readiness must not wait for it."""
    assert judge(view(node("k8s"), dns=None), expected("k8s", has_dns=False)).status is HealthStatus.HEALTHY


def test_only_agents_that_are_gone_are_stale() -> None:
    """A node that works, or that is none of Fairlead's, must be left alone."""
    nodes = [node("k8s"), node("k8s-agent-0"), node("k8s-agent-1", "Unknown"), node("gpu", "Unknown")]
    assert stale_nodes(nodes, ["k8s", "k8s-agent-0"], "k8s") == ["k8s-agent-1"]
