"""Service endpoints: a Service of a cluster, reached through the kernel of the cluster's node.

The node publishes a node port on this machine, and kube-proxy leads it to the Service's ready pods. All that is left to
do is to keep a Service with that node port beside the declared one, and to say whether it answers.
"""

from __future__ import annotations

import time
from typing import Final

from fairlead.drivers.containers.network import network_of
from fairlead.drivers.k3s.endpoints.backends import has_present_endpoint, pods_of, why_no_endpoint
from fairlead.drivers.k3s.endpoints.endpoint_probe import Probe
from fairlead.drivers.k3s.endpoints.node_port_keeper import NodePortKeeper
from fairlead.drivers.k3s.endpoints.node_port_service import Problem, Wanted
from fairlead.drivers.k3s.link import ClusterLink, link_to
from fairlead.drivers.k3s.own_labels import own_labels
from fairlead.engines.containers import ContainerInfo
from fairlead.engines.kube import Object
from fairlead.engines.sockets import LOOPBACKS, is_own_address
from fairlead.errors import StartError
from fairlead.model.driving.driver import KEPT, Driver, Kept, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.driving.ports import ContainerPort
from fairlead.model.health import Health
from fairlead.model.lifetime import Lifetime
from fairlead.resources.k3s.service_endpoint import ServiceEndpoint

KUBE_PROXY_SECONDS: Final = 1.5
"""How long kube-proxy takes to follow a change at most: it does so once a second (``--iptables-min-sync-period``)."""


