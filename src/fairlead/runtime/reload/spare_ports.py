"""Ports on containers that go on, for resources that a reload brings: what is published is fixed by then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from fairlead.model.app import App
from fairlead.model.endpoints.placement import NeededPort
from fairlead.model.resource import Resource, ports_on_containers
from fairlead.runtime.plan import needed_ports

Exchange = Callable[[tuple[Resource, NeededPort], tuple[Resource, NeededPort]], None]


class SparePorts:
    """The spare ports of a run's containers, of which each is given away once while its container goes on."""

    def __init__(self) -> None:
        self._given: set[tuple[str, str, str]] = set()

    def renew(self, containers: Collection[str]) -> None:
        """Note that containers are made anew, which publishes all of their ports."""
        self._given = {spare for spare in self._given if spare[0] not in containers}

    def give(self, app: App, added: Iterable[str], begun: Collection[str], exchange: Exchange) -> None:
        """Let resources that are new have ports that their container publishes already.

        Args:
            app: The new definition.
            added: Names of the resources that are new.
            begun: Names of the resources whose containers are made anew, and publish whatever is needed.
            exchange: Lets two ports take each other's place.
        """
        for name in added:
            resource = app[name]
            for port in ports_on_containers(resource):
                if port.container_port is None and not port.spare and port.container_of not in begun:
                    for owner, spare in self._free(app, port):
                        self._given.add((port.container_of, owner.name, spare.name))
                        exchange((resource, port), (owner, spare))
                        break

    def _free(self, app: App, wanted: NeededPort) -> Iterator[tuple[Resource, NeededPort]]:
        """Spare ports that are published as the wanted one is to be; the last first, as drivers take the first."""
        for owner, port in reversed(needed_ports(app, wanted.container_of)):
            is_alike = (port.protocol, port.external) == (wanted.protocol, wanted.external)
            if port.spare and is_alike and (wanted.container_of, owner.name, port.name) not in self._given:
                yield owner, port
