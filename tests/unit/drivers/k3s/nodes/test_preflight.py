"""What speaks against a cluster on a machine, before it starts."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.nodes.preflight import ClusterPlan, free_subnet, judge_machine, judge_subnets
from fairlead.engines.containers import NetworkInfo
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.host_facts import HostFacts, Route
from fairlead.resources.k3s.cluster import K3sCluster

MIB, GIB = 1 << 20, 1 << 30
ENGINE = EngineFacts(
    is_local=True,
    cgroup_version=2,
    limits=frozenset({"memory", "cpu", "cpuset", "pids"}),
    memory=8 * GIB,
    root_folder="/var/lib/docker",
)
HOST = HostFacts(
    inotify_instances=1024,
    inotify_watches=524288,
    disk_free=50 * GIB,
    disk_total=200 * GIB,
    memory_available=6 * GIB,
)
PLAN = ClusterPlan(name="k8s", network=("172.20.0.0/16",))


def judged(facts: EngineFacts = ENGINE, host: HostFacts | None = HOST, nodes: int = 1) -> list[tuple[str, str]]:
    findings = judge_machine(facts, host, nodes)
    assert all(finding.remedy.endswith((".", "/")) for finding in findings)
    return [(finding.result, finding.text) for finding in findings]


def route(subnet: str, interface: str = "tun0") -> Route:
    return Route(subnet=ip_network(subnet), interface=interface)


def network(*subnets: str) -> NetworkInfo:
    return NetworkInfo("1", "other", None, {}, subnets)


def test_a_good_machine() -> None:
    """Of a machine that has all there is nothing to say, and nothing of one that says nothing of itself."""
    assert judged(nodes=3) == []
    assert judged(EngineFacts(), HostFacts()) == []
    assert judged(EngineFacts(), None) == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(ENGINE, cgroup_version=1), []),
        (replace(ENGINE, is_rootless=True), []),
        (
            replace(ENGINE, is_rootless=True, cgroup_version=1),
            ["the engine runs without root's rights, and its machine has control groups of version 1"],
        ),
        (
            replace(ENGINE, limits=frozenset({"cpu"})),
            ["the engine can't limit memory and pids of containers, without which a node does not start"],
        ),
        (
            replace(ENGINE, is_rootless=True, limits=frozenset({"memory"})),
            ["the engine can't limit pids of containers, without which a node does not start"],
        ),
        (
            replace(ENGINE, is_rootless=True, limits=frozenset()),
            ["the engine can't limit memory and pids of containers, without which a node does not start"],
        ),
    ],
)
def test_control_groups(facts: EngineFacts, words: list[str]) -> None:
    """Control groups without which a kubelet ends must be a problem; version 1 alone is none."""
    assert judged(facts) == [("problem", text) for text in words]


@pytest.mark.parametrize(
    ("free", "total", "result", "words"),
    [
        (50 * GIB, 200 * GIB, None, ""),
        (3 * GIB, 100 * GIB, "note", "only 3.0 GiB are free where the engine keeps its data (/var/lib/docker)"),
        (
            100 * MIB,
            8 * GIB,
            "problem",
            "only 100 MiB are free where the engine keeps its data (/var/lib/docker): a node would evict its pods at "
            "once",
        ),
        (
            9 * GIB,
            1000 * GIB,
            "problem",
            "only 9.0 GiB are free where the engine keeps its data (/var/lib/docker): a node would evict its pods at "
            "once",
        ),
    ],
)
def test_the_disk(free: int, total: int, result: str | None, words: str) -> None:
    """A disk on which a node would evict its pods must be a problem, one that is soon full a note."""
    assert judged(host=replace(HOST, disk_free=free, disk_total=total)) == ([(result, words)] if result else [])


@pytest.mark.parametrize(
    ("instances", "watches", "nodes", "words"),
    [
        (128, 524288, 1, ""),
        (
            128,
            524288,
            2,
            "this machine gives a user 128 inotify instances, which is few for 2 nodes and their pods",
        ),
        (1024, 8192, 1, "this machine gives a user 8192 inotify watches, which is few for a node and its pods"),
        (
            64,
            8192,
            2,
            "this machine gives a user 64 inotify instances and 8192 inotify watches, which is few for 2 nodes and "
            "their pods",
        ),
    ],
)
def test_inotify(instances: int, watches: int, nodes: int, words: str) -> None:
    """Limits that are too low must be a note with the command that raises them: they belong to the machine (D-25)."""
    host = replace(HOST, inotify_instances=instances, inotify_watches=watches)
    findings = judge_machine(ENGINE, host, nodes)
    assert [finding.text for finding in findings] == ([words] if words else [])
    assert all(finding.result == "note" for finding in findings)
    assert all("sudo sysctl -w fs.inotify.max_user_instances=1024" in finding.remedy for finding in findings)


@pytest.mark.parametrize(
    ("memory", "available", "nodes", "words"),
    [
        (8 * GIB, 6 * GIB, 3, ""),
        (1 * GIB, 1 * GIB, 2, "the engine has 1.0 GiB of memory, and 2 nodes need 1.1 GiB before any pod"),
        (512 * MIB, 512 * MIB, 1, "the engine has 512 MiB of memory, and a node needs 768 MiB before any pod"),
        (8 * GIB, 700 * MIB, 1, "700 MiB of memory are left, and a node needs 768 MiB before any pod"),
    ],
)
def test_memory(memory: int, available: int, nodes: int, words: str) -> None:
    """Less memory than nodes use must be a note; whether it is enough only shows."""
    found = judged(replace(ENGINE, memory=memory), replace(HOST, memory_available=available), nodes)
    assert found == ([("note", words)] if words else [])


SHADOWED = "of its pods overlaps 10.0.0.0/8, where this machine's tun0 leads: pods can't reach that"


@pytest.mark.parametrize(
    ("plan", "host", "networks", "findings"),
    [
        (PLAN, HOST, [network("172.17.0.0/16"), network("172.20.0.0/16")], []),
        (
            replace(PLAN, pod_subnet="172.20.0.0/20"),
            HOST,
            [network("172.20.0.0/16")],
            [
                Finding(
                    "Subnets",
                    "problem",
                    "k8s: the range 172.20.0.0/20 of its pods overlaps 172.20.0.0/16, which the app's network has",
                    'Choose another range: with_pod_subnet("10.52.0.0/16").',
                )
            ],
        ),
        (
            replace(PLAN, service_subnet="172.20.3.0/24"),
            None,
            [],
            [
                Finding(
                    "Subnets",
                    "problem",
                    "k8s: the range 172.20.3.0/24 of its services overlaps 172.20.0.0/16, which the app's network has",
                    'Choose another range: with_service_subnet("10.52.0.0/16").',
                )
            ],
        ),
        (
            PLAN,
            replace(HOST, routes=(route("10.0.0.0/8"), route("192.0.2.0/24", "eth0"))),
            [],
            [
                Finding(
                    "Subnets",
                    "note",
                    f"k8s: the range 10.42.0.0/16 {SHADOWED}",
                    'Choose another range: with_pod_subnet("172.16.0.0/16").',
                ),
                Finding(
                    "Subnets",
                    "note",
                    f"k8s: the range 10.43.0.0/16 {SHADOWED.replace('pods', 'services', 1)}",
                    'Choose another range: with_service_subnet("172.16.0.0/16").',
                ),
            ],
        ),
        (  # the bridges of the engine are routes of this machine, too; of other apps nothing is to be reached
            replace(PLAN, pod_subnet="172.17.0.0/16"),
            replace(HOST, routes=(route("172.17.0.0/16", "docker0"),)),
            [network("172.17.0.0/16")],
            [],
        ),
        (
            replace(PLAN, pod_subnet="172.17.0.0/16", network=()),
            HOST,
            [network("172.17.0.0/16")],
            [
                Finding(
                    "Subnets",
                    "note",
                    "k8s: the range 172.17.0.0/16 of its pods overlaps 172.17.0.0/16, where the engine has a network: "
                    "the app's own may come to be there too",
                    'Choose another range: with_pod_subnet("10.52.0.0/16").',
                )
            ],
        ),
        (
            PLAN,
            replace(HOST, dns_servers=("10.1.1.1", "10.43.0.2")),
            [],
            [
                Finding(
                    "Subnets",
                    "note",
                    "k8s: the range 10.43.0.0/16 of its services has the name server 10.43.0.2 of this machine in it, "
                    "so that its pods can't ask that",
                    'Choose another range: with_service_subnet("10.52.0.0/16").',
                )
            ],
        ),
        (
            replace(PLAN, pod_subnet="10.42.0.0/16,fd42::/48"),
            replace(HOST, routes=(route("fd00::/8"),)),
            [network("not a subnet")],
            [
                Finding(
                    "Subnets",
                    "note",
                    "k8s: the range fd42::/48 of its pods overlaps fd00::/8, where this machine's tun0 leads: pods "
                    "can't reach that",
                    'Choose another range: with_pod_subnet("10.52.0.0/16").',
                )
            ],
        ),
    ],
)
def test_subnets(
    plan: ClusterPlan, host: HostFacts | None, networks: list[NetworkInfo], findings: list[Finding]
) -> None:
    """A range that the nodes' own network has must be a problem, one that hides something else a note; each with a
    range that is free."""
    assert judge_subnets(plan, host, networks) == findings


def test_a_free_subnet() -> None:
    """A range that is proposed must touch none that is taken."""
    assert free_subnet([]) == "10.52.0.0/16"
    assert (
        free_subnet([ip_network("10.0.0.0/8"), ip_network("172.16.0.0/15"), ip_network("fd00::/8")]) == "172.18.0.0/16"
    )
    assert free_subnet([ip_network("10.0.0.0/8"), ip_network("172.16.0.0/12")]) == "100.64.0.0/16"


def test_the_plan_of_a_cluster() -> None:
    """What is judged must be what the definition says, with k3s's own ranges where it says nothing."""
    assert ClusterPlan.of(K3sCluster("k8s")) == ClusterPlan(name="k8s")
    cluster = K3sCluster("k8s", agent_count=2).with_pod_subnet("10.52.0.0/16").with_service_subnet("10.53.0.0/16")
    assert ClusterPlan.of(cluster, ("10.1.0.0/24",)) == ClusterPlan(
        name="k8s", nodes=3, pod_subnet="10.52.0.0/16", service_subnet="10.53.0.0/16", network=("10.1.0.0/24",)
    )
