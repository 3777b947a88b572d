"""The command lines of nodes."""

from __future__ import annotations

import pytest

from fairlead import AppBuilder, Apphost
from fairlead.drivers.k3s.nodes.node_arguments import agent_arguments, memory_limit, server_arguments
from fairlead.resources.k3s import K3sCluster


def cluster() -> K3sCluster:
    """A cluster whose agent was declared before its options."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_k3s_cluster("Dev_Cluster", agent_count=1)
        k8s.with_pod_subnet("10.52.0.0/16").with_service_subnet("10.53.0.0/16")
        k8s.with_disabled_component("traefik").with_disabled_component("traefik")
        k8s.with_extra_arg("--kubelet-arg=max-pods=50").with_agent_arg("--node-label=disk=fast")

    found = Apphost(define, name="shop", file="apphost.py").build()["Dev_Cluster"]
    assert isinstance(found, K3sCluster)
    return found


def test_a_server_is_told_what_the_definition_says() -> None:
    """Options must come as k3s's own flags, and the definition's arguments last, so that they win."""
    arguments = server_arguments(cluster(), ["dev-cluster"], ["--snapshotter=native"])
    assert arguments == (
        "server",
        "--node-name=dev-cluster",
        "--tls-san=127.0.0.1",
        "--tls-san=localhost",
        "--tls-san=::1",
        "--tls-san=dev-cluster",
        "--cluster-cidr=10.52.0.0/16",
        "--service-cidr=10.53.0.0/16",
        "--cluster-dns=10.53.0.10",
        "--disable=traefik",
        "--snapshotter=native",
        "--kubelet-arg=max-pods=50",
    )


@pytest.mark.parametrize(
    ("subnet", "own", "dns"),
    [
        ("10.53.0.0/16", "", ["--cluster-dns=10.53.0.10"]),
        ("10.53.0.0/16,fd53::/112", "", ["--cluster-dns=10.53.0.10,fd53::a"]),
        ("10.53.0.0/16", "--cluster-dns=10.53.9.9", ["--cluster-dns=10.53.9.9"]),
        ("", "", []),
    ],
)
def test_the_dns_is_in_the_subnet_of_services(subnet: str, own: str, dns: list[str]) -> None:
    """CoreDNS must have an address of the services' own range, unless the definition gives it one."""
    k8s = K3sCluster("k8s")
    if subnet:
        k8s.with_service_subnet(subnet)
    if own:
        k8s.with_extra_arg(own)
    assert [argument for argument in server_arguments(k8s, []) if argument.startswith("--cluster-dns")] == dns


def test_the_name_of_a_node_is_the_same_in_every_run() -> None:
    """It must come from the definition, and never from a container's id."""
    k8s = cluster()
    arguments = agent_arguments(k8s.agents[0], k8s.agent_arguments, ["--snapshotter=native"])
    assert arguments == ("agent", "--node-name=dev-cluster-agent-0", "--snapshotter=native", "--node-label=disk=fast")


@pytest.mark.parametrize(
    ("options", "limit"),
    [((), None), (("--cpus=2",), None), (("--memory=1g", "-m=512m"), 512 << 20), (("--memory=0",), None)],
)
def test_what_memory_a_node_may_use(options: tuple[str, ...], limit: int | None) -> None:
    """The last limit among the container's options counts, in whichever spelling."""
    assert memory_limit(options) == limit
