"""What the drivers of a cluster's parts have of their cluster while it is up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.drivers.k3s.nodes.node_arguments import node_name
from fairlead.engines.containers import ContainerEngine
from fairlead.engines.kube import KubernetesApi
from fairlead.errors import StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.resources.k3s.server import K3sServer


@dataclass(frozen=True, slots=True)
class ClusterLink:
    """A cluster that is up.

    Args:
        name: The cluster's name.
        api: Its API, with all rights; closed when the cluster stops.
        engine: The engine that its nodes run in.
        containers: The ids of its nodes' containers by the nodes' names, the server's first.
        network: The name of the app's network in the engine.
        kubeconfigs: A kubeconfig with all rights for each network, as data.
    """

    name: str
    api: KubernetesApi
    engine: ContainerEngine
    containers: Mapping[str, str]
    network: str
    kubeconfigs: Mapping[Network, Mapping[str, Any]] = field(repr=False)

    @property
    def server(self) -> str:
        """The id of the server's container."""
        return self.containers[node_name(self.name)]


class ClusterLinks:
    """The clusters of a run that are up, by name, and what their nodes complain of."""

    def __init__(self) -> None:
        self._links: dict[str, ClusterLink] = {}
        self._complaints: dict[str, Callable[[], str]] = {}

    @classmethod
    async def make(cls) -> ClusterLinks:
        """None so far."""
        return cls()

    def put(self, link: ClusterLink) -> None:
        """Make a cluster known to the drivers of its parts."""
        self._links[link.name] = link

    def take(self, name: str) -> None:
        """Forget a cluster."""
        self._links.pop(name, None)

    def get(self, name: str) -> ClusterLink | None:
        """The cluster of that name, if it is up."""
        return self._links.get(name)

    def watch(self, node: str, complaint: Callable[[], str]) -> None:
        """Let others ask what a node complains of, in words; empty for nothing."""
        self._complaints[node] = complaint

    def complaint_of(self, node: str) -> str:
        """What a node complains of, if anything."""
        complaint = self._complaints.get(node)
        return complaint() if complaint is not None else ""

    async def close(self) -> None:
        """Each cluster closes what it has opened."""


async def link_to(context: DriverContext, cluster: K3sServer) -> ClusterLink:
    """The cluster of a part of it, which waits for it by itself.

    Raises:
        StartError: It is not up.
    """
    links = await context.shared(ClusterLinks, ClusterLinks.make)
    link = links.get(cluster.name)
    if link is None:
        raise StartError(f"its cluster {cluster.name} is not up", remedy=f"Start it: fairlead start {cluster.name}.")
    return link
