"""Fair bounds: when all together hold too much, the one that holds the most gives.

So a resource that sends a thousand records a second pushes out its own, and never those of one that sends few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

S = TypeVar("S")

_STEP = 16


def fit(
    excess: Callable[[], int], shares: Iterable[S], amount: Callable[[S], int], drop_oldest: Callable[[S], None]
) -> None:
    """Drop the oldest records of the largest share until nothing is too much.

    The largest is looked for again when it has lost a sixteenth, so that dropping costs little however many there are.

    Args:
        excess: By how much all together are too much.
        shares: What each resource holds.
        amount: How much one holds, in the measure of the excess.
        drop_oldest: Drops the oldest record of a share.
    """
    everyone = list(shares)
    while everyone and excess() > 0:
        largest = max(everyone, key=amount)
        held = amount(largest)
        if held <= 0:
            return
        enough = held * (_STEP - 1) // _STEP
        while excess() > 0 and amount(largest) > enough:
            drop_oldest(largest)
