"""Work in slices, between which everything else of the event loop has its turn."""

from __future__ import annotations

import time

from fairlead.engines.turns import Turns

SLICE_SECONDS = 0.0005
"""Seconds of work between two turns."""


class Pace:
    """One long piece of work.

    Args:
        turns: The turns of all such work.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._began = time.perf_counter()

    @property
    def is_due(self) -> bool:
        """Whether a slice of work is done."""
        return time.perf_counter() - self._began >= SLICE_SECONDS

    async def rest(self) -> None:
        """Let others have their turn, if a slice of work is done."""
        if self.is_due:
            await self._turns.take()
            self._began = time.perf_counter()
