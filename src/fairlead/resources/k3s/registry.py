"""The registry of a cluster: what is pushed to it from this machine, the cluster's nodes pull."""

from __future__ import annotations

from typing import ClassVar

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.locations import user_location
from fairlead.resources.container import Container

REGISTRY_PORT = 5000


class K3sRegistry(Container):
    """A registry that a cluster pulls from. Its data is kept in a volume.

    Args:
        name: The resource's name.
        image: The image to run.
        port: The port of this machine that images are pushed to; by default chosen once and remembered.
    """

    kind: ClassVar[str] = "K3s registry"
    default_icon: ClassVar[str] = "container"
    driver: ClassVar[str | None] = "fairlead.drivers.k3s.images.registry:RegistryDriver"
    starts_with_parent: ClassVar[bool] = True
    quiet_log: ClassVar[bool] = True
    sends_telemetry: ClassVar[bool] = False
    data_path: ClassVar[str | None] = "/var/lib/registry"

    def __init__(self, name: str, *, image: str = "registry:2", port: int | None = None) -> None:
        super().__init__(name, image)
        self._imply_endpoint(EndpointSpec("http", "http", user_location(), port=port, target_port=REGISTRY_PORT))
        self.with_data_volume()
        self.exclude_from_manifest()
