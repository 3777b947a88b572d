"""Where a driver finds what it asked for: addresses, and ports of containers that are published on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.model.endpoints.endpoint import Protocol as Transport


@dataclass(frozen=True, slots=True)
class Address:
    """A host name and a port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port of a resource's container that is published on this machine when the container is created.

    Args:
        resource: The name of the resource that needs it: the container's own, or one that is reached through it.
        name: The endpoint, or the name of the port, of that resource.
        container_port: The port inside.
        host_port: The port of this machine.
        protocol: The transport.
        external: Whether it is bound to all addresses of this machine, and not to loopback alone.
    """

    resource: str
    name: str
    container_port: int
    host_port: int
    protocol: Transport = "tcp"
    external: bool = False
