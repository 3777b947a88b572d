"""Networks of the fake engine: names, and an address for each container that is on one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Final

from fairlead.engines.containers import NetworkInfo
from fairlead.engines.docker import errors
from fairlead.errors import EngineError
from fairlead.testing.fakes.fake_container import FakeContainer

_NO_SUBNET: Final = (
    "user specified IP address is supported only when connecting to networks with user configured subnets"
)


class FakeNetworks:
    """The networks of one engine."""

    def __init__(self) -> None:
        self._networks: dict[str, NetworkInfo] = {}

    def find(self, name: str) -> NetworkInfo | None:
        """A network by name or id, or None."""
        by_id = (network for network in self._networks.values() if network.id == name)
        return self._networks.get(name) or next(by_id, None)

    def ensure(self, name: str, labels: Mapping[str, str], subnet: str | None) -> NetworkInfo:
        """A network of that name, created if it is missing."""
        network = NetworkInfo(secrets.token_hex(32), name, "127.0.0.1", dict(labels), (subnet,) if subnet else ())
        return self._networks.setdefault(name, network)

    def list(self, labels: Mapping[str, str]) -> list[NetworkInfo]:
        """The networks that carry all these labels."""
        return [network for network in self._networks.values() if labels.items() <= network.labels.items()]

    def connect(self, name: str, container: FakeContainer, aliases: tuple[str, ...], address: str | None) -> None:
        """Join a container to a network; one that is on it already stays as it is."""
        network = self.find(name)
        problem = f"network {name} not found" if network is None else ""
        if network is not None and address is not None and not network.subnets:
            problem = _NO_SUBNET
        if problem or network is None:
            raise errors.explain(EngineError(problem), f"the container can't join the network '{name}'")
        if network.name not in container.networks:
            container.networks[network.name] = address or "127.0.0.1"
            container.aliases[network.name] = aliases

    def disconnect(self, name: str, container: FakeContainer) -> None:
        """Take a container off a network, if it is on it."""
        if network := self.find(name):
            container.networks.pop(network.name, None)

    def remove(self, name: str, containers: Iterable[FakeContainer]) -> None:
        """Remove a network, if it is there, and take containers off it."""
        if network := self.find(name):
            for container in containers:
                container.networks.pop(network.name, None)
            del self._networks[network.name]
