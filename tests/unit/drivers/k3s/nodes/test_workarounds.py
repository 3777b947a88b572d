"""What a node needs because of the machine and the engine that it runs on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.container_options import option_problem
from fairlead.drivers.k3s.nodes.workarounds import (
    CA_BUNDLE,
    RESOLV_CONF,
    NodeAdditions,
    NodeSetting,
    node_workarounds,
)
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.host_facts import HostFacts
from fairlead.resources.k3s.cluster import K3sCluster

GIB = 1 << 30
ENGINE = EngineFacts(is_local=True, cgroup_version=2, memory=8 * GIB, filesystem="extfs")
DOCKER = replace(ENGINE, dns_on_loopback=True)
HOST = HostFacts(filesystem="ext4", dns_servers=("10.0.0.2",))
FALLBACK = "nameserver 8.8.8.8\nnameserver 2001:4860:4860::8888\n"
ALONE = NodeSetting()
ALWAYS = ("--privileged", "--cgroupns=private", "--tmpfs=/run", "--tmpfs=/var/run")


def additions(
    facts: EngineFacts = ENGINE,
    host: HostFacts | None = HOST,
    cluster: K3sCluster | None = None,
    setting: NodeSetting = ALONE,
) -> NodeAdditions:
    return node_workarounds(facts, cluster or K3sCluster("k8s"), host, setting)


def kubelet(facts: EngineFacts, setting: NodeSetting = ALONE) -> list[str]:
    arguments = additions(facts, setting=setting).arguments
    return [argument.removeprefix("--kubelet-arg=") for argument in arguments if "eviction" not in argument]


def test_a_common_machine() -> None:
    """On a machine without peculiarities a node needs its container and room on the disk, and nothing else."""
    assert additions() == NodeAdditions(
        arguments=(
            "--kubelet-arg=eviction-hard=imagefs.available<1%,nodefs.available<1%",
            "--kubelet-arg=eviction-minimum-reclaim=imagefs.available=1%,nodefs.available=1%",
        ),
        options=ALWAYS,
    )


@pytest.mark.parametrize(
    "facts",
    [ENGINE, DOCKER, replace(ENGINE, cgroup_version=1), replace(ENGINE, is_local=False), EngineFacts(is_rootless=True)],
)
def test_control_groups_of_its_own(facts: EngineFacts) -> None:
    """A node must never share control groups with the machine or another node, whatever the engine (D-01)."""
    found = additions(facts)
    assert found.options[:4] == ALWAYS
    assert not any("cgroup" in option and option != "--cgroupns=private" for option in found.options)
    assert not any(option.startswith("--init") for option in found.options)  # k3s has to be the first process


@pytest.mark.parametrize(
    ("facts", "arguments"),
    [
        (ENGINE, []),
        (replace(ENGINE, cgroup_version=1), ["fail-cgroupv1=false"]),
        (replace(ENGINE, cgroup_version=0), []),
        (replace(ENGINE, is_rootless=True), ["feature-gates=KubeletInUserNamespace=true"]),
    ],
)
def test_the_kubelet(facts: EngineFacts, arguments: list[str]) -> None:
    """A kubelet must be told to bear control groups of version 1, only there, and a user namespace (D-30)."""
    assert kubelet(facts) == arguments


@pytest.mark.parametrize(
    ("limit", "arguments"),
    [
        (None, []),
        (2 * GIB, [f"system-reserved=memory={6 * GIB}"]),
        (8 * GIB - 1, ["system-reserved=memory=1"]),
        (8 * GIB, []),
        (16 * GIB, []),
        (0, []),
    ],
)
def test_a_node_with_less_memory_than_its_machine(limit: int | None, arguments: list[str]) -> None:
    """A node must promise pods only the memory that its container may use."""
    assert kubelet(ENGINE, NodeSetting(memory_limit=limit)) == arguments


@pytest.mark.parametrize(
    ("filesystem", "devices", "snapshotter"),
    [
        ("ext4", {"/dev/fuse"}, None),
        ("xfs", {"/dev/fuse"}, None),
        ("btrfs", {"/dev/fuse"}, None),
        ("", {"/dev/fuse"}, None),
        ("zfs", {"/dev/fuse"}, "native"),
        ("overlay", {"/dev/fuse"}, "fuse-overlayfs"),
        ("overlay", set(), "native"),
        ("fuse.fuse-overlayfs", {"/dev/fuse"}, "fuse-overlayfs"),
    ],
)
def test_how_images_are_unpacked(filesystem: str, devices: set[str], snapshotter: str | None) -> None:
    """Where overlayfs can't work another snapshotter must be chosen, and said; anywhere else k3s's own stays."""
    facts = replace(ENGINE, filesystem="")
    found = additions(facts, HostFacts(filesystem=filesystem, devices=frozenset(devices)))
    chosen = [argument for argument in found.arguments if argument.startswith("--snapshotter")]
    assert chosen == ([f"--snapshotter={snapshotter}"] if snapshotter else [])
    assert all(f"{filesystem}, which can't carry overlayfs" in note for note in found.notes)
    assert len(found.notes) == len(chosen)


def test_a_snapshotter_of_ones_own() -> None:
    """What the definition chooses must not be chosen again."""
    host = HostFacts(filesystem="zfs")
    found = additions(host=host, setting=NodeSetting(arguments=("--snapshotter=zfs",)))
    assert not any("snapshotter" in argument for argument in found.arguments)
    assert found.notes == ()


def test_the_storage_of_an_engine_elsewhere() -> None:
    """Of an engine that runs elsewhere only its own words count."""
    facts = replace(ENGINE, is_local=False, filesystem="overlayfs")
    found = additions(facts, HostFacts(filesystem="ext4", devices=frozenset({"/dev/fuse"})))
    assert "--snapshotter=native" in found.arguments


@pytest.mark.parametrize(
    ("filesystem", "devices", "is_mounted"),
    [
        ("btrfs", {"/dev/mapper"}, True),
        ("xfs", {"/dev/mapper"}, True),
        ("ext4", {"/dev/mapper"}, False),
        ("btrfs", set(), False),
    ],
)
def test_disks_behind_the_device_mapper(filesystem: str, devices: set[str], is_mounted: bool) -> None:
    """The kubelet must find the disk it is on, where its filesystem names it by the device mapper."""
    found = additions(host=HostFacts(filesystem=filesystem, devices=frozenset(devices)))
    assert ("--volume=/dev/mapper:/dev/mapper" in found.options) == is_mounted


def test_an_engine_with_users_of_its_own() -> None:
    """An engine that remaps users must be asked not to, as it refuses a privileged container otherwise."""
    assert "--userns=host" in additions(replace(ENGINE, remaps_users=True)).options


@pytest.mark.parametrize(
    ("facts", "host", "text"),
    [
        (DOCKER, HostFacts(dns_servers=("10.0.0.2",)), "nameserver 10.0.0.2\n"),
        (
            DOCKER,
            HostFacts(dns_servers=("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"), dns_search=("corp.test", "a.test")),
            "nameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\nsearch corp.test a.test\n",
        ),
        (DOCKER, HostFacts(dns_search=("corp.test",)), FALLBACK),  # all of its servers are on loopback
        (ENGINE, HostFacts(dns_servers=("10.0.0.2",)), None),
        (replace(DOCKER, is_local=False), HostFacts(dns_servers=("10.0.0.2",)), FALLBACK),
        (DOCKER, None, FALLBACK),
    ],
)
def test_name_servers(facts: EngineFacts, host: HostFacts | None, text: str | None) -> None:
    """Pods must ask the name servers of this machine where they can't ask the engine's, and may change (D-25)."""
    found = additions(facts, host)
    assert [(file.path, file.contents) for file in found.files] == ([(RESOLV_CONF, text)] if text else [])
    assert found.environment.get("K3S_RESOLV_CONF") == (RESOLV_CONF if text else None)
    assert found.learns_name_servers == (text is FALLBACK)
    assert found.volatile == ({f"file {RESOLV_CONF}", "variable K3S_RESOLV_CONF"} if text else set())


def test_proxies() -> None:
    """Nodes must go through this machine's proxies, but not to the cluster, its nodes and the app's resources."""
    cluster = K3sCluster("k8s", agent_count=1).with_service_subnet("10.96.0.0/12,fd00:43::/112")
    host = HostFacts(
        proxies={
            "HTTP_PROXY": "http://proxy.test:3128",
            "HTTPS_PROXY": "http://u:p4ss@proxy.test:3128",
            "NO_PROXY": "a",
        }
    )
    found = additions(ENGINE, host, cluster, NodeSetting(names=("cache", "Api"), subnets=("172.20.0.0/16",)))
    without = found.environment["NO_PROXY"].split(",")
    assert found.environment["HTTP_PROXY"] == "http://proxy.test:3128"
    assert found.environment["HTTPS_PROXY"] == "http://u:p4ss@proxy.test:3128"
    expected = ("a", "localhost", "127.0.0.0/8", "10.42.0.0/16", "10.96.0.0/12", "fd00:43::/112", ".svc")
    assert without[0] == "a"
    assert {*expected, ".cluster.local", "172.20.0.0/16", "k8s", "k8s-agent-0", "cache", "api"} <= {*without}
    assert found.secrets == ("p4ss",)
    assert found.volatile == {f"variable {name}" for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")}


@pytest.mark.parametrize(
    ("facts", "host", "environment"),
    [
        (replace(ENGINE, http_proxy="http://engine:1"), HOST, "http://engine:1"),
        (
            replace(ENGINE, http_proxy="http://engine:1"),
            HostFacts(proxies={"HTTP_PROXY": "http://own:1"}),
            "http://own:1",
        ),
        (
            replace(ENGINE, http_proxy="http://engine:1", is_local=False),
            HostFacts(proxies={"HTTP_PROXY": "http://own:1"}),
            "http://engine:1",
        ),
        (ENGINE, HOST, None),
    ],
)
def test_whose_proxy(facts: EngineFacts, host: HostFacts, environment: str | None) -> None:
    """The user's proxy must win over the engine's, but not for an engine that runs elsewhere."""
    assert additions(facts, host).environment.get("HTTP_PROXY") == environment


@pytest.mark.parametrize("url", ["http://localhost:3128", "127.0.0.1:3128", "http://[::1]:1"])
def test_a_proxy_on_loopback(url: str) -> None:
    """A proxy that nodes can't reach must not be given to them, and that must be said with a way out."""
    found = additions(host=HostFacts(proxies={"HTTPS_PROXY": url}))
    assert dict(found.environment) == {}
    assert found.notes == (
        "The proxy of HTTPS_PROXY listens on this machine's loopback, where nodes can't reach it: they do without. "
        "Give it an address of the network, or set HTTPS_PROXY with with_environment()",
    )


