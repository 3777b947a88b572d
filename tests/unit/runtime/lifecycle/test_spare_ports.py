"""A port inside a container that turned out taken must be exchanged for a spare one, with all that is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest
from tests.support.stage import stage

from fairlead import (
    AppBuilder,
    Container,
    ContainerPort,
    Driver,
    DriverContext,
    NeededPort,
    Placement,
    StopReason,
    Workload,
)

PAIRS: dict[str, ContainerPort] = {}
TAKEN: list[int] = []
PROBLEMS: list[str] = []


class Node(Container):
    """A container with spare ports."""

    driver = "tests.unit.runtime.lifecycle.test_spare_ports:NodeDriver"

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        for number in range(2):
            yield NeededPort(self.name, f"spare-{number}", spare=True)
        yield NeededPort(self.name, "spare-udp", spare=True, protocol="udp")


class Door(Workload):
    """Reached through a port of the node; the first ones turn out taken."""

    driver: ClassVar[str | None] = "tests.unit.runtime.lifecycle.test_spare_ports:DoorDriver"

    @property
    def placement(self) -> Placement:
        return Placement.port_of("node")

    def _ports_on_containers(self) -> Iterator[NeededPort]:
        yield NeededPort("node", "http")


class NodeDriver(Driver):
    async def start(self, context: DriverContext) -> None:
        PAIRS.update({port.name: port for port in context.container_ports})

    async def stop(self, reason: StopReason) -> None:
        return None


class DoorDriver(Driver):
    async def start(self, context: DriverContext) -> None:
        (port,) = context.needed_ports
        TAKEN.append(port.container_port)
        try:
            for _ in range(3):
                TAKEN.append(context.take_spare_port("http", unusable=TAKEN).container_port)
        except LookupError as error:
            PROBLEMS.append(str(error))
        with pytest.raises(LookupError, match="has no port 'other' on a container"):
            context.take_spare_port("other")
        assert context.needed_ports[0].container_port == TAKEN[-1]

    async def stop(self, reason: StopReason) -> None:
        return None


def define(app: AppBuilder) -> None:
    app.add(Door("door")).with_http_endpoint().wait_for(app.add(Node("node", "k3s")))


async def test_a_taken_port_is_exchanged_for_a_spare_one() -> None:
    """Each exchange must give one of the spare pairs with its port of this machine, until none is left."""
    async with stage(define) as shown:
        snapshot = await shown.until("door", lambda snapshot: snapshot.ready)
    assert [url.url for url in snapshot.urls] == [f"http://localhost:{PAIRS['spare-1'].host_port}"]
    before = PAIRS["http"]
    spare = [PAIRS["spare-0"].container_port, PAIRS["spare-1"].container_port]
    assert [before.container_port, *spare] == TAKEN
    assert PROBLEMS == ["no spare port is left on node"]
