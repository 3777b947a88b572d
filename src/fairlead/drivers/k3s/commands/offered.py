"""The commands that a cluster offers while it is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from fairlead.drivers.k3s.commands.diagnostics import Diagnostics, archive
from fairlead.drivers.k3s.commands.load_missing import load_missing
from fairlead.drivers.k3s.commands.reset import ClusterResets
from fairlead.drivers.k3s.commands.restart_workload import restart_workload
from fairlead.drivers.k3s.link import ClusterLink, ClusterLinks
from fairlead.drivers.k3s.nodes.node_arguments import node_name
from fairlead.engines.containers import ContainerEngine
from fairlead.errors import StartError
from fairlead.model.command import Command, CommandInput, CommandResult
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.resource import ActionContext
from fairlead.resources.k3s.server import K3sServer
from fairlead.runtime.store.files import write_private

_RESET_QUESTION = "This removes all that is in the cluster, its data included, and starts it afresh. Go on?"


class ClusterCommands:
    """The commands of one start of a cluster.

    Args:
        context: Its start.
        engine: The engine of its nodes.
    """

    def __init__(self, context: DriverContext, engine: ContainerEngine) -> None:
        self._context = context
        self._engine = engine

    def all(self) -> Sequence[Command]:
        """The commands."""
        workload = CommandInput("workload", "Workload, such as deployment/default/web", required=True)
        return (
            Command("load-image", self.load_image, "Load images that pods lack"),
            Command("restart-workload", self.restart_workload, "Restart a workload", inputs=(workload,)),
            Command("diagnostics", self.diagnostics, "Collect diagnostics"),
            Command("reset", self.reset, "Reset the cluster", confirm=_RESET_QUESTION, loses_data=True),
        )

    async def load_image(self) -> str:
        """Load the images that pods wait for, where the engine has them.

        Raises:
            StartError: The API is not up, or the engine has none of them.
            EngineError: One can't be loaded, or the API refuses.
        """
        return await load_missing(self._context, self._engine, (await self._present_link()).api)

    async def restart_workload(self, action: ActionContext) -> str:
        """Have the pods of a workload replaced.

        Raises:
            StartError: The API is not up.
            UsageError: There is no such workload, or there are several.
            EngineError: The API refuses.
        """
        workload = await restart_workload((await self._present_link()).api, str(action.inputs["workload"]))
        return f"{workload} is being restarted"

    async def diagnostics(self) -> CommandResult:
        """Write what helps to find a fault into an archive.

        Raises:
            StateError: It can't be written.
        """
        link = await self._link()
        api = link.api if link is not None else None
        files = await Diagnostics(self._engine, self._containers(), api, self._context.masked).collect()
        name = f"{self._context.resource.name}-diagnostics-{time.strftime('%Y%m%d-%H%M%S')}"
        path = self._context.state_folder / f"{name}.tar.gz"
        content = await asyncio.to_thread(archive, files, name)
        write_private(path, content)
        return CommandResult(f"The diagnostics are in {path}", {"path": str(path)})

    async def reset(self) -> str:
        """Have the cluster restarted with nothing in it."""
        (await self._context.shared(ClusterResets, ClusterResets.make)).begin(self._context.resource.name)
        self._context.restart()
        return "It starts afresh"

    async def _present_link(self) -> ClusterLink:
        link = await self._link()
        if link is None:
            raise StartError("its API does not answer yet", remedy="Try again when it is healthy.")
        return link

    async def _link(self) -> ClusterLink | None:
        links = await self._context.shared(ClusterLinks, ClusterLinks.make)
        return links.get(self._context.resource.name)

    def _containers(self) -> Mapping[str, str]:
        """The containers of its nodes that are there."""
        cluster = self._context.resource
        assert isinstance(cluster, K3sServer)
        known = ((node_name(node.name), self._context.known(node.container_id)) for node in (cluster, *cluster.agents))
        return {name: container for name, container in known if container}
