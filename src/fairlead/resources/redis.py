"""Redis servers. Ports and paths are those of the official image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fairlead.model.declaring import here
from fairlead.model.endpoint import EndpointSpec
from fairlead.model.parameter import Parameter, given_parameter
from fairlead.model.value import Value, ValueLike, ref
from fairlead.resources.container import Container


class Redis(Container):
    """A Redis server.

    Args:
        name: The resource's name.
        image: The image to run.
        password: The password that clients have to give; None for none.
    """

    kind: ClassVar[str] = "Redis"
    driver: ClassVar[str | None] = "fairlead.drivers.redis:RedisDriver"
    data_path: ClassVar[str | None] = "/data"

    def __init__(self, name: str, *, image: str = "redis:7.0-bookworm", password: Parameter | None = None) -> None:
        super().__init__(name, image)
        self.password = given_parameter(self, "password", password)
        self._imply_endpoint(EndpointSpec("tcp", "redis", here(), target_port=6379))

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