class ServiceEndpointDriver(Driver):
    """Keeps a Service reachable."""

    def __init__(self) -> None:
        self._context: DriverContext | None = None
        self._link: ClusterLink | None = None
        self._keeper: NodePortKeeper | None = None
        self._sees_nodes = False
        self._present_for: dict[str, float] | None = None
        self._follows_at = 0.0

    @property
    def context(self) -> DriverContext:
        """Its start."""
        assert self._context is not None
        return self._context

    @property
    def link(self) -> ClusterLink:
        """Its cluster."""
        assert self._link is not None
        return self._link

    @property
    def keeper(self) -> NodePortKeeper:
        """What it keeps in the cluster."""
        assert self._keeper is not None
        return self._keeper

    @property
    def endpoint(self) -> ServiceEndpoint:
        """The resource."""
        resource = self.context.resource
        assert isinstance(resource, ServiceEndpoint)
        return resource

    @property
    def outlives_run(self) -> bool:
        """Whether it goes on when the run ends, as its cluster does."""
        return self.endpoint.cluster.lifetime is Lifetime.PERSISTENT and not self.context.isolated

    async def start(self, context: DriverContext) -> None:
        """Begin to keep the Service reachable; healthy when it is, however late it comes.

        Raises:
            StartError: Its cluster is not up, or does not publish its ports.
        """
        self._context = context
        endpoint = self.endpoint
        self._link = await link_to(context, endpoint.cluster)
        gateway = (await network_of(context)).info.gateway
        self._sees_nodes = gateway is not None and is_own_address(gateway)
        (port,) = context.needed_ports
        if problem := publication_problem(await self._server(), port, endpoint.cluster.name):
            raise StartError(problem.message, remedy=problem.remedy)
        wanted = Wanted(
            endpoint.name,
            endpoint.service,
            endpoint.namespace,
            endpoint.service_port,
            port.protocol.upper(),
            port.container_port,
            own_labels(context, outlives_run=self.outlives_run),
        )
        self._keeper = NodePortKeeper(self._link.api, wanted, context.health_changed, self._take_spare_port)
        context.report(
            service=f"{endpoint.namespace}/{endpoint.service}:{endpoint.service_port}", node_port=port.container_port
        )
        context.spawn(self._keeper.keep(), "keeping its Service")

    async def health(self) -> Health:
        """Whether the Service has a ready endpoint and answers through the node port; if not, why."""
        if self.keeper.problem:
            return Health.unhealthy(self.keeper.problem)
        ready, service = self.keeper.ready_endpoints, self.keeper.service
        if service is None or not ready:
            return Health.unhealthy(await why_no_endpoint(self.link.api, service) if service else "its Service is gone")
        if not await self._is_present(service):
            return Health.unhealthy("its pods have not been reported since their node was started again")
        probe = self._probe(await self._server())
        problem = await probe.ask()
        if problem:
            hint = _hint(self.endpoint.scheme, problem)
            return Health.unhealthy(f"it does not answer at {probe.host}:{probe.port}: {problem}{hint}")
        return Health.healthy(f"{ready} ready endpoint{'' if ready == 1 else 's'}")

    async def stop(self, reason: StopReason) -> Kept | None:
        """Remove what it keeps in the cluster, unless that goes with the cluster or is needed again at once."""
        if reason is StopReason.RUN_ENDING:
            return KEPT if self.outlives_run else None
        if reason is not StopReason.REPLACED:
            await self.keeper.remove()
        return None

    async def _is_present(self, service: Object) -> bool:
        """Whether its endpoints are of pods that run since their nodes were started; looked at once for each start."""
        infos = {name: await self.link.engine.inspect(container) for name, container in self.link.containers.items()}
        starts = {name: info.started_at for name, info in infos.items() if info is not None and info.started_at}
        if starts != self._present_for and service["spec"].get("selector"):
            pods = (await pods_of(self.link.api, service)).items
            if not has_present_endpoint(self.keeper.slices, pods, starts):
                self._follows_at = time.monotonic() + KUBE_PROXY_SECONDS
                return False
        self._present_for = starts
        return time.monotonic() >= self._follows_at

    def _probe(self, server: ContainerInfo | None) -> Probe:
        """How it is asked: on the app's network where this machine is on that too, else through its own port."""
        (port,) = self.context.needed_ports
        address = server.networks.get(self.link.network) if server is not None and self._sees_nodes else None
        scheme = self.endpoint.scheme
        if address:
            return Probe(scheme, port.protocol, address, port.container_port, is_forwarded=False)
        return Probe(scheme, port.protocol, LOOPBACKS[0], port.host_port, is_forwarded=True)

    async def _server(self) -> ContainerInfo | None:
        return await self.link.engine.inspect(self.link.server)

    def _take_spare_port(self, taken: dict[int, str]) -> int | Problem:
        """Go over to a spare port, as a Service of the cluster's user has the one that was chosen."""
        (port,) = self.context.needed_ports
        holder = taken.get(port.container_port, "another Service")
        try:
            spare = self.context.take_spare_port(port.name, taken)
        except LookupError:
            return Problem(
                f"node port {port.container_port} is taken by Service {holder}, and no spare one is left",
                "Give that Service a node port outside 30000-30085, or none.",
            )
        self.context.log(
            f"Node port {port.container_port} is taken by Service {holder}; from now on it is {spare.container_port}, "
            f"at port {spare.host_port} of this machine"
        )
        if told := self._told_consumers():
            self.context.log(f"{', '.join(told)} started with the former address. Restart: fairlead restart {told[0]}")
        self.context.report(node_port=spare.container_port)
        return spare.container_port

    def _told_consumers(self) -> list[str]:
        names = (consumer.resource.name for consumer in self.context.consumers)
        snapshots = (self.context.snapshot(name) for name in names)
        return [snapshot.name for snapshot in snapshots if snapshot is not None and snapshot.environment]


def publication_problem(server: ContainerInfo | None, port: ContainerPort, cluster: str) -> Problem | None:
    """Why an endpoint can't be reached through the container of its cluster's server; None where it can.

    Args:
        server: The container.
        port: The pair of ports that was chosen for the endpoint.
        cluster: The cluster's name.
    """
    published = () if server is None else server.ports
    for each in published:
        is_external = each.host_ip not in LOOPBACKS
        found = (each.container_port, each.host_port, each.protocol, is_external)
        if found == (port.container_port, port.host_port, port.protocol, port.external):
            return None
    return Problem(
        f"its port {port.host_port} is not published by the container of {cluster}, which was created before it was "
        "declared and has no spare port left",
        f"Restart the cluster: fairlead restart {cluster}.",
    )


def _hint(scheme: str, problem: str) -> str:
    if scheme in ("http", "https") and ("HTTP" in problem or "SSL" in problem):
        return ". Give add_service_endpoint() the scheme that is spoken there, such as scheme='tcp'."
    return ""
