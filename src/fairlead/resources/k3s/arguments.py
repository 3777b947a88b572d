"""What can be wrong with the options of a cluster, in words."""

from __future__ import annotations

import re
from ipaddress import ip_network
from itertools import product
from typing import NamedTuple

from fairlead.model.names import listing, nearest

COMPONENTS = ("coredns", "servicelb", "traefik", "local-storage", "metrics-server")
_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\d+)?-k3s\d+(?:-[a-z0-9]+)?", re.ASCII)
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


class Problem(NamedTuple):
    """What is wrong, as the end of a sentence, and what to do about it."""

    message: str
    remedy: str


def version_problem(version: str) -> Problem | None:
    """What is wrong with a version of k3s; None for a tag that its image may have."""
    if _VERSION.fullmatch(version):
        return None
    guess = version.replace("+", "-")
    remedy = "Write it like a tag of the image: 'v1.36.0-k3s1'. For another image use with_image()."
    if _VERSION.fullmatch(guess):
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


def overlap(pods: str, services: str) -> bool:
    """Whether two subnets, each of one range or two, have an address in common; what is malformed has none."""
    try:
        pairs = product(*([ip_network(part) for part in cidr.split(",")] for cidr in (pods, services)))
        return any(one.version == other.version and one.overlaps(other) for one, other in pairs)
    except ValueError:
        return False


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
