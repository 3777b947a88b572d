"""What an endpoint's address is for whom (app-model: the value of an endpoint by consumer)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairlead.engines.sockets import LOCAL_HOST
from fairlead.model.composition.providers import provider_of
from fairlead.model.endpoints.consumer import Network
from fairlead.model.endpoints.endpoint import EndpointProperty, EndpointSpec, EndpointValue
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER, NeededPort, PlacementKind
from fairlead.model.names import normal_form
from fairlead.model.replicas import local_replicas
from fairlead.model.resource import Consumer, Resource, ports_on_containers
from fairlead.runtime.plan import gateway_key, inside_key, port_key


class Addresses:
    """Addresses of the endpoints of one run.

    Args:
        ports: The allocated ports of this machine, by :func:`~fairlead.runtime.plan.port_key`.
        on_move: Called with the ports that have changed since, by key.
    """

    def __init__(
        self, ports: Mapping[str, int], on_move: Callable[[Mapping[str, int]], None] = lambda ports: None
    ) -> None:
        self._ports = dict(ports)
        self._on_move = on_move

    def adopt(self, ports: Mapping[str, int]) -> None:
        """Take more ports, or others for endpoints that have another one now.

        Args:
            ports: The ports by key, as they were allocated.
        """
        self._ports |= ports

    def text(self, value: EndpointValue, consumer: Consumer, replica: int = 0) -> str:
        """One part of an endpoint's address.

        Args:
            value: The endpoint and the part.
            consumer: The reader of the address.
            replica: Which replica of the consumer asks; counts for its own endpoints.

        Raises:
            LookupError: There is no such endpoint.
        """
        resource, spec = provider_of(value), value.endpoint.spec
        # A browser of this machine types the same wherever the reader runs.
        host, port = self.address(resource, spec, Network.HOST if value.is_public else consumer.network)
        parts: dict[EndpointProperty, str] = {
            "host": host,
            "port": str(port),
            "scheme": spec.scheme,
            "url": f"{spec.scheme}://{host}:{port}",
            "host_and_port": f"{host}:{port}",
            "public_url": f"{spec.scheme}://{host}:{port}",
            "public_host": f"{host}:{port}",
        }
        if value.name == "target_port":
            return str(self.target_port(resource, spec, replica if consumer.resource is resource else 0))
        return parts[value.name]

    def host_port(self, resource: Resource, spec: EndpointSpec) -> int:
        """The port of this machine that callers use."""
        return self._ports[port_key(resource.name, spec.name)]

    def needed_host_port(self, resource: Resource, needed: NeededPort) -> int:
        """The port of this machine at which a port on a container is published."""
        return self._ports[port_key(resource.name, needed.name)]

    def needed_container_port(self, resource: Resource, needed: NeededPort) -> int:
        """The port inside a container, as asked for or as chosen."""
        if needed.container_port is not None:
            return needed.container_port
        return self._ports[inside_key(resource.name, needed)]

    def exchange(self, first: tuple[Resource, NeededPort], second: tuple[Resource, NeededPort]) -> None:
        """Let two ports on a container, each with its port of this machine, take each other's place.

        Args:
            first: A resource, and a port that it needs.
            second: Another, of the same container and published alike.
        """
        moved: dict[str, int] = {}
        for (resource, port), (other, others_port) in ((first, second), (second, first)):
            moved[port_key(resource.name, port.name)] = self.needed_host_port(other, others_port)
            moved[inside_key(resource.name, port)] = self.needed_container_port(other, others_port)
        self._ports |= moved
        self._on_move(moved)

    def target_port(self, resource: Resource, spec: EndpointSpec, replica: int = 0) -> int:
        """The port that a replica listens on."""
        if not resource.placement.is_process:
            return spec.target_port or self.host_port(resource, spec)
        if local_replicas(resource) > 1:
            return self._ports[port_key(resource.name, spec.name, replica)]
        return self.host_port(resource, spec)

    def address(self, resource: Resource, spec: EndpointSpec, network: Network) -> tuple[str, int]:
        """The host name and the port at which an endpoint is reached from a network."""
        if network is Network.HOST:
            return LOCAL_HOST, self.host_port(resource, spec)
        return self._address_inside(resource, spec)

    def _address_inside(self, resource: Resource, spec: EndpointSpec) -> tuple[str, int]:
        """The address for containers, and for pods of a local cluster, which finds the app's names as they do.

        A pod's own resources are the exception that needs none: a pod is reached by its Service, under the resource's
        name and target port, which is the address that a container of that name would have.
        """
        match resource.placement.kind:
            case PlacementKind.PROCESS:
                return HOST_FROM_CONTAINER, self.gateway_port(resource, spec)
            case PlacementKind.PORT:
                needed = next((port for port in ports_on_containers(resource) if port.name == spec.name), None)
                if needed is None:
                    raise LookupError(f"{resource.name} asks for no port for its endpoint {spec.name!r}")
                return normal_form(needed.container_of), self.needed_container_port(resource, needed)
            case PlacementKind.CONTAINER | PlacementKind.POD:
                return normal_form(resource.name), self.target_port(resource, spec)

    def gateway_port(self, resource: Resource, spec: EndpointSpec) -> int:
        """The port at which containers reach an endpoint of a process, through the gateway of their network."""
        return self._ports.get(gateway_key(resource.name, spec.name), self.host_port(resource, spec))
