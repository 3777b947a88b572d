"""The network of an app: its containers find each other there by name, and the host's processes through its gateway.

A process of the host listens on 127.0.0.1 or ::1, which no container can reach. So for each endpoint of a process that
a container is told of, a forwarder listens on the gateway address of this network, at a port of its own, and passes
connections on. Nothing listens on an address that the local network could reach. The forwarders are there before the
first container is; Podman gives this machine the gateway's address only with that one, and takes it back with the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from fairlead.drivers.containers.engine import engine_of
from fairlead.drivers.containers.naming import APP, RUN, labels, object_name
from fairlead.engines.balancer import Balancer
from fairlead.engines.containers import ContainerEngine, NetworkInfo
from fairlead.engines.sockets import LOCAL_HOST, is_own_address
from fairlead.errors import EngineError, StartError
from fairlead.model.app import App
from fairlead.model.composition.contributions import contributions_to
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Mode, Network
from fairlead.model.endpoints.endpoint import EndpointSpec, EndpointValue
from fairlead.model.endpoints.placement import HOST_FROM_CONTAINER
from fairlead.model.lifetime import Lifetime
from fairlead.model.programs.workload import Workload
from fairlead.model.resource import Resource, given_values
from fairlead.model.values.value import Value
from fairlead.resources.container import Container
from fairlead.runtime.telemetry.exporting import TelemetryPort, containers_send


@dataclass(slots=True)
class AppNetwork:
    """The network of one run, with its forwarders.

    Args:
        engine: The engine it is in.
        info: What the engine says of it.
        keep: Whether it outlives the run, as it does when a container does.
        forwarders: What passes connections on to processes of the host, by the port of the gateway and that of the
            process.
        volumes: Volumes that end with the run.
        passing_on: Held while forwarders are begun.
        forwarded_for: The definition whose processes are reachable; None for none yet.
        is_checked: Whether it is known if containers reach this machine.
    """

    engine: ContainerEngine
    info: NetworkInfo
    keep: bool
    forwarders: dict[tuple[int, int], Balancer] = field(default_factory=dict)
    passing_on: asyncio.Lock = field(default_factory=asyncio.Lock)
    volumes: list[str] = field(default_factory=list)
    forwarded_for: App | None = None
    is_checked: bool = False

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

    def log_if_host_unreachable(self, context: DriverContext) -> None:
        """Say so, once a container runs and all is in place, if containers can't reach processes of this machine."""
        if self.is_checked:
            return
        self.is_checked = True
        gateway = self.info.gateway
        if self.forwarders and gateway is not None and not is_own_address(gateway):
            context.log(
                f"Containers can't reach processes of this machine: the gateway {gateway} of their network is not an "
                "address of this machine, as with a rootless engine"
            )

    async def close(self) -> None:
        """End the forwarders, and remove the network and the volumes that end with the run."""
        for forwarder in self.forwarders.values():
            await forwarder.close()
        removals = [] if self.keep else [self.engine.remove_network(self.info.id)]
        for removal in (*removals, *map(self.engine.remove_volume, self.volumes)):
            with suppress(EngineError):  # the engine is gone or refuses: the watchdog tries again
                await removal


async def network_of(context: DriverContext) -> AppNetwork:
    """The app's network, created by the first call; processes that a reload has brought are reachable through it."""
    engine = await engine_of(context)
    network = await context.shared(AppNetwork, lambda: _open(engine, context))
    await _forward(network, context)
    return network


async def _open(engine: ContainerEngine, context: DriverContext) -> AppNetwork:
    keep = not context.isolated and any(
        isinstance(resource, Container) and resource.lifetime is Lifetime.PERSISTENT for resource in context.app
    )
    lifetime = Lifetime.PERSISTENT if keep else Lifetime.SESSION
    # One that is not kept is this run's alone: that of a dead run may still be there, and be about to be removed with
    # everything that is on it.
    name = object_name(context.app_id, "kept" if keep else f"net-{context.run_id[:8]}")
    owned = labels(context.app_id, context.run_id, lifetime)
    if keep:
        await _remove_twins(engine, name, owned)
    info = await engine.ensure_network(name, owned)
    if any(info.labels.get(label) != owned.get(label) for label in (APP, RUN)):
        raise StartError(
            f"the name {name} is taken by a network that this run did not create",
            remedy=f"Remove it: {engine.name} network rm {name}.",
        )
    network = AppNetwork(engine, info, keep)
    if info.gateway is not None and not engine.is_desktop:
        await _forward_telemetry(network, info.gateway, context)
    return network


