"""The kinds of waits, and what a wait does when its target fails (the rules are Aspire's)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias


class WaitKind(StrEnum):
    """What is waited for.

    ``READY``: Running, healthy, and its ``on_ready`` hooks done. ``STARTED``: Running. ``COMPLETED``: ended by itself.
    """

    READY = "ready"
    STARTED = "started"
    COMPLETED = "completed"


class WaitBehavior(StrEnum):
    """What a wait does when its target fails.

    ``KEEP_WAITING`` is for runs that a person looks at, who can start the target again; ``FAIL_FAST`` is for tests
    and CI.
    """

    KEEP_WAITING = "keep-waiting"
    FAIL_FAST = "fail-fast"


WaitBehaviorText: TypeAlias = Literal["keep-waiting", "fail-fast"]
"""The text of a :class:`WaitBehavior`."""
