"""Where a resource runs: its driver, network, addresses and ports follow from that, never from its class."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from fairlead.model.endpoints.consumer import Network
from fairlead.model.endpoints.endpoint import Protocol
from fairlead.records import record

HOST_FROM_CONTAINER = "host.docker.internal"
"""The name under which a container finds this machine."""


class PlacementKind(StrEnum):
    """The kinds of places."""

    PROCESS = "process"
    CONTAINER = "container"
    POD = "pod"
    PORT = "port"


@record
class Placement:
    """Where a resource runs.

    Args:
        kind: As a process of this machine, as a container of the app's network, as a pod of a cluster, or not by
            itself: it is reached through a port of another resource's container.
        of: The name of the cluster, or of the resource with that container.
    """

    kind: PlacementKind
    of: str | None = None

    #: A process of this machine.
    PROCESS: ClassVar[Placement]
    #: A container of the app's network.
    CONTAINER: ClassVar[Placement]

    @classmethod
    def pod_of(cls, cluster: str) -> Placement:
        """A pod of a cluster."""
        return cls(PlacementKind.POD, cluster)

    @classmethod
    def port_of(cls, resource: str) -> Placement:
        """A port of another resource's container."""
        return cls(PlacementKind.PORT, resource)

    @property
    def network(self) -> Network:
        """From where the resource looks at addresses."""
        networks = {PlacementKind.CONTAINER: Network.CONTAINER, PlacementKind.POD: Network.POD}
        return networks.get(self.kind, Network.HOST)

    @property
    def is_process(self) -> bool:
        """Whether it is a process of this machine, which listens on the very port that callers use."""
        return self.kind is PlacementKind.PROCESS

    @property
    def is_container(self) -> bool:
        """Whether it is a container of the app's network."""
        return self.kind is PlacementKind.CONTAINER


@record
class NeededPort:
    """A port that a resource needs on the container of a resource.

    Args:
        container_of: The name of the resource whose container it is on.
        name: The endpoint of the resource that needs it, or a name of its own for a port without one.
        container_port: The port inside; None lets Fairlead choose one of ``within`` and remember it.
        within: The first and the last port inside to choose from.
        protocol: The transport.
        external: Whether it is bound to all addresses of this machine, and not to loopback alone.
        spare: Whether it is kept for a port that is needed later, while the container exists: a resource that is new on
            that container gets the two ports of a spare one, and one that is gone leaves its ports to the spare ones.
            Only ports that are chosen by Fairlead, on loopback and of the same transport, take each other's place.
    """

    container_of: str
    name: str
    container_port: int | None = None
    within: tuple[int, int] = (30000, 32767)
    protocol: Protocol = "tcp"
    external: bool = False
    spare: bool = False


Placement.PROCESS = Placement(PlacementKind.PROCESS)
Placement.CONTAINER = Placement(PlacementKind.CONTAINER)
