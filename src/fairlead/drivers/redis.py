"""Redis: a container that is healthy once the server takes commands."""

from __future__ import annotations

from fairlead.drivers.container import ContainerDriver
from fairlead.engines.services.redis import check_ready
from fairlead.errors import EngineError, StartError
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.health import Health
from fairlead.resources.redis import Redis

_SPECIAL = frozenset(" \t\r\n\v\f\"'\\")


class RedisDriver(ContainerDriver):
    """Runs a Redis server."""

    async def start(self, context: DriverContext) -> None:
        """Run it, unless its password can't be written into its settings.

        Raises:
            StartError: The password has characters that its settings give another meaning.
        """
        server = context.resource
        assert isinstance(server, Redis)
        if server.password is not None:
            password = await context.resolve(server.password)
            if not password or set(password) & _SPECIAL:
                raise StartError(
                    f"its password, the parameter {server.password.name}, is empty or has a space, a quote, a "
                    "backslash or a line end in it, which the settings of Redis can't hold",
                    remedy="Choose another one; letters and digits are safe.",
                )
        await super().start(context)

    async def health(self) -> Health | None:
        """Healthy when it answers PING."""
        try:
            await check_ready("127.0.0.1", self.context.host_port("tcp"))
        except EngineError as error:
            return Health.unhealthy(error.message)
        return Health.healthy("answers PING")
