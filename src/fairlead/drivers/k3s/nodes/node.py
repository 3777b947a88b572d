"""What the drivers of servers and agents have in common: a privileged container that runs k3s."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.containers.engine import engine_of
from fairlead.drivers.containers.files import contents_of
from fairlead.drivers.containers.naming import object_name
from fairlead.drivers.containers.network import AppNetwork
from fairlead.drivers.containers.setting_options import setting_options
from fairlead.drivers.containers.spec import Additions, Desired
from fairlead.drivers.finding import Finding
from fairlead.drivers.k3s.commands.reset import ClusterResets, remove_node
from fairlead.drivers.k3s.images.registry import registry_files
from fairlead.drivers.k3s.link import ClusterLinks
from fairlead.drivers.k3s.nodes.before_start import check_before_start
from fairlead.drivers.k3s.nodes.failed_start import complaint, explain_failed_start
from fairlead.drivers.k3s.nodes.machine import machine_of
from fairlead.drivers.k3s.nodes.node_arguments import memory_limit, node_name
from fairlead.drivers.k3s.nodes.published_ports import published_label, unpublished
from fairlead.drivers.k3s.nodes.renewal import learned_name_servers, renew_files, restart_dns
from fairlead.drivers.k3s.nodes.workarounds import (
    RESOLV_CONF,
    NodeAdditions,
    NodeSetting,
    node_workarounds,
    resolv_conf,
)
from fairlead.engines.containers import ContainerInfo
from fairlead.engines.tasks import run_together
from fairlead.errors import EngineError
from fairlead.model.command import Command
from fairlead.model.driving.driver import Kept, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.lifetime import Lifetime
from fairlead.resources.k3s.agent import K3sAgent
from fairlead.resources.k3s.node import K3sNode
from fairlead.resources.k3s.server import K3sServer

_ENDED_BY_OTHERS = (0, 137, 143)
"""Exit codes of a node that was asked to end, or killed: its log does not tell why."""
_PATIENCE = 20.0
"""Seconds after which the errors of a node are worth showing: on its way up it has many that go away."""

_RESTART_SECONDS = 3.0
"""How long the engine may take between the two halves of a restart."""
_RESTART_LOOK = 0.1


class NodeDriver(ContainerDriver):
    """Runs a node."""

    def __init__(self) -> None:
        super().__init__()
        self._findings: list[Finding] = []
        self._needs = NodeAdditions()
        self._begin = 0.0

    @property
    def node(self) -> K3sNode:
        """The resource."""
        resource = self.context.resource
        assert isinstance(resource, K3sNode)
        return resource

    async def start(self, context: DriverContext) -> None:
        """Start the node's container.

        Raises:
            StartError: A cluster can't run on this machine.
        """
        engine = await engine_of(context)  # which is looked at while the image and the network are seen to
        self._begin = time.monotonic()
        await run_together(super().start(context), machine_of(context, engine))
        (await self.links()).watch(node_name(self.node.name), self._complaint)
        context.spawn(self._share_mounts(), "mount propagation")
        if self.is_reused or self._needs.learns_name_servers:
            await self._renew_files()

    async def _share_mounts(self) -> None:
        """Let pods pass mounts on to the node and to others, as their volumes may ask for with ``Bidirectional``.

        An engine gives a container a root of its own, and the kubelet refuses such pods there (Kubernetes
        documentation, "Mount propagation").
        """
        with suppress(EngineError):  # a node that has ended says why
            await self.engine.exec(self._id, ("mount", "--make-rshared", "/"))

    async def _renew_files(self) -> None:
        """Tell a node of this machine what only shows now, or has changed since it was created."""
        files = self._needs.files
        if self._needs.learns_name_servers and (servers := await learned_name_servers(self.engine, self._id)):
            files = (*(file for file in files if file.path != RESOLV_CONF), resolv_conf(servers))
        has_others = await renew_files(self.engine, self._id, await contents_of(files, self.context))
        if has_others and self.is_reused:
            cluster = self.node.cluster if isinstance(self.node, K3sAgent) else self.node.name
            self.context.spawn(restart_dns(self.context, cluster, node_name(self.node.name)), "name servers")

    async def wait(self) -> int:
        """Wait until the node has ended, and tell why, as far as its log says.

        One whose container the user restarts (``docker restart``) goes on: it is the same node with the same data.
        """
        code = await super().wait()
        while await self._is_started_again():
            self.end_reason = ""
            self.context.log("Its container was restarted, and it goes on")
            self.log.follow(self._id)
            code = await super().wait()
        if code in _ENDED_BY_OTHERS or self.end_reason:
            return code
        explanation = explain_failed_start(self._findings, self._last_lines())
        if explanation is not None:
            self.end_reason = str(explanation)
        return code

    def commands(self) -> Sequence[Command]:
        """None: what is in a node is a part of its cluster, which is reset as a whole."""
        return ()

    async def stop(self, reason: StopReason) -> int | Kept | None:
        """Stop the node: in order where its data is needed again, at once where that goes too, as in a reset."""
        has_data = any(mount.name is not None for mount in self.node.volumes)
        data_goes = self.context.isolated and reason is StopReason.RUN_ENDING
        is_reset = await self._is_being_reset()
        if is_reset or (self._lifetime is Lifetime.SESSION and (data_goes or not has_data)):
            self._grace = 0.0
        code = await super().stop(reason)
        if is_reset:
            await self._remove()
        return code

    async def _is_being_reset(self) -> bool:
        resets = await self.context.shared(ClusterResets, ClusterResets.make)
        return resets.includes(self.node.cluster if isinstance(self.node, K3sAgent) else self.node.name)

    async def _remove(self) -> None:
        try:
            await remove_node(self.context, self.engine, self._id)
        except EngineError as error:
            self.context.log(f"Something of it is left: {error.message}")

    async def _existing(self, desired: Desired) -> ContainerInfo | None:
        """The container that is there, if it is the one that is wanted.

        Ports that were needed after it was created are no reason to replace one that runs: its resources say that it
        has to be restarted. One that has to be started anyway is replaced by one that publishes them.
        """
        known = await super()._existing(desired)
        if known is None or known.state == "running":
            return known
        lacking = unpublished(known.labels, self.context.container_ports, self.node.name)
        if not lacking:
            return known
        self.context.log(f"Recreated: it did not publish the ports of {', '.join(lacking)}")
        await self.engine.remove(known.id)
        return None

    async def _is_started_again(self) -> bool:
        """Whether the container runs again a moment after it has ended."""
        deadline = time.monotonic() + _RESTART_SECONDS
        while time.monotonic() < deadline:
            info = await self.engine.inspect(self._id)
            if info is None or info.state == "running":
                return info is not None
            await asyncio.sleep(_RESTART_LOOK)
        return False

    async def links(self) -> ClusterLinks:
        """The clusters of the run."""
        return await self.context.shared(ClusterLinks, ClusterLinks.make)

    def _last_lines(self) -> list[str]:
        return [line.decode(errors="replace") for line in self.log.last_lines]

    def _complaint(self) -> str:
        """The last error in its log, if it is worth showing."""
        return complaint(self._last_lines()) if time.monotonic() - self._begin > _PATIENCE else ""

    async def needs(self, cluster: K3sServer, given: Iterable[str], network: AppNetwork) -> NodeAdditions:
        """What this machine and its engine make necessary.

        Args:
            cluster: The node's cluster.
            given: What the definition gives k3s on this node.
            network: The network that the node joins.

        Raises:
            StartError: A cluster can't run on this machine.
        """
        machine = await machine_of(self.context, self.engine)
        subnets = network.info.subnets
        if self.node is cluster:
            known = await self.engine.inspect(object_name(self.context.app_id, self.node.name))
            runs = known is not None and known.state == "running"
            self._findings = check_before_start(self.context, cluster, machine, subnets, runs_already=runs)
        setting = NodeSetting(
            arguments=tuple(given),
            memory_limit=memory_limit([*setting_options(self.node.settings, None), *self.node.runtime_args]),
            names=tuple(self.context.app.names),
            subnets=subnets,
        )
        needs = node_workarounds(machine.facts, cluster, machine.host, setting)
        self._needs = needs
        for secret in needs.secrets:
            self.context.mask(secret)
        for note in needs.notes:
            self.context.log(note)
        return replace(needs, files=(*needs.files, *registry_files(self.context, cluster)))

    def additions_of(self, arguments: Iterable[str], needs: NodeAdditions) -> Additions:
        """What every node has beyond a container.

        Args:
            arguments: The arguments of k3s.
            needs: What this machine makes necessary.
        """
        own_ports = {spec.target_port for spec in self.node.endpoints.values()}
        others = (port for port in self.context.container_ports if port.container_port not in own_ports)
        return Additions(
            arguments=tuple(arguments),
            environment=needs.environment,
            options=(*needs.options, f"--hostname={node_name(self.node.name)}"),
            files=needs.files,
            labels=published_label(self.context.container_ports),
            unhashed=needs.volatile.union(f"port {port.container_port}/{port.protocol}" for port in others),
            describe_arguments=True,
        )
