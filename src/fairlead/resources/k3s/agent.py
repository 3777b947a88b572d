"""Agents: further nodes of a cluster, which run pods and no control plane."""

from __future__ import annotations

from typing import ClassVar

from fairlead.model.names import normal_form
from fairlead.model.parameter import Parameter
from fairlead.model.values.value import ref
from fairlead.resources.k3s.node import K3sNode


class K3sAgent(K3sNode):
    """An agent. What it runs, and how long it lives, its cluster says.

    Args:
        name: The resource's name, and the node's.
        cluster: The name of the cluster.
        image: The image of the cluster.
        token: What the server knows its nodes by.
    """

    kind: ClassVar[str] = "K3s agent"
    default_icon: ClassVar[str] = "node"
    driver: ClassVar[str | None] = "fairlead.drivers.k3s.nodes.agent:AgentDriver"
    starts_with_parent: ClassVar[bool] = True

    def __init__(self, name: str, cluster: str, image: str, token: Parameter) -> None:
        super().__init__(name, image)
        self.cluster = cluster
        self.with_environment("K3S_TOKEN", token)
        self.with_environment("K3S_URL", ref("https://{server}:6443", server=normal_form(cluster)))
        self.exclude_from_manifest()