async def _remove_twins(engine: ContainerEngine, name: str, owned: Mapping[str, str]) -> None:
    """Remove networks that have the same name: then no container can join either of them.

    Docker creates two when it is asked at the same time, as when a dead run's request is late. Containers that stay are
    recreated on the new network, as after any change of theirs.
    """
    twins = [network for network in await engine.networks({APP: owned[APP]}) if network.name == name]
    for twin in twins if len(twins) > 1 else ():
        await engine.remove_network(twin.id)


async def _forward(network: AppNetwork, context: DriverContext) -> None:
    """Pass on connections to all processes that containers are told of, unless the engine sees to that."""
    gateway = network.info.gateway
    if gateway is None or network.engine.is_desktop:
        return
    async with network.passing_on:
        if network.forwarded_for is not context.app:
            await _forward_new(network, gateway, context)
            network.forwarded_for = context.app


async def _forward_new(network: AppNetwork, gateway: str, context: DriverContext) -> None:
    for resource, spec in endpoints_for_containers(context.app):
        what = f"{spec.name} of {resource.name}"
        if spec.protocol != "tcp":
            context.log(f"Containers can't reach {what}: it is {spec.protocol.upper()}, and only TCP is passed on")
            continue
        endpoint = resource.endpoint(spec.name)
        local, port = (context.address(endpoint, place).port for place in (Network.HOST, Network.CONTAINER))
        try:
            await _pass_on(network, gateway, port, local)
        except StartError as error:
            context.log(f"Containers can't reach {what}: {error.message}")


async def _forward_telemetry(network: AppNetwork, gateway: str, context: DriverContext) -> None:
    """Let containers reach the port for telemetry, by the same number at the gateway."""
    port = (await context.shared(TelemetryPort, _no_port)).number
    if port is None or not containers_send(context.app):
        return
    try:
        await _pass_on(network, gateway, port, port)
    except StartError as error:
        context.log(f"Containers can't send telemetry: {error.message}")


async def _pass_on(network: AppNetwork, gateway: str, port: int, local: int) -> None:
    """Pass connections to a port of the network's gateway on to one of this machine, while the network is there."""
    if (port, local) in network.forwarders:
        return
    for known in [key for key in network.forwarders if key[0] == port]:
        await network.forwarders.pop(known).close()
    forwarder = Balancer([(LOCAL_HOST, local)])
    await forwarder.start(gateway, port, early=True)
    network.forwarders[port, local] = forwarder


async def _no_port() -> TelemetryPort:
    return TelemetryPort()


def endpoints_for_containers(app: App) -> list[tuple[Resource, EndpointSpec]]:
    """The process endpoints that containers refer to.

    All of them if a container has a callback, which may return any, or if there is a cluster: what its pods call is
    written in charts and manifests.
    """
    all_of_them = [
        (resource, spec)
        for resource in app
        if resource.driver is not None and resource.placement.is_process
        for spec in resource.endpoints.values()
    ]
    if any(resource.has_pods for resource in app):
        return all_of_them
    containers = [resource for resource in app if isinstance(resource, Workload) and resource.placement.is_container]
    told: set[int] = set()
    for container in containers:
        for value in _values(container):
            if callable(value):
                return all_of_them
            leaves = value.leaves() if isinstance(value, Value) else ()
            told |= {
                id(leaf.endpoint.find()) for leaf in leaves if isinstance(leaf, EndpointValue) and not leaf.is_public
            }
        for reference in container.references:  # a driver may write an address into what it gives, such as a file
            if reference.endpoint is None:
                told |= {id(spec) for spec in reference.target.endpoints.values()}
    return [(resource, spec) for resource, spec in all_of_them if id(spec) in told]


def _values(container: Workload) -> Iterator[object]:
    for value, _ in given_values(container):
        yield value
    for contribution in contributions_to(container, Mode.RUN):
        yield from contribution.values()
