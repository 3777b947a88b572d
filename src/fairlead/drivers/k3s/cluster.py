"""Clusters: the server's container, and around it what makes it the cluster of an app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fairlead.drivers.container import exec_in
from fairlead.drivers.containers.images import PresentImage
from fairlead.drivers.containers.inner_objects import KEEP_RUN, cleanup_label, remove_inner_leftovers
from fairlead.drivers.containers.naming import APP, LIFETIME
from fairlead.drivers.containers.network import AppNetwork
from fairlead.drivers.containers.spec import Additions
from fairlead.drivers.k3s.access.connecting import connect_when_ready, kubeconfig_of_server, kubeconfigs_for, secrets_of
from fairlead.drivers.k3s.access.identity import keep_scoped_kubeconfig
from fairlead.drivers.k3s.access.kubeconfigs import deliver, forget_kubeconfigs, write_own
from fairlead.drivers.k3s.access.names import keep_names
from fairlead.drivers.k3s.commands.inside import CommandInNode, command_inside
from fairlead.drivers.k3s.commands.offered import ClusterCommands
from fairlead.drivers.k3s.commands.reset import ClusterResets
from fairlead.drivers.k3s.details.document import ClusterFacts, cluster_document
from fairlead.drivers.k3s.details.node_usage import NodeUsage
from fairlead.drivers.k3s.endpoints.prune_endpoints import prune_service_endpoints
from fairlead.drivers.k3s.helm.prune import prune_releases
from fairlead.drivers.k3s.images.images import keep_images, load_images
from fairlead.drivers.k3s.images.registry import announce_registry
from fairlead.drivers.k3s.kept_data import check_kept_data, what_is_lost
from fairlead.drivers.k3s.link import ClusterLink
from fairlead.drivers.k3s.manifests.prune import prune_manifests
from fairlead.drivers.k3s.nodes.former_agents import former_agents
from fairlead.drivers.k3s.nodes.node import NodeDriver
from fairlead.drivers.k3s.nodes.node_arguments import node_name, server_arguments
from fairlead.drivers.k3s.nodes.readiness import ClusterView, Expected, judge, stale_nodes
from fairlead.drivers.k3s.own_labels import RUN
from fairlead.drivers.k3s.tree import TreeShow
from fairlead.drivers.k3s.tree.cluster_tree import ClusterTree
from fairlead.drivers.k3s.tree.parents import Origins
from fairlead.engines.kube import ObjectKind, ObjectRef
from fairlead.engines.tasks import run_together
from fairlead.errors import EngineError, EngineUnavailable
from fairlead.model.command import Command
from fairlead.model.driving.driver import KEPT, HostCommand, Kept, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.endpoints.consumer import Network
from fairlead.model.health import Health, HealthStatus
from fairlead.model.lifetime import Lifetime
from fairlead.model.observation.state import State
from fairlead.model.resource import Consumer
from fairlead.resources.k3s.helm_release import HelmRelease
from fairlead.resources.k3s.manifest import KubernetesManifest
from fairlead.resources.k3s.server import K3sServer

_PAUSE = 0.25
"""Seconds between two looks at a cluster that is coming up."""
_CALM_PAUSE = 5.0
"""Seconds between two looks at a cluster that is ready."""
_DETAILS_SECONDS = 1.0
"""Seconds between two documents for a page that shows the cluster."""
_NODE = ObjectKind("v1", "Node")
_ACCOUNT = ObjectRef(ObjectKind("v1", "ServiceAccount"), "default", "default")
_DNS = ObjectRef(ObjectKind("apps/v1", "Deployment"), "coredns", "kube-system")
#: Removes the namespaces that runs have created for themselves in a cluster that stays, as tests do.
_REMOVAL = ("kubectl", "delete", "namespaces", "--ignore-not-found", "--wait=false", "-l")
_CLEANUP = (*_REMOVAL, f"{RUN},{RUN}!={KEEP_RUN}")


class ClusterDriver(NodeDriver):
    """Runs the server of a cluster, and sees to it that the cluster is what the definition says."""

    def __init__(self) -> None:
        super().__init__()
        self._link: ClusterLink | None = None
        self._health = Health.unhealthy("its API server does not answer yet")
        self._containers: dict[str, str] = {}
        self._show_of_tree: TreeShow | None = None
        self._kubeconfig = ""
        self._ready_after: float | None = None

    @property
    def cluster(self) -> K3sServer:
        """The resource."""
        assert isinstance(self.node, K3sServer)
        return self.node

    async def additions(self, image: PresentImage, network: AppNetwork) -> Additions:
        """What a server has beyond a container."""
        needs = await self.needs(self.cluster, self.cluster.server_arguments, network)
        names = (self.cluster.name, node_name(self.cluster.name))
        additions = self.additions_of(server_arguments(self.cluster, names, needs.arguments), needs)
        is_persistent = self._lifetime is Lifetime.PERSISTENT
        return (
            replace(additions, labels={**additions.labels, **cleanup_label(_CLEANUP)}) if is_persistent else additions
        )

    async def start(self, context: DriverContext) -> None:
        """Start the server's container; the cluster is brought up beside it, and healthy when it is ready."""
        await super().start(context)
        (await context.shared(ClusterResets, ClusterResets.make)).end(self.cluster.name)
        context.spawn(self._bring_up_cluster(), "cluster")

    def what_is_lost(self) -> str:
        """What becomes of what is in the cluster when its containers are created anew."""
        return what_is_lost(self.cluster)

    def commands(self) -> Sequence[Command]:
        """Restarting a workload, collecting diagnostics, and starting afresh."""
        return ClusterCommands(self.context, self.engine).all()

    async def details(self) -> AsyncGenerator[object]:
        """What its API server and its nodes say, as a ``ClusterDocument``, each time that changes."""
        nodes = NodeUsage(self.engine)
        before = None
        while True:
            document = cluster_document(self._facts(), self._tree(), await nodes.read(self._containers))
            if document != before:
                yield document
            before = document
            await asyncio.sleep(_DETAILS_SECONDS)

    def _facts(self) -> ClusterFacts:
        resources = {node_name(node.name): node.name for node in (self.cluster, *self.cluster.agents)}
        address = f"https://localhost:{self.context.host_port('api')}"
        return ClusterFacts(self.cluster.name, resources, address, self._kubeconfig, self._ready_after)

    def _tree(self) -> ClusterTree:
        """What is in it, as far as it is known."""
        return self._show_of_tree.tree if self._show_of_tree is not None else ClusterTree(Origins(self.cluster.name))

    def exec_command(self, argv: tuple[str, ...], *, terminal: bool, child: str | None = None) -> HostCommand | None:
        """The engine's own ``exec``, into a node or through the server into a pod.

        Raises:
            EngineError: The engine's command is not installed.
        """
        inside = command_inside(child, argv, terminal=terminal) if child else CommandInNode(None, argv)
        if inside is None:
            return None
        container = self._id if inside.node is None else self._containers.get(inside.node)
        return exec_in(self.engine, container, inside.argv, terminal=terminal) if container else None

    async def health(self) -> Health | None:
        """Whether the API answers, and this run's nodes and the DNS are up; if not, what is missing."""
        return self._health

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Stop or remove the server, or leave it as it is where it outlives the run."""
        if self._link is not None:
            (await self.links()).take(self._link.name)
            await self._link.api.close()
        outcome = await super().stop(reason)
        if outcome is not KEPT and reason is not StopReason.REPLACED:
            forget_kubeconfigs(self.context, self.cluster.name)
        return outcome

    # Bringing the cluster up

    async def _bring_up_cluster(self) -> None:
        try:
            link, replaced = await run_together(self._open_link(), load_images(self.context, self.engine))
        except EngineError:
            info = await self.engine.inspect(self._id)
            if info is not None and info.state != "running":
                return  # k3s has ended, and wait() tells why
            raise
        self.context.spawn(keep_images(self.context, link, replaced), "images")
        await self._remove_leftovers()
        if self._lifetime is Lifetime.PERSISTENT:
            (await self.context.guard()).add_cleanup(self._id, (*_REMOVAL, f"{RUN}={self.context.run_id}"))
        await self._prune(link)
        while True:
            await self._look(link)
            await asyncio.sleep(_CALM_PAUSE if self._health.status is HealthStatus.HEALTHY else _PAUSE)

    async def _open_link(self) -> ClusterLink:
        """Connect to the cluster, and let those who need it reach it, and its pods the app."""
        context = self.context
        link = await self._connect()
        self._link = link
        await check_kept_data(link.api, self.cluster)
        (await self.links()).put(link)
        self._kubeconfig = str(write_own(context, link.name, link.kubeconfigs))
        context.report(kubeconfig=self._kubeconfig)
        for consumer in context.consumers:
            if consumer.service_account is None:
                await deliver(context, self.engine, consumer, link.name, link.kubeconfigs[consumer.network])
            else:
                context.spawn(self._keep_scoped(link, consumer, consumer.service_account), "scoped kubeconfig")
        self._show_of_tree = TreeShow(context, link)
        context.spawn(self._show_of_tree.show(), "tree")
        context.spawn(keep_names(context, link), "names for pods")
        context.spawn(announce_registry(context, link), "registry")
        if self.cluster.loaded_images:
            self._show(Health.unhealthy("its images are not loaded yet"))
        return link

    async def _keep_scoped(self, link: ClusterLink, consumer: Consumer, account: str) -> None:
        async def hand_over(kubeconfig: Mapping[str, Any]) -> None:
            for secret in secrets_of(kubeconfig):
                self.context.mask(secret)
            await deliver(self.context, self.engine, consumer, link.name, kubeconfig)

        await keep_scoped_kubeconfig(link, account, consumer.network, hand_over, self.context.log)

    async def _connect(self) -> ClusterLink:
        cluster = self.cluster
        kubeconfig = await kubeconfig_of_server(self.engine, self._id)
        for secret in secrets_of(kubeconfig):
            self.context.mask(secret)
        kubeconfigs = kubeconfigs_for(kubeconfig, cluster.name, self.context.host_port("api"))
        api = await connect_when_ready(kubeconfigs[Network.HOST], lambda reason: self._show(Health.unhealthy(reason)))
        self._containers[node_name(cluster.name)] = self._id
        info = await self.engine.inspect(self._id)
        network = next(iter(info.networks), "") if info is not None else ""
        return ClusterLink(cluster.name, api, self.engine, self._containers, network, kubeconfigs)

    async def _remove_former_agents(self) -> None:
        """Remove the containers of agents that are not declared any more; their nodes follow when they are missed."""
        kept = await self.engine.containers({APP: self.context.app_id, LIFETIME: Lifetime.PERSISTENT})
        for name, container in former_agents(kept, self.cluster.name, self.context.app.names):
            self.context.log(f"Removing the agent {name}, which is not declared any more")
            await self.engine.remove(container.id)

    async def _prune(self, link: ClusterLink) -> None:
        """Take out of a cluster that was there already what is not declared any more."""
        if self._lifetime is Lifetime.PERSISTENT:
            await self._remove_former_agents()
        if self._lifetime is Lifetime.PERSISTENT or self.cluster.keeps_data:
            children = self.cluster.children
            await prune_releases(self.context, link, [child for child in children if isinstance(child, HelmRelease)])
            manifests = [child.name for child in children if isinstance(child, KubernetesManifest)]
            await prune_manifests(self.context, link, manifests)
            await prune_service_endpoints(self.context, link, self.cluster.children)

    async def _remove_leftovers(self) -> None:
        """Remove what runs that have ended have left in a cluster that stayed, which could not be asked before."""
        info = await self.engine.inspect(self._id)
        if info is not None:
            try:
                await remove_inner_leftovers(self.engine, info, self.context.run_id)
            except EngineError as error:
                self.context.log(f"Something of an earlier run is left in it: {error.message}")

    # Whether it is ready

    async def _look(self, link: ClusterLink) -> None:
        expected = await self._expected()
        try:
            nodes = (await link.api.list(_NODE)).items
            for name in stale_nodes(nodes, expected.nodes, node_name(link.name)):
                self.context.log(f"Removing the node {name}, which is not declared any more")
                await link.api.delete(ObjectRef(_NODE, name))
            view = ClusterView(tuple(nodes), await link.api.get(_ACCOUNT), await link.api.get(_DNS))
        except EngineUnavailable as error:
            self._show(Health.unhealthy(f"its API server does not answer: {error.message}"))
        else:
            self._show(judge(view, expected))

    async def _expected(self) -> Expected:
        """The nodes of this run, and what is known of those that have not come up."""
        nodes: dict[str, float] = {}
        problems: dict[str, str] = {}
        links = await self.links()
        for node in (self.cluster, *self.cluster.agents):
            snapshot = self.context.snapshot(node.name)
            if snapshot is None:
                continue  # the run goes without it
            name = node_name(node.name)
            nodes[name] = 0.0
            container = self.context.known(node.container_id)
            if container is not None:
                self._containers[name] = container
                info = await self.engine.inspect(container)
                nodes[name] = info.started_at or 0.0 if info is not None else 0.0
            is_up = snapshot.state is State.RUNNING
            problems[name] = links.complaint_of(name) if is_up else snapshot.reason or f"it is {snapshot.state}"
        return Expected(nodes, problems, "coredns" not in self.cluster.disabled_components)

    def _show(self, health: Health) -> None:
        if health.status is HealthStatus.HEALTHY:
            if self._ready_after is None:
                self._ready_after = time.monotonic() - self._begin
            self._findings.clear()  # what was seen before the start is not why it ends later
        if health != self._health:
            self._health = health
            self.context.health_changed()
