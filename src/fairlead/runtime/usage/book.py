"""What resources use of the machine: a sample each second, of the last minute."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple

from fairlead.runtime.feed import Feed

KEPT_SAMPLES = 60
"""Samples that are kept: those of the last minute."""
WATCHED_SECONDS = 60.0
"""Seconds for which sampling goes on after the last reader has gone: a page that is loaded again finds no gap."""


class Usage(NamedTuple):
    """What one resource uses.

    Args:
        cpu: In per cent of one core.
        memory: In bytes.
    """

    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class UsageSample:
    """What all resources use that have processes or containers.

    Args:
        time: When it was measured, in seconds since 1970.
        values: By the ids of the resources, and of replicas (``api-1``) where a resource has several.
    """

    time: float
    values: Mapping[str, Usage]


class UsageBook(Feed[UsageSample]):
    """The samples of the last minute; ``follow`` gives them and then each new one."""

    def __init__(self) -> None:
        super().__init__(KEPT_SAMPLES)
        self._readers = 0
        self._last_left = -WATCHED_SECONDS

    @property
    def is_watched(self) -> bool:
        """Whether somebody follows the samples, or did within the last minute."""
        return bool(self._readers) or time.monotonic() - self._last_left < WATCHED_SECONDS

    async def follow(self, count: int = 0) -> AsyncGenerator[list[UsageSample]]:
        """What is kept of the samples after the first ``count``, then each new one; counts as watching."""
        self._readers += 1
        try:
            async with aclosing(super().follow(count)) as batches:
                async for batch in batches:
                    yield batch
        finally:
            self._readers -= 1
            self._last_left = time.monotonic()
