"""What resources use of the machine: a sample each second, of the last minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fairlead.runtime.feed import Feed

KEPT_SAMPLES = 60
"""Samples that are kept: those of the last minute."""


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
