"""Connection strings: in force as soon as what they are made of is known."""

from __future__ import annotations

from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.resources.connection_string import ConnectionString


class ConnectionStringDriver(Driver):
    """Waits until a connection string has its value."""

    up_state = State.ACTIVE

    async def start(self, context: DriverContext) -> None:
        """Resolve the string; a secret one is kept out of the logs from then on."""
        resource = context.resource
        assert isinstance(resource, ConnectionString)
        text = await context.resolve(resource.connection_string)
        if resource.connection_string.secret:
            context.mask(text)

    async def stop(self, reason: StopReason) -> None:
        """Nothing to bring down."""
