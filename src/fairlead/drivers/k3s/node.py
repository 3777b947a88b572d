"""What the drivers of servers and agents have in common: a privileged container that runs k3s."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fairlead.drivers.container import ContainerDriver
from fairlead.drivers.container_spec import Additions
from fairlead.drivers.k3s.node_arguments import node_name
from fairlead.model.volume import ContainerFile
from fairlead.resources.k3s.node import K3sNode

# Each node has control groups of its own: two kubelets in one tree kill each other's pods (design §6, D-01).
_OPTIONS = ("--privileged", "--cgroupns=private", "--tmpfs=/run", "--tmpfs=/var/run")


class MachineNeeds(NamedTuple):
    """What this machine and its engine make necessary for a node."""

    arguments: tuple[str, ...] = ()
    files: tuple[ContainerFile, ...] = ()


class NodeDriver(ContainerDriver):
    """Runs a node."""

    @property
    def node(self) -> K3sNode:
        """The resource."""
        resource = self.context.resource
        assert isinstance(resource, K3sNode)
        return resource

    async def machine_needs(self) -> MachineNeeds:
        """What this machine makes necessary."""
        return MachineNeeds(("--kubelet-arg=fail-cgroupv1=false",))

    def node_additions(self, arguments: Iterable[str], files: Iterable[ContainerFile]) -> Additions:
        """What every node has.

        Args:
            arguments: The arguments of ``k3s``.
            files: What it finds in its container.
        """
        own_ports = {spec.target_port for spec in self.node.endpoints.values()}
        others = (port for port in self.context.container_ports if port.container_port not in own_ports)
        return Additions(
            arguments=tuple(arguments),
            options=(*_OPTIONS, f"--hostname={node_name(self.node.name)}"),
            files=tuple(files),
            unhashed=frozenset(f"port {port.container_port}/{port.protocol}" for port in others),
            describe_arguments=True,
        )
