"""What speaks against a cluster on a machine, before it starts. Pure judgements on what was seen of that machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from fairlead.drivers.finding import Finding, Result
from fairlead.engines.containers import NetworkInfo
from fairlead.engines.engine_facts import EngineFacts
from fairlead.engines.host_facts import HostFacts, Route
from fairlead.resources.k3s.server import DEFAULT_POD_SUBNET, DEFAULT_SERVICE_SUBNET, K3sServer

Subnet = IPv4Network | IPv6Network

_MIB: Final = 1 << 20
_GIB: Final = 1 << 30
SERVER_MEMORY: Final = 768 * _MIB
AGENT_MEMORY: Final = 384 * _MIB
"""Bytes that nodes use before any pod of the user's (K3s documentation, "Resource Profiling")."""
LITTLE_SPACE: Final = 4 * _GIB
"""Bytes that the images of a cluster and of what is installed in it need soon."""
NO_SPACE: Final = 512 * _MIB
EVICTS_BELOW: Final = 0.01
"""The part of a disk below which a node evicts its pods, as ``workarounds`` has it."""
NODE_INSTANCES: Final = 64
NODE_WATCHES: Final = 16384
"""What a node with some dozens of pods uses of the kernel's inotify; all containers of a machine share its limits."""
_RAISE_INOTIFY: Final = "Run: sudo sysctl -w fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlan:
    """What there is to know of a cluster for this.

    Args:
        name: Its name.
        nodes: How many nodes it has.
        pod_subnet: Where its pods get addresses.
        service_subnet: Where its services get addresses.
        network: The subnets of the network that its nodes join; empty while that does not exist.
    """

    name: str
    nodes: int = 1
    pod_subnet: str = DEFAULT_POD_SUBNET
    service_subnet: str = DEFAULT_SERVICE_SUBNET
    network: tuple[str, ...] = ()

    @classmethod
    def of(cls, cluster: K3sServer, network: Sequence[str] = ()) -> ClusterPlan:
        """The plan of a declared cluster.

        Args:
            cluster: The cluster.
            network: The subnets of the network that its nodes join.
        """
        return cls(
            name=cluster.name,
            nodes=1 + len(cluster.agents),
            pod_subnet=cluster.pod_subnet or DEFAULT_POD_SUBNET,
            service_subnet=cluster.service_subnet or DEFAULT_SERVICE_SUBNET,
            network=tuple(network),
        )


def judge_machine(facts: EngineFacts, host: HostFacts | None, nodes: int) -> list[Finding]:
    """What speaks against nodes on a machine.

    Args:
        facts: What the engine says.
        host: What this machine has; None where the engine does not run on it.
        nodes: How many nodes are to run.
    """
    return [
        *_control_groups(facts),
        *_memory(facts, host, nodes),
        *(_space(host, facts.root_folder) if host is not None else ()),
        *(_inotify(host, nodes) if host is not None else ()),
    ]


def judge_subnets(plan: ClusterPlan, host: HostFacts | None, networks: Sequence[NetworkInfo]) -> list[Finding]:
    """What speaks against a cluster's ranges of addresses.

    Args:
        plan: The cluster.
        host: What this machine has; None where the engine does not run on it.
        networks: The engine's networks.
    """
    own = _parsed(plan.network)
    engine = _parsed(subnet for network in networks for subnet in network.subnets)
    bridges = {*own, *engine}  # which are routes of this machine, too
    routes = [route for route in host.routes if route.subnet not in bridges] if host is not None else []
    servers = host.dns_servers if host is not None else ()
    taken = [*own, *engine, *(route.subnet for route in routes)]
    findings: list[Finding] = []
    for label, method, cidr, other in (
        ("pods", "with_pod_subnet", plan.pod_subnet, plan.service_subnet),
        ("services", "with_service_subnet", plan.service_subnet, plan.pod_subnet),
    ):
        for subnet in _parsed(cidr.split(",")):
            text = f"{plan.name}: the range {subnet} of its {label}"
            for result, clash in _clashes(subnet, own or engine, bool(own), routes, servers):
                free = free_subnet([*taken, *_parsed(other.split(","))])
                remedy = f'Choose another range: {method}("{free}").'
                findings.append(Finding("Subnets", result, f"{text} {clash}", remedy))
    return findings


def free_subnet(taken: Iterable[Subnet]) -> str:
    """A private range of 65,536 addresses that none of those that are taken touches."""
    occupied = [subnet for subnet in taken if subnet.version == 4]
    candidates = (
        IPv4Network(f"{first}.{second}.0.0/16")
        for first, seconds in ((10, (*range(52, 256), *range(52))), (172, range(16, 32)), (100, range(64, 128)))
        for second in seconds
    )
    return str(
        next((one for one in candidates if not any(one.overlaps(subnet) for subnet in occupied)), "10.52.0.0/16")
    )


