"""External services: up as soon as their address is known; whether they answer is a matter of health."""

from __future__ import annotations

from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.model.values.value import Value
from fairlead.resources.external import ExternalService


class ExternalDriver(Driver):
    """Shows the address of a service that runs elsewhere."""

    up_state = State.ACTIVE

    async def start(self, context: DriverContext) -> None:
        """Resolve the address, and show it unless it is secret."""
        service = context.resource
        assert isinstance(service, ExternalService)
        url = await context.resolve(service.url)
        secret = isinstance(service.url, Value) and service.url.secret
        context.report(url="***" if secret else url)

    async def stop(self, reason: StopReason) -> None:
        """Nothing to bring down."""
