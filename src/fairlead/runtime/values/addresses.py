"""What an endpoint's address is for whom (app-model: the value of an endpoint by consumer)."""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.model.consumer import Network
from fairlead.model.endpoint import EndpointProperty, EndpointSpec, EndpointValue
from fairlead.model.names import normal_form
from fairlead.model.providers import provider_of
from fairlead.model.resource import Consumer, Resource
from fairlead.runtime.plan import gateway_key, local_replicas, port_key

LOCAL_HOST = "localhost"
HOST_FROM_CONTAINER = "host.docker.internal"


class Addresses:
    """Addresses of the endpoints of one run.

    Args:
        ports: The allocated ports of this machine, by :func:`~fairlead.runtime.plan.port_key`.
    """

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    def text(self, value: EndpointValue, consumer: Consumer, replica: int = 0) -> str:
        """One part of an endpoint's address.

        Args:
            value: The endpoint and the part.
            consumer: Who asks.
            replica: Which replica of the consumer asks; counts for its own endpoints.

        Raises:
            LookupError: There is no such endpoint.
        """
        resource, spec = provider_of(value), value.endpoint.spec
        host, port = self._address(resource, spec, consumer)
        parts: dict[EndpointProperty, str] = {
            "host": host,
            "port": str(port),
            "scheme": spec.scheme,
            "url": f"{spec.scheme}://{host}:{port}",
            "host_and_port": f"{host}:{port}",
        }
        if value.name == "target_port":
            return str(self.target_port(resource, spec, replica if consumer.resource is resource else 0))
        return parts[value.name]

    def host_port(self, resource: Resource, spec: EndpointSpec) -> int:
        """The port of this machine that callers use."""
        return self._ports[port_key(resource.name, spec.name)]

    def target_port(self, resource: Resource, spec: EndpointSpec, replica: int = 0) -> int:
        """The port that a replica listens on."""
        if resource.maps_ports:
            return spec.target_port or self.host_port(resource, spec)
        if local_replicas(resource) > 1:
            return self._ports[port_key(resource.name, spec.name, replica)]
        return self.host_port(resource, spec)

    def _address(self, resource: Resource, spec: EndpointSpec, consumer: Consumer) -> tuple[str, int]:
        if consumer.network is Network.HOST:
            return LOCAL_HOST, self.host_port(resource, spec)
        if resource.maps_ports:
            return normal_form(resource.name), self.target_port(resource, spec)
        return HOST_FROM_CONTAINER, self.gateway_port(resource, spec)

    def gateway_port(self, resource: Resource, spec: EndpointSpec) -> int:
        """The port at which containers reach an endpoint of a process, through the gateway of their network."""
        return self._ports.get(gateway_key(resource.name, spec.name), self.host_port(resource, spec))
