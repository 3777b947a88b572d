"""Agents: a node that joins the server of its cluster, by k3s's own patience."""

from __future__ import annotations

from dataclasses import replace

from fairlead.drivers.containers.images import PresentImage
from fairlead.drivers.containers.network import AppNetwork
from fairlead.drivers.containers.spec import Additions
from fairlead.drivers.k3s.nodes.node import NodeDriver
from fairlead.drivers.k3s.nodes.node_arguments import agent_arguments
from fairlead.model.lifetime import Lifetime
from fairlead.resources.k3s.agent import K3sAgent
from fairlead.resources.k3s.server import K3sServer


class AgentDriver(NodeDriver):
    """Runs an agent. Whether it has joined, its cluster tells."""

    async def additions(self, image: PresentImage, network: AppNetwork) -> Additions:
        """What an agent has beyond a container."""
        agent = self.node
        assert isinstance(agent, K3sAgent)
        cluster = self.context.app[agent.cluster]
        assert isinstance(cluster, K3sServer)
        needs = await self.needs(cluster, cluster.agent_arguments, network)
        additions = self.additions_of(agent_arguments(agent, cluster.agent_arguments, needs.arguments), needs)
        return replace(additions, parts={"server": await self._server_of(cluster)})

    async def _server_of(self, cluster: K3sServer) -> str:
        """What the agent has joined: a server that was created anew without its data knows it no longer."""
        if self._lifetime is Lifetime.SESSION or cluster.keeps_data:
            return ""
        return await self.context.resolve(cluster.container_id)
