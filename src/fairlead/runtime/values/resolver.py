"""From deferred values to text, for one consumer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fairlead.model.composition.providers import awaited_leaves, provider_of
from fairlead.model.endpoints.consumer import Network
from fairlead.model.endpoints.endpoint import EndpointValue
from fairlead.model.parameter import Parameter
from fairlead.model.resource import Consumer
from fairlead.model.values.conditional import Conditional
from fairlead.model.values.value import Encoded, Output, Value, ValueLike, percent_encode, to_text
from fairlead.model.volume import VolumeFolder
from fairlead.runtime.plan import PlannedValue, output_name, planned_value
from fairlead.runtime.store.volume_folders import VolumeFolders
from fairlead.runtime.values.addresses import Addresses
from fairlead.runtime.values.outputs import Outputs

WaitForOutput = Callable[[PlannedValue], Awaitable[None]]
"""Returns when an output is known; raises when it won't be."""


class Resolver:
    """Resolves values of one run.

    Args:
        addresses: Where endpoints are.
        outputs: What resources have made known.
        volume_folders: Where the volumes of processes are.
    """

    def __init__(self, addresses: Addresses, outputs: Outputs, volume_folders: VolumeFolders) -> None:
        self._addresses = addresses
        self._outputs = outputs
        self._volume_folders = volume_folders

    async def text(
        self, value: ValueLike, consumer: Consumer, replica: int = 0, wait: WaitForOutput | None = None
    ) -> str:
        """The text of a value; waits until what it is made of is known.

        Args:
            value: Plain data or a deferred value.
            consumer: The reader of the value.
            replica: Which replica of the consumer asks.
            wait: Waits for an output that is not known yet; by default for as long as that takes.

        Raises:
            LookupError: It speaks of an endpoint that is not there.
            TypeError: It is a value of a kind that can't be resolved.
        """
        if not isinstance(value, Value):
            return to_text(value)
        if isinstance(value, EndpointValue):
            return self._addresses.text(value, consumer, replica)
        if isinstance(value, (Parameter, Output)):
            return await self._output(value, consumer.network, wait)
        if isinstance(value, VolumeFolder):
            return str(self._volume_folders.path(value.volume))
        if isinstance(value, Encoded):
            return percent_encode(await self.text(value.value, consumer, replica, wait))
        if isinstance(value, Conditional):
            chosen = value.chosen(await self.text(value.condition, consumer, replica, wait))
            return await self.text(chosen, consumer, replica, wait)
        parts = value.parts()
        if len(parts) == 1 and parts[0] is value:
            raise TypeError(f"{value.describe()} is of a kind that has no value here; give it parts()")
        texts = [part if isinstance(part, str) else await self.text(part, consumer, replica, wait) for part in parts]
        return "".join(texts)

    async def _output(self, leaf: Parameter | Output, network: Network, wait: WaitForOutput | None) -> str:
        provider, name = provider_of(leaf), output_name(leaf)
        if wait is None:
            return await self._outputs.wait(provider.name, name, network)
        while (text := self._outputs.get(provider.name, name, network)) is None:
            await wait(planned_value(leaf, provider, network))
        return text

    def known_text(self, value: ValueLike, consumer: Consumer, replica: int = 0) -> str | None:
        """The text of a value if what it is made of is known now, else None.

        Raises:
            LookupError: It speaks of an endpoint that is not there.
            TypeError: It is a value of a kind that can't be resolved.
        """
        if not self.is_known(value, consumer):
            return None
        finding = self.text(value, consumer, replica)
        try:
            finding.send(None)
        except StopIteration as result:
            return str(result.value)
        finding.close()
        raise RuntimeError("a value that is known was waited for")

    def is_known(self, value: ValueLike, consumer: Consumer) -> bool:
        """Whether :meth:`text` would answer at once."""
        return all(
            self._outputs.get(provider_of(leaf).name, output_name(leaf), consumer.network) is not None
            for leaf in awaited_leaves(value)
        )
