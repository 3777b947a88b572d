"""What a look at one thing showed, before or while an app runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fairlead.errors import FairleadError

Result = Literal["fine", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at one thing showed.

    Attributes:
        check: The thing, in a word or two.
        result: ``problem`` where something of the app could not run, ``note`` where that is likely or does not matter.
        text: What there is, or what is wrong.
        remedy: What to do about it.
    """

    check: str
    result: Result
    text: str
    remedy: str = ""

    @classmethod
    def of(cls, check: str, error: FairleadError, result: Result = "problem") -> Finding:
        """What an error says."""
        name = f"{error.resource}: " if error.resource else ""
        return cls(check, result, f"{name}{error.message.rstrip('.')}", error.remedy or "")
