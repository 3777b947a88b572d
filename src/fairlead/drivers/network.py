"""The network of an app: its containers find each other there by name, and the host's processes through its gateway.

A process of the host listens on 127.0.0.1, which no container can reach. So for each endpoint of a process a forwarder
listens on the gateway address of this network, at a port of its own, and passes connections on. Nothing listens on an
address that the local network could reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.drivers.engine import engine_of, run_of
from fairlead.drivers.naming import labels, object_name
from fairlead.engines.containers import ContainerEngine, NetworkInfo
from fairlead.errors import FairleadError, StartError
from fairlead.model.driver import DriverContext
from fairlead.model.lifetime import Lifetime
from fairlead.resources.container import Container
from fairlead.runtime.addresses import HOST_FROM_CONTAINER
from fairlead.runtime.balancer import Balancer
from fairlead.runtime.run import Run

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class AppNetwork:
    """The network of one run, with its forwarders.

    Args:
        engine: The engine it is in.
        info: What the engine says of it.
        keep: Whether it outlives the run, as it does when a container does.
        forwarders: What passes connections on to processes of the host.
        volumes: Volumes that end with the run.
    """

    engine: ContainerEngine
    info: NetworkInfo
    keep: bool
    forwarders: list[Balancer]
    volumes: list[str]

    @property
    def name(self) -> str:
        """Its name in the engine."""
        return self.info.name

    @property
    def extra_hosts(self) -> Mapping[str, str]:
        """Under which name containers find this machine; none where the engine sees to that."""
        if self.engine.is_desktop or self.info.gateway is None:
            return {}
        return {HOST_FROM_CONTAINER: self.info.gateway}

    async def close(self) -> None:
        """End the forwarders, and remove the network and the volumes that end with the run."""
        for forwarder in self.forwarders:
            await forwarder.close()
        try:
            if not self.keep:
                await self.engine.remove_network(self.name)
            for volume in self.volumes:
                await self.engine.remove_volume(volume)
        except FairleadError:
            return  # the engine is gone or refuses: the watchdog tries again


async def network_of(context: DriverContext) -> AppNetwork:
    """The app's network, made by the first who asks."""
    engine = await engine_of(context)
    run = await run_of(context)
    return await context.shared(AppNetwork, lambda: _open(engine, run, context))


async def _open(engine: ContainerEngine, run: Run, context: DriverContext) -> AppNetwork:
    keep = not run.isolated and any(
        isinstance(resource, Container) and resource.lifetime is Lifetime.PERSISTENT for resource in run.app
    )
    lifetime = Lifetime.PERSISTENT if keep else Lifetime.SESSION
    # A network that is kept has another name, as one that is not ends with everything that is on it.
    name = object_name(run.app_id, "kept" if keep else "net")
    info = await engine.ensure_network(name, labels(run.app_id, run.run_id, lifetime))
    network = AppNetwork(engine, info, keep, [], [])
    if info.gateway is not None and not engine.is_desktop:
        try:
            await _forward(network, run, info.gateway)
        except StartError as error:  # rootless engines have their gateway in a network namespace of their own
            context.log(f"Containers can't reach processes of this machine: {error.message}")
    return network


async def _forward(network: AppNetwork, run: Run, gateway: str) -> None:
    for resource in run.app:
        if resource.driver is None or resource.maps_ports:
            continue
        for spec in resource.endpoints.values():
            if spec.protocol == "tcp":
                forwarder = Balancer([(LOOPBACK, run.addresses.host_port(resource, spec))])
                await forwarder.start(gateway, run.addresses.gateway_port(resource, spec))
                network.forwarders.append(forwarder)
