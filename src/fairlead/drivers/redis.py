"""Redis: a container that is healthy once the server takes commands."""

from __future__ import annotations

from fairlead.drivers.container import ContainerDriver
from fairlead.engines.redis import check_ready
from fairlead.errors import EngineError
from fairlead.model.health import Health


class RedisDriver(ContainerDriver):
    """Runs a Redis server."""

    async def health(self) -> Health | None:
        """Healthy when it answers PING."""
        try:
            await check_ready("127.0.0.1", self.context.host_port("tcp"))
        except EngineError as error:
            return Health.unhealthy(error.message)
        return Health.healthy("answers PING")
