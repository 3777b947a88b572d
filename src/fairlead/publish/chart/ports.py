"""Which ports a resource has in a cluster.

The Service of a resource listens on the port that the program listens on (`target_port`), so that an address that a
container uses locally is the same in the cluster. A program whose port is chosen locally gets 8080 upward, counted
for each resource by itself, so that adding one resource never changes the ports of another.
"""

from __future__ import annotations

from itertools import count

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.resource import Resource
from fairlead.publish.chart.names import port_name
from fairlead.records import record

FIRST_CHOSEN = 8080


@record
class Port:
    """One endpoint in the cluster.

    Args:
        spec: The endpoint's declaration.
        name: What the port is called in objects.
        number: Where the program listens, and the Service too.
        chosen: Whether the number is ours, so that the program has to be told.
    """

    spec: EndpointSpec
    name: str
    number: int
    chosen: bool

    @property
    def protocol(self) -> str:
        """The transport, as Kubernetes writes it."""
        return self.spec.protocol.upper()


def plan_ports(resource: Resource) -> dict[str, Port]:
    """The ports of a resource by the names of its endpoints, in order."""
    fixed = {name: _fixed(resource, spec) for name, spec in resource.endpoints.items()}
    taken = set(fixed.values())
    free = (number for number in count(FIRST_CHOSEN) if number not in taken)
    ports = {}
    for name, spec in resource.endpoints.items():
        number = fixed[name]
        ports[name] = Port(spec, port_name(name), number or next(free), number is None)
    return ports


def distinct(ports: dict[str, Port]) -> list[Port]:
    """The ports without those that another endpoint has already (``http`` and ``https`` on one, say)."""
    by_number: dict[tuple[int, str], Port] = {}
    for port in ports.values():
        by_number.setdefault((port.number, port.protocol), port)
    return list(by_number.values())


def _fixed(resource: Resource, spec: EndpointSpec) -> int | None:
    """The port the program insists on. A process that nobody tells a port listens on the host's, which it names."""
    if spec.target_port is not None:
        return spec.target_port
    return spec.port if spec.env is None and resource.placement.is_process else None
