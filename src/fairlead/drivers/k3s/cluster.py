"""Clusters: the server's container, and around it what makes it the cluster of an app."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fairlead.drivers.container_files import first_file
from fairlead.drivers.container_spec import Additions
from fairlead.drivers.images import Image
from fairlead.drivers.k3s.kubeconfigs import deliver, write_own
from fairlead.drivers.k3s.link import ClusterLink, ClusterLinks
from fairlead.drivers.k3s.names import keep_names
from fairlead.drivers.k3s.node import NodeDriver
from fairlead.drivers.k3s.node_arguments import node_name, server_arguments
from fairlead.drivers.k3s.readiness import ClusterView, Expected, judge
from fairlead.drivers.network import AppNetwork
from fairlead.engines.kube import KubernetesApi, ObjectKind, ObjectRef
from fairlead.engines.kube.client import connect
from fairlead.engines.kube.kubeconfig import parse, point_at
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.consumer import Network
from fairlead.model.driver import DriverContext, Kept, StopReason
from fairlead.model.health import Health, HealthStatus
from fairlead.model.state import State
from fairlead.resources.k3s.server import API_PORT, K3sServer

KUBECONFIG_IN_NODE = "/etc/rancher/k3s/k3s.yaml"
_PAUSE = 0.25
"""Seconds between two looks at a cluster that is coming up."""
_CALM_PAUSE = 5.0
"""Seconds between two looks at a cluster that is ready."""
_NODE = ObjectKind("v1", "Node")
_ACCOUNT = ObjectRef(ObjectKind("v1", "ServiceAccount"), "default", "default")
_DNS = ObjectRef(ObjectKind("apps/v1", "Deployment"), "coredns", "kube-system")


class ClusterDriver(NodeDriver):
    """Runs the server of a cluster, and sees to it that the cluster is what the definition says."""

    def __init__(self) -> None:
        super().__init__()
        self._link: ClusterLink | None = None
        self._health = Health.unhealthy("its API server does not answer yet")
        self._containers: dict[str, str] = {}
        self._prepared = False

    @property
    def cluster(self) -> K3sServer:
        """The resource."""
        assert isinstance(self.node, K3sServer)
        return self.node

    async def additions(self, image: Image, network: AppNetwork) -> Additions:
        """What a server has beyond a container."""
        needs = await self.needs(self.cluster, self.cluster.server_arguments, network)
        names = (self.cluster.name, node_name(self.cluster.name))
        return self.additions_of(server_arguments(self.cluster, names, needs.arguments), needs)

    async def start(self, context: DriverContext) -> None:
        """Start the server's container; the cluster is brought up beside it, and healthy when it is ready."""
        await super().start(context)
        context.spawn(self._bring_up_cluster(), "cluster")

    async def health(self) -> Health | None:
        """Whether the API answers, and this run's nodes and the DNS are up; if not, what is missing."""
        return self._health

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Stop or remove the server, or leave it as it is where it outlives the run."""
        await self._disconnect()
        return await super().stop(reason)

    # Bringing the cluster up

    async def _bring_up_cluster(self) -> None:
        link = await self._connect()
        self._link = link
        (await self.context.shared(ClusterLinks, ClusterLinks.make)).put(link)
        self.context.spawn(keep_names(self.context, link), "names")
        path = write_own(self.context, link.name, link.kubeconfigs)
        self.context.report(kubeconfig=str(path))
        for consumer in self.context.consumers:
            await deliver(self.context, self.engine, consumer, link.name, link.kubeconfigs[consumer.network])
        self._prepared = True
        while True:
            await self._look(link)
            await asyncio.sleep(_CALM_PAUSE if self._health.status is HealthStatus.HEALTHY else _PAUSE)

    async def _connect(self) -> ClusterLink:
        """Wait until the API answers."""
        while True:
            kubeconfig = await self._kubeconfig_of_server()
            if kubeconfig is not None:
                kubeconfigs = self._kubeconfigs(kubeconfig)
                api = await connect(kubeconfigs[Network.HOST])
                try:
                    await self._wait_until_it_answers(api)
                except BaseException:
                    await api.close()
                    raise
                self._containers[node_name(self.cluster.name)] = self._id
                return ClusterLink(
                    self.cluster.name, api, self.engine, self._containers, await self._network_name(), kubeconfigs
                )
            await asyncio.sleep(_PAUSE)

    async def _kubeconfig_of_server(self) -> Mapping[str, Any] | None:
        """The kubeconfig as k3s has written it, or None while there is none."""
        with suppress(EngineError):
            data = first_file(await self.engine.get_archive(self._id, KUBECONFIG_IN_NODE))
            if data:
                kubeconfig = parse(data.decode(), KUBECONFIG_IN_NODE)
                for secret in secrets_of(kubeconfig):
                    self.context.mask(secret)
                return kubeconfig
        return None

    def _kubeconfigs(self, kubeconfig: Mapping[str, Any]) -> dict[Network, Mapping[str, Any]]:
        inside = point_at(kubeconfig, f"https://{node_name(self.cluster.name)}:{API_PORT}")
        outside = point_at(kubeconfig, f"https://127.0.0.1:{self.context.host_port('api')}")
        return {Network.HOST: outside, Network.CONTAINER: inside, Network.POD: inside}

    async def _wait_until_it_answers(self, api: KubernetesApi) -> None:
        while True:
            try:
                unready = await api.unready()
            except EngineError as error:
                self._show(Health.unhealthy(f"its API server does not answer yet: {error.message}"))
            else:
                if not unready:
                    return
                self._show(Health.unhealthy(f"its API server is not ready yet: {', '.join(unready)}"))
            await asyncio.sleep(_PAUSE)

    async def _network_name(self) -> str:
        info = await self.engine.inspect(self._id)
        return next(iter(info.networks), "") if info is not None else ""

    async def _disconnect(self) -> None:
        if self._link is not None:
            (await self.context.shared(ClusterLinks, ClusterLinks.make)).take(self._link.name)
            await self._link.api.close()
            self._link = None

    # Whether it is ready

    async def _look(self, link: ClusterLink) -> None:
        try:
            view = ClusterView(
                tuple((await link.api.list(_NODE)).items), await link.api.get(_ACCOUNT), await link.api.get(_DNS)
            )
        except EngineUnavailable as error:
            self._show(Health.unhealthy(f"its API server does not answer: {error.message}"))
            return
        self._show(judge(view, await self._expected()))

    async def _expected(self) -> Expected:
        """The nodes of this run, and what is known of those that have not come up."""
        nodes: dict[str, float] = {}
        problems: dict[str, str] = {}
        for node in (self.cluster, *self.cluster.agents):
            snapshot = self.context.snapshot(node.name)
            container = self.context.known(node.container_id)
            if snapshot is None:
                continue  # the run goes without it
            name = node_name(node.name)
            info = await self.engine.inspect(container) if container else None
            nodes[name] = info.started_at or 0.0 if info is not None else 0.0
            if container is not None:
                self._containers[name] = container
            if snapshot.state is not State.RUNNING:
                problems[name] = snapshot.reason or f"it is {snapshot.state}"
        return Expected(nodes, problems, "coredns" not in self.cluster.disabled_components)

    def _show(self, health: Health) -> None:
        if health != self._health:
            self._health = health
            self.context.health_changed()


def secrets_of(kubeconfig: Mapping[str, Any]) -> list[str]:
    """The texts of a kubeconfig that nobody is to see."""
    users = [entry.get("user", {}) for entry in kubeconfig.get("users", ())]
    return [user[key] for user in users for key in ("client-key-data", "token", "password") if user.get(key)]