def _clashes(
    subnet: Subnet, networks: Sequence[Subnet], networks_are_own: bool, routes: Sequence[Route], servers: Sequence[str]
) -> Iterator[tuple[Result, str]]:
    """The worst clash of a range, if there is any."""
    if clash := _overlapping(subnet, networks):
        if networks_are_own:
            yield "problem", f"overlaps {clash}, which the app's network has"
        else:
            yield "note", f"overlaps {clash}, where the engine has a network: the app's own may come to be there too"
    elif server := next((one for one in servers if ip_address(one) in subnet), None):
        yield "note", f"has the name server {server} of this machine in it, so that its pods can't ask that"
    elif route := next((one for one in routes if _overlapping(subnet, [one.subnet])), None):
        yield "note", f"overlaps {route.subnet}, where this machine's {route.interface} leads: pods can't reach that"


def _overlapping(subnet: Subnet, others: Iterable[Subnet]) -> Subnet | None:
    return next((one for one in others if one.version == subnet.version and one.overlaps(subnet)), None)


def _parsed(subnets: Iterable[str]) -> list[Subnet]:
    """Those that are ranges of addresses; what a definition has wrong it says itself."""
    found = []
    for subnet in subnets:
        try:
            found.append(ip_network(subnet, strict=False))
        except ValueError:
            continue
    return found


def _control_groups(facts: EngineFacts) -> Iterator[Finding]:
    if facts.is_rootless and facts.cgroup_version == 1:
        text = "the engine runs without root's rights, and its machine has control groups of version 1"
        yield Finding("Cgroups", "problem", text, "Boot it with version 2, or use an engine that runs as root.")
        return
    missing = sorted({"memory", "pids"} - facts.limits) if facts.limits or facts.is_rootless else []
    if missing:
        text = f"the engine can't limit {' and '.join(missing)} of containers, without which a node does not start"
        remedy = "Delegate its control groups: https://rootlesscontaine.rs/getting-started/common/cgroup2/"
        if not facts.is_rootless:
            remedy = "Enable the controllers: cgroup_enable=memory on the kernel's command line."
        yield Finding("Cgroups", "problem", text, remedy)


def _memory(facts: EngineFacts, host: HostFacts | None, nodes: int) -> Iterator[Finding]:
    needed = SERVER_MEMORY + (nodes - 1) * AGENT_MEMORY
    counted = "a node needs" if nodes == 1 else f"{nodes} nodes need"
    if 0 < facts.memory < needed:
        text = f"the engine has {_size(facts.memory)} of memory, and {counted} {_size(needed)} before any pod"
        yield Finding("Memory", "note", text, "Give the engine's machine more, or have fewer agents.")
    elif host is not None and host.memory_available is not None and host.memory_available < needed:
        text = f"{_size(host.memory_available)} of memory are left, and {counted} {_size(needed)} before any pod"
        yield Finding("Memory", "note", text, "End other programs, or have fewer agents.")


def _space(host: HostFacts, folder: str) -> Iterator[Finding]:
    if host.disk_free is None or not host.disk_total:
        return
    text = f"{_size(host.disk_free)} are free where the engine keeps its data ({folder})"
    remedy = "Make room, for example by docker system prune."
    if host.disk_free < NO_SPACE or host.disk_free < EVICTS_BELOW * host.disk_total:
        yield Finding("Space", "problem", f"only {text}: a node would evict its pods at once", remedy)
    elif host.disk_free < LITTLE_SPACE:
        yield Finding("Space", "note", f"only {text}", remedy)


def _inotify(host: HostFacts, nodes: int) -> Iterator[Finding]:
    instances, watches = host.inotify_instances, host.inotify_watches
    too_low = []
    if instances is not None and instances < NODE_INSTANCES * (nodes + 1):  # as many again are this machine's own
        too_low.append(f"{instances} inotify instances")
    if watches is not None and watches < NODE_WATCHES * nodes:
        too_low.append(f"{watches} inotify watches")
    if too_low:
        text = f"this machine gives a user {' and '.join(too_low)}, which is few for {nodes} nodes and their pods"
        if nodes == 1:
            text = text.replace("1 nodes and their", "a node and its")
        yield Finding("Inotify", "note", text, f"{_RAISE_INOTIFY}.")


def _size(count: int) -> str:
    return f"{count / _GIB:.1f} GiB" if count >= _GIB else f"{count / _MIB:.0f} MiB"
