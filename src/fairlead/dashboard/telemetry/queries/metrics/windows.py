"""The window of a plot, in steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

MOST_STEPS = 150
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Window:
    """A time in steps of the same length, which begin at multiples of it, so that what is drawn stands still.

    Args:
        start: When it begins, in seconds since 1970.
        step: How long a step is, in seconds.
        count: How many steps there are.
    """

    start: float
    step: float
    count: int

    @property
    def end(self) -> float:
        """When it ends."""
        return self.start + self.count * self.step

    def time(self, place: int) -> float:
        """The middle of a step."""
        return self.start + (place + 0.5) * self.step

    def place(self, time: float) -> int:
        """The step that a time is in; below 0, or too high, where it is in none."""
        return math.floor((time - self.start) / self.step)

    def overlaps(self, start: float, end: float) -> Iterator[tuple[int, float]]:
        """The steps that a time overlaps, and for how many seconds."""
        first, last = max(0, self.place(start)), min(self.count - 1, self.place(end))
        for place in range(first, last + 1):
            begin = self.start + place * self.step
            seconds = min(end, begin + self.step) - max(start, begin)
            if seconds > 0:
                yield place, seconds


def window_until(now: float, seconds: float) -> Window:
    """The window of about so many seconds that ends now."""
    wanted = max(seconds, 1.0) / MOST_STEPS
    step = float(next((step for step in _STEPS if step >= wanted), math.ceil(wanted / 3600) * 3600))
    count = max(1, math.ceil(seconds / step))
    end = math.ceil(now / step) * step
    return Window(end - count * step, step, count)