@pytest.mark.parametrize(
    ("proxies", "is_chosen", "is_given"),
    [
        ({"HTTP_PROXY": "http://p:1"}, False, True),
        ({}, True, True),
        ({}, False, False),
        ({"HTTP_PROXY": "http://localhost:1"}, False, False),
    ],
)
def test_certificates(proxies: dict[str, str], is_chosen: bool, is_given: bool) -> None:
    """Nodes must trust what this machine does, where a proxy may look into their traffic or the user asks for it."""
    host = HostFacts(proxies=proxies, ca_bundle=Path("/etc/ssl/own.crt"), ca_is_chosen=is_chosen)
    found = additions(host=host)
    assert found.environment.get("SSL_CERT_FILE") == (CA_BUNDLE if is_given else None)
    assert [(file.path, file.source) for file in found.files] == ([(CA_BUNDLE, "/etc/ssl/own.crt")] if is_given else [])


def test_a_little_more_memory_makes_no_other_node() -> None:
    """What a machine has differs from boot to boot; a node must be told the same."""
    setting = NodeSetting(memory_limit=2 * GIB)
    told = [kubelet(replace(ENGINE, memory=8 * GIB + more), setting) for more in (4096, 50 << 20)]
    assert told[0] == told[1] == [f"system-reserved=memory={6 * GIB}"]


def test_the_options_are_ones_that_engines_know() -> None:
    """Every option must be one that a container can be created with."""
    facts = replace(ENGINE, remaps_users=True)
    host = HostFacts(filesystem="btrfs", devices=frozenset({"/dev/mapper"}))
    assert [option_problem(option) for option in additions(facts, host).options] == [None] * 6
