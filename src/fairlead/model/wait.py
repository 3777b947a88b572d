"""What a resource waits for before it starts (the rules are Aspire's)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fairlead.model.declaring import Location

if TYPE_CHECKING:
    from fairlead.model.resource import Resource


class WaitKind(StrEnum):
    """What is waited for.

    ``READY``: Running, healthy, and its ``on_ready`` hooks done. ``STARTED``: Running. ``COMPLETED``: ended by itself.
    """

    READY = "ready"
    STARTED = "started"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait of a resource; ``exit_code`` counts for ``COMPLETED`` only."""

    target: Resource
    kind: WaitKind
    where: Location
    exit_code: int = 0


class WaitBehavior(StrEnum):
    """What a wait does when its target fails.

    ``KEEP_WAITING`` is for runs that a person looks at, who can start the target again; ``FAIL_FAST`` is for tests
    and CI.
    """

    KEEP_WAITING = "keep-waiting"
    FAIL_FAST = "fail-fast"
