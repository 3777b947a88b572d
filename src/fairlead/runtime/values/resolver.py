"""From deferred values to text, for one consumer."""

from __future__ import annotations

from fairlead.model.endpoint import EndpointValue
from fairlead.model.parameter import Parameter
from fairlead.model.providers import awaited_leaves, provider_of
from fairlead.model.resource import Consumer
from fairlead.model.value import Encoded, Output, Value, ValueLike, percent_encode, to_text
from fairlead.runtime.plan import output_name
from fairlead.runtime.values.addresses import Addresses
from fairlead.runtime.values.outputs import Outputs


class Resolver:
    """Resolves values of one run.

    Args:
        addresses: Where endpoints are.
        outputs: What resources have made known.
    """

    def __init__(self, addresses: Addresses, outputs: Outputs) -> None:
        self._addresses = addresses
        self._outputs = outputs

    async def text(self, value: ValueLike, consumer: Consumer, replica: int = 0) -> str:
        """The text of a value; waits until what it is made of is known.

        Args:
            value: Plain data or a deferred value.
            consumer: Who asks.
            replica: Which replica of the consumer asks.

        Raises:
            LookupError: It speaks of an endpoint that is not there.
            TypeError: It is a value of a kind that nobody can resolve.
        """
        if not isinstance(value, Value):
            return to_text(value)
        if isinstance(value, EndpointValue):
            return self._addresses.text(value, consumer, replica)
        if isinstance(value, (Parameter, Output)):
            return await self._outputs.wait(provider_of(value).name, output_name(value), consumer.network)
        if isinstance(value, Encoded):
            return percent_encode(await self.text(value.value, consumer, replica))
        parts = value.parts()
        if len(parts) == 1 and parts[0] is value:
            raise TypeError(f"{value.describe()} is of a kind that has no value here; give it parts()")
        texts = [part if isinstance(part, str) else await self.text(part, consumer, replica) for part in parts]
        return "".join(texts)

    def is_known(self, value: ValueLike) -> bool:
        """Whether :meth:`text` would answer at once."""
        return all(self._outputs.is_known(provider_of(leaf).name, output_name(leaf)) for leaf in awaited_leaves(value))
