"""What can be wrong with the options of a cluster, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from itertools import product

from fairlead.model.names import listing, nearest
from fairlead.records import record

COMPONENTS = ("coredns", "servicelb", "traefik", "local-storage", "metrics-server")
_VERSION = r"v[0-9]+\.[0-9]+\.[0-9]+(?:-(?:alpha|beta|rc)[0-9]+)?-k3s[0-9]+(?:-[a-z0-9]+)?"
_OWN_FLAGS = {
    "--token": "The token is a generated parameter; give another one by its variable FAIRLEAD_PARAMETER_….",
    "--token-file": "The token is a generated parameter; give another one by its variable FAIRLEAD_PARAMETER_….",
    "--node-name": "A node is called as its resource; rename that.",
    "--server": "Agents join the server of their cluster.",
    "--data-dir": "Use with_data_volume() to keep the data.",
    "--https-listen-port": "Use api_server_port= for the port of this machine.",
    "--cluster-cidr": "Use with_pod_subnet().",
    "--service-cidr": "Use with_service_subnet().",
    "--disable": "Use with_disabled_component().",
    "--write-kubeconfig": "Refer to the cluster with with_reference(), or use cluster.kubeconfig.",
    "--cluster-init": "A cluster has one server, whose data is no etcd's.",
}


NODE_PREFIX = 24
"""The prefix of the range that a node takes of the pods' subnet, for its own pods."""
POD_SIZES = (8, NODE_PREFIX)
SERVICE_SIZES = (12, 28)
"""The prefixes of the largest and the smallest range that a cluster can have: a larger one the API server or the
controllers refuse, a smaller one has no room for a node, or for the DNS at its tenth address."""


@record
class Problem:
    """What is wrong, as the end of a sentence, and what to do about it."""

    message: str
    remedy: str


def version_problem(version: str) -> Problem | None:
    """What is wrong with a version of k3s; None for a tag that its image may have."""
    if re.fullmatch(_VERSION, version):
        return None
    guess = version.replace("+", "-")
    remedy = "Write it like a tag of the image: 'v1.36.0-k3s1'. For another image use with_image()."
    if re.fullmatch(_VERSION, guess):
        return Problem("which is how k3s calls the version, and not a tag of its image", f"Write {guess!r}.")
    return Problem("which is no version of k3s", remedy)


def subnet_problem(cidr: str) -> Problem | None:
    """What is wrong with a range of addresses, or with two of them and a comma between; None for good ones."""
    parts = cidr.split(",")
    try:
        networks = [ip_network(part) for part in parts]
    except ValueError as error:
        return Problem(f"which is no range of addresses: {error}", "Write it like '10.52.0.0/16'.")
    if len(parts) > 2 or (len(parts) == 2 and networks[0].version == networks[1].version):
        return Problem("which are too many ranges", "Give one, or an IPv4 and an IPv6 one with a comma between them.")
    return None


def size_problem(cidr: str, largest: int, smallest: int) -> Problem | None:
    """What is wrong with the size of the IPv4 range in a subnet that has no other problem.

    Args:
        cidr: The subnet.
        largest: The prefix of the largest range that Kubernetes takes.
        smallest: That of the smallest one with which it can work.
    """
    prefix = next((network.prefixlen for network in map(ip_network, cidr.split(",")) if network.version == 4), None)
    if prefix is None or largest <= prefix <= smallest:
        return None
    size = "large" if prefix < largest else "small"
    return Problem(f"which is too {size} for a cluster", f"Give one from /{largest} to /{smallest}.")


def nodes_with_addresses(pod_subnet: str) -> int | None:
    """How many nodes can get addresses for their pods, each a range of its own; None where that is not limited.

    Of an IPv4 range each node takes a ``/24`` (K3s documentation, ``--kube-controller-manager-arg``).
    """
    for part in pod_subnet.split(","):
        network = ip_network(part)
        if network.version == 4:
            return 1 << (NODE_PREFIX - network.prefixlen)
    return None


def address_problems(pods: str, services: str, nodes: int, arguments: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the subnets of a cluster together, each of which is a good one for itself.

    Args:
        pods: Where pods get their addresses.
        services: Where services get theirs.
        nodes: How many nodes there are.
        arguments: The arguments of the server, which may give a node's range another size.
    """
    if overlap(pods, services):
        yield Problem(
            f"its pods' subnet {pods} and its services' subnet {services} overlap",
            "Choose two ranges that have no address in common.",
        )
    room = nodes_with_addresses(pods)
    if room is not None and nodes > room and not any("node-cidr-mask-size" in argument for argument in arguments):
        yield Problem(
            f"its pods' subnet {pods} has addresses for {'one node' if room == 1 else f'{room} nodes'}, and it has "
            f"{nodes}",
            "Give a larger range, such as with_pod_subnet('10.52.0.0/16'), or have fewer agents.",
        )


def overlap(pods: str, services: str) -> bool:
    """Whether two subnets, each of one range or two, have an address in common."""
    pairs = product(*([ip_network(part) for part in cidr.split(",")] for cidr in (pods, services)))
    return any(one.version == other.version and one.overlaps(other) for one, other in pairs)


def component_mistake(component: str) -> Problem | None:
    """What is wrong with the name of a component; others than those of k3s may be those of manifests of one's own."""
    guess = nearest(component, COMPONENTS)
    if component in COMPONENTS or guess is None:
        return None
    return Problem(f"there is no component {component!r}; k3s has {listing(COMPONENTS)}", f"Did you mean {guess!r}?")


def argument_mistake(argument: str) -> Problem | None:
    """What is wrong with an argument of k3s; None for one that may be given."""
    flag = argument.partition("=")[0]
    if not argument.startswith("--"):
        return Problem(f"{argument!r} is no flag", "Write flag and value as one text: '--flag=value'.")
    if flag in _OWN_FLAGS:
        return Problem(f"{flag} is set by Fairlead", _OWN_FLAGS[flag])
    return None
