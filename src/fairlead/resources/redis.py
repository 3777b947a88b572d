"""Redis servers. Ports and paths are those of the official image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.endpoints.endpoint import EndpointSpec
from fairlead.model.locations import user_location
from fairlead.model.parameter import Parameter, given_parameter
from fairlead.model.programs.image import Image
from fairlead.model.programs.inputs import ArgumentEntry
from fairlead.model.values.value import Value, ValueLike, ref
from fairlead.model.volume import ContainerFile
from fairlead.resources.container import Container

IMAGE = "redis:7.0-bookworm"
"""The image of a server, unless the definition names another."""
_SETTINGS_FOLDER = "/etc/fairlead"


class Redis(Container):
    """A Redis server.

    Args:
        name: The resource's name.
        image: The image to run.
        password: The password that clients have to give; None for none.
    """

    kind: ClassVar[str] = "Redis"
    default_icon: ClassVar[str] = "database"
    driver: ClassVar[str | None] = "fairlead.drivers.redis:RedisDriver"
    # What its entrypoint needs before it gives up being root.
    capabilities: ClassVar[tuple[str, ...] | None] = ("CHOWN", "DAC_OVERRIDE", "SETGID", "SETUID")
    image_user: ClassVar[int | None] = 999
    keeps_own_data: ClassVar[bool] = True
    data_path: ClassVar[str | None] = "/data"
    sends_telemetry: ClassVar[bool] = False
    # While it reads its data it answers LOADING.
    ready_command: ClassVar[tuple[str, ...]] = ("sh", "-c", "redis-cli -h 127.0.0.1 ping 2>&1 | grep -qE 'PONG|NOAUTH'")

    def __init__(self, name: str, *, image: str | Image = IMAGE, password: Parameter | None = None) -> None:
        super().__init__(name, image)
        self.password = given_parameter(self, "password", password)
        self._imply_endpoint(EndpointSpec("tcp", "redis", user_location(), target_port=6379))
        if self.password is not None:  # in a file, since arguments can be seen by everyone
            settings = ref("requirepass {password}\n", password=self.password)
            self.with_container_files(_SETTINGS_FOLDER, [ContainerFile("redis.conf", settings, mode=0o444)])

    def _finish(self) -> None:
        """Tell the server where its settings are, and to save what it has when that outlives it."""
        super()._finish()
        own = ["--include", f"{_SETTINGS_FOLDER}/redis.conf"] if self.password is not None else []
        if any(volume.target == self.data_path for volume in self.volumes):
            own += ["--save", "60", "1"]
        if own:
            self.arguments[:0] = [ArgumentEntry(text, self.where) for text in ("redis-server", *own)]

    @property
    def connection_string(self) -> Value:
        """The URI of the server."""
        tcp = self.endpoint("tcp")
        if self.password is None:
            return ref("redis://{host}:{port}", host=tcp.host, port=tcp.port)
        return ref("redis://:{password:uri}@{host}:{port}", password=self.password, host=tcp.host, port=tcp.port)

    @property
    def connection_properties(self) -> Mapping[str, ValueLike]:
        """Host, port, URI, and the password where there is one."""
        tcp = self.endpoint("tcp")
        properties: dict[str, ValueLike] = {"HOST": tcp.host, "PORT": tcp.port, "URI": self.connection_string}
        if self.password is not None:
            properties["PASSWORD"] = self.password
        return properties
