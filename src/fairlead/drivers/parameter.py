"""Parameters: up as soon as they have a value."""

from __future__ import annotations

from fairlead.errors import ValueMissing
from fairlead.model.driving.driver import Driver, StopReason
from fairlead.model.driving.driver_context import DriverContext
from fairlead.model.observation.state import State
from fairlead.model.parameter import Parameter
from fairlead.runtime.values.parameters import ParameterSources


class ParameterDriver(Driver):
    """Finds a parameter's value and makes it known."""

    up_state = State.ACTIVE

    async def start(self, context: DriverContext) -> None:
        """Look the value up.

        Raises:
            ValueMissing: Nothing gives one.
            StateError: The stored secrets can't be used.
        """
        parameter = context.resource
        assert isinstance(parameter, Parameter)
        sources = await context.shared(ParameterSources, _unprovided)
        found = sources.find(parameter)
        if parameter.secret:
            context.mask(found.value)
        context.report(source=found.source, value="***" if parameter.secret else found.value)
        context.set_output("value", found.value)

    async def stop(self, reason: StopReason) -> None:
        """Nothing to bring down."""


async def _unprovided() -> ParameterSources:
    raise ValueMissing("this run was started without any source of parameters")
