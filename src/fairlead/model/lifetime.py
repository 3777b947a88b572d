"""How long what a resource stands for outlives a run, and how images get there."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias


class Lifetime(StrEnum):
    """``SESSION``: gone when the run ends. ``PERSISTENT``: kept, and used again by the next run."""

    SESSION = "session"
    PERSISTENT = "persistent"


class PullPolicy(StrEnum):
    """When an image is pulled. The words are Docker's."""

    ALWAYS = "always"
    MISSING = "missing"
    NEVER = "never"


LifetimeText: TypeAlias = Literal["session", "persistent"]
"""The text of a :class:`Lifetime`."""
PullPolicyText: TypeAlias = Literal["always", "missing", "never"]
"""The text of a :class:`PullPolicy`."""
