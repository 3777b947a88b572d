"""Resetting a cluster: its next start begins with nothing in it.

The command asks for it and has the cluster restarted; the drivers of its nodes remove their containers and volumes
as they stop for that, instead of keeping them.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.drivers.containers.naming import APP, object_name
from fairlead.engines.containers import ContainerEngine
from fairlead.model.driving.driver_context import DriverContext
from fairlead.resources.k3s.node import K3sNode


class ClusterResets:
    """The clusters of a run that are being reset, by name."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    @classmethod
    async def make(cls) -> ClusterResets:
        """None so far."""
        return cls()

    def begin(self, cluster: str) -> None:
        """The nodes of a cluster are to leave nothing when they stop next."""
        self._names.add(cluster)

    def end(self, cluster: str) -> None:
        """The cluster starts afresh."""
        self._names.discard(cluster)

    def includes(self, cluster: str) -> bool:
        """Whether a cluster is being reset."""
        return cluster in self._names

    async def close(self) -> None:
        """Nothing is open."""


async def remove_node(context: DriverContext, engine: ContainerEngine, container: str) -> None:
    """Remove a node that has stopped, with its volumes; one that the app did not make is left.

    Args:
        context: The node's start.
        engine: The engine.
        container: The node's container.

    Raises:
        EngineError: The engine refuses.
    """
    node = context.resource
    assert isinstance(node, K3sNode)
    await engine.remove(container)
    own = {volume.name for volume in await engine.volumes({APP: context.app_id})}
    for name in _volumes_of(context.app_id, node):
        if name in own:
            await engine.remove_volume(name)
        else:
            context.log(f"The volume {name} is left as it is, as Fairlead did not make it")


def _volumes_of(app_id: str, node: K3sNode) -> Iterable[str]:
    return dict.fromkeys(object_name(app_id, mount.name) for mount in node.volumes if mount.name is not None)
