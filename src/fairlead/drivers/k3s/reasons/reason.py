"""A reason: what is wrong, and what to do about it, which others want apart."""

from __future__ import annotations

from typing import Self


class Reason(str):
    """A text that says what is wrong, with the remedy behind it, and knows both by themselves.

    A text that is made of it is a plain one again.
    """

    __slots__ = ("fact", "remedy")

    fact: str
    remedy: str

    def __new__(cls, fact: str, remedy: str = "") -> Self:
        """Make a reason.

        Args:
            fact: What is wrong, without a full stop.
            remedy: What to do; empty where nothing is known.
        """
        reason = super().__new__(cls, f"{fact}. {remedy}" if remedy else fact)
        reason.fact, reason.remedy = fact, remedy
        return reason

    @classmethod
    def of(cls, text: str) -> Reason:
        """A text as a reason; one that is none has no remedy."""
        return text if isinstance(text, Reason) else cls(text)
