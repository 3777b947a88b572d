"""What the nodes of a cluster have in common: a server and its agents."""

from __future__ import annotations

from typing import ClassVar

from fairlead.resources.container import Container

DATA_PATH = "/var/lib/rancher/k3s"
IDENTITY_PATH = "/etc/rancher/node"
"""Where a node keeps the password by which the server knows it again; without it, a node of the same name is refused
(K3s documentation, "How agent node registration works")."""


class K3sNode(Container):
    """A node: a privileged container that runs k3s. Its name is also the node's name in the cluster."""

    data_path: ClassVar[str | None] = DATA_PATH
    quiet_log: ClassVar[bool] = True  # k3s writes hundreds of lines while all is well
    sends_telemetry: ClassVar[bool] = False

    def keep_data(self, volume: str) -> None:
        """Keep its data, and who it is, in volumes that outlive the container.

        Args:
            volume: The name of the volume for the data; that for its identity is called ``<volume>-node``.
        """
        kept = {DATA_PATH, IDENTITY_PATH}
        self.volumes = [mount for mount in self.volumes if mount.target not in kept]
        self.with_volume(volume, DATA_PATH)
        self.with_volume(f"{volume}-node", IDENTITY_PATH)
