"""Values that drivers make known while they start: outputs of resources, parameters among them."""

from __future__ import annotations

import asyncio

from fairlead.model.endpoints.consumer import Network


class Outputs:
    """The outputs that are known by now, and the waits for others. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, dict[Network | None, str]]] = {}
        self._waiters: dict[tuple[str, str], set[asyncio.Future[None]]] = {}

    def set(self, resource: str, name: str, value: str, network: Network | None = None) -> None:
        """Make an output known, to consumers on one network or on all."""
        self._values.setdefault(resource, {}).setdefault(name, {})[network] = value
        for waiter in self._waiters.pop((resource, name), set()):
            if not waiter.done():
                waiter.set_result(None)

    def clear(self, resource: str) -> None:
        """Forget the outputs of a resource that starts again, so that its consumers get the new ones."""
        self._values.pop(resource, None)

    def get(self, resource: str, name: str, network: Network) -> str | None:
        """An output as it is seen from a network, or None while it is not known."""
        known = self._values.get(resource, {}).get(name, {})
        return known.get(network, known.get(None))

    def names(self, resource: str) -> tuple[str, ...]:
        """The outputs of a resource that are known; ``name@network`` where one network alone knows one."""
        return tuple(
            name if network is None else f"{name}@{network}"
            for name, by_network in self._values.get(resource, {}).items()
            for network in by_network
        )

    async def wait(self, resource: str, name: str, network: Network) -> str:
        """An output as it is seen from a network, as soon as it is known there."""
        while (value := self.get(resource, name, network)) is None:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            waiters = self._waiters.setdefault((resource, name), set())
            waiters.add(waiter)
            try:
                await waiter
            finally:
                waiters.discard(waiter)
        return value
