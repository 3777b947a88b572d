"""The command lines of a cluster's nodes, worked out from its options alone (K3s documentation, "CLI Tools")."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from fairlead.container_options import empty_body, put_option
from fairlead.model.names import normal_form
from fairlead.resources.k3s.agent import K3sAgent
from fairlead.resources.k3s.server import K3sServer

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


def node_name(resource: str) -> str:
    """What a node is called in its cluster: as its container is on the app's network."""
    return normal_form(resource)


def server_arguments(cluster: K3sServer, names: Iterable[str], extra: Iterable[str] = ()) -> tuple[str, ...]:
    """The arguments of ``k3s``, for the server of a cluster.

    Args:
        cluster: The cluster.
        names: Names and addresses at which its API is reached, beside the loopback's, for its certificate.
        extra: What this machine makes necessary; the definition's own arguments come behind and win.
    """
    arguments = ["server", f"--node-name={node_name(cluster.name)}"]
    arguments += [f"--tls-san={name}" for name in dict.fromkeys((*LOOPBACK_NAMES, *names))]
    if cluster.pod_subnet is not None:
        arguments.append(f"--cluster-cidr={cluster.pod_subnet}")
    if cluster.service_subnet is not None:
        arguments.append(f"--service-cidr={cluster.service_subnet}")
        if not any(argument.startswith("--cluster-dns") for argument in cluster.server_arguments):
            arguments.append(f"--cluster-dns={dns_address(cluster.service_subnet)}")
    arguments += [f"--disable={component}" for component in cluster.disabled_components]
    return (*arguments, *extra, *cluster.server_arguments)


def dns_address(service_subnet: str) -> str:
    """Where CoreDNS is in a subnet of services: at the tenth address, as by default; one for each of its ranges."""
    return ",".join(str(ip_network(part)[10]) for part in service_subnet.split(","))


def agent_arguments(agent: K3sAgent, given: Iterable[str], extra: Iterable[str] = ()) -> tuple[str, ...]:
    """The arguments of ``k3s``, for an agent.

    Args:
        agent: The agent.
        given: What the definition gives all agents of the cluster.
        extra: What this machine makes necessary.
    """
    return ("agent", f"--node-name={node_name(agent.name)}", *extra, *given)


def memory_limit(options: Iterable[str]) -> int | None:
    """Bytes that a container with these options of ``docker run`` may use; None for all that there are."""
    body = empty_body()
    for option in options:
        put_option(body, option)
    limit = body["HostConfig"].get("Memory")
    return int(limit) if limit else None
