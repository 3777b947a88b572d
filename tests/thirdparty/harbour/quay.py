"""Quays and berths: a container, and what is reached through ports of it that are chosen before it is created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from fairlead import (
    Container,
    Driver,
    DriverContext,
    NeededPort,
    Network,
    Placement,
    State,
    StopReason,
    Workload,
)

# A server for the quay itself, and one for each berth at the port that was chosen for it, which a variable tells.
SERVE = """
trap 'exit 0' TERM
page() { mkdir -p /www/$1; echo $2 > /www/$1/index.html; }
for port in $(env | sed -n 's/^BERTH_PORT_[0-9]*=//p'); do page $port a-berth; httpd -p $port -h /www/$port; done
page radio a-radio; httpd -p 9100 -h /www/radio
page quay the-quay; httpd -f -p 8000 -h /www/quay & wait
"""
RADIO_PORT = 9100


class Quay(Container):
    """A container with room for berths.

    Args:
        name: The resource's name.
        image: Anything with the shell and the httpd of busybox.
    """

    kind: ClassVar[str] = "Quay"

    def __init__(self, name: str, image: str = "busybox:1.35") -> None:
        super().__init__(name, image)
        self.with_args("sh", "-c", SERVE).with_http_endpoint(target_port=8000).exclude_from_manifest()

    def add_berth(self, name: str) -> Berth:
        """A berth at it."""
        berth = self.adopt(Berth(name, self))
        self.with_environment(f"BERTH_PORT_{len(self.children)}", berth.endpoint("http").port)
        return berth


class Berth(Workload):
    """Something without a process or container of its own: it is reached through a port of the quay's container.

    Args:
        name: The resource's name.
        quay: Where it is.
    """

    kind: ClassVar[str] = "Berth"
    driver: ClassVar[str | None] = "tests.thirdparty.harbour.quay:BerthDriver"

    def __init__(self, name: str, quay: Quay) -> None:
        super().__init__(name)
        self.quay = quay
        #: Where its radio answers, as ``host:port``.
        self.radio = self.output("radio")
        self.with_http_endpoint().with_http_health_check().wait_for_start(quay).exclude_from_manifest()

    @property
    def placement(self) -> Placement:
        """A port of the quay's container."""
        return Placement.port_of(self.quay.name)

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        """One for its endpoint, which may be any, and one beside that for the radio."""
        yield NeededPort(self.quay.name, "http")
        yield NeededPort(self.quay.name, "radio", RADIO_PORT)


class BerthDriver(Driver):
    """Tells where things are; the quay serves them."""

    up_state = State.ACTIVE

    async def start(self, context: DriverContext) -> None:
        """Make the radio's address known, for each network its own."""
        assert isinstance(context.resource, Berth)
        endpoint = context.resource.endpoint("http")
        _, radio = context.needed_ports
        for network in (Network.HOST, Network.CONTAINER):
            port = radio.host_port if network is Network.HOST else radio.container_port
            host = context.address(endpoint, network).host
            context.set_output("radio", f"{host}:{port}", network=network)
        context.report(quay=context.resource.quay.name)

    async def stop(self, reason: StopReason) -> int | None:
        """There is nothing to stop."""
        return None
