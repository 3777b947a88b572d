"""Quantiles of histograms, interpolated within their buckets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

QUANTILES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))


class Buckets:
    """How many measurements are in each bucket, of several histograms together; their bounds may differ.

    A bucket that lies across bounds of others is split, as if its measurements were spread evenly.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0.0] * (len(bounds) + 1)

    @property
    def total(self) -> float:
        """How many measurements there are."""
        return sum(self.counts)

    def add(self, bounds: Sequence[float], buckets: Sequence[float], weight: float = 1.0) -> None:
        """Add a part of another histogram, whose bounds are among these."""
        if tuple(bounds) == self.bounds:
            for place, count in enumerate(buckets):
                self.counts[place] += count * weight
            return
        for place, count in enumerate(buckets):
            if count:
                low = bounds[place - 1] if place else None
                high = bounds[place] if place < len(bounds) else None
                self._spread(low, high, count * weight)

    def _spread(self, low: float | None, high: float | None, count: float) -> None:
        first = 0 if low is None else bisect_left(self.bounds, low) + 1
        last = len(self.bounds) if high is None else bisect_left(self.bounds, high)
        if low is None or high is None or first >= last:
            self.counts[last if low is None else first] += count
            return
        for place in range(first, last + 1):
            begin, end = self.bounds[place - 1], self.bounds[place]
            self.counts[place] += count * (end - begin) / (high - low)

    def quantile(self, part: float) -> float | None:
        """The value that a part of the measurements does not exceed, about; None without measurements.

        Args:
            part: From 0 to 1.
        """
        total = self.total
        if total <= 0 or not self.bounds:
            return None
        rank = part * total
        below = 0.0
        for place, count in enumerate(self.counts):
            if count > 0 and below + count >= rank:
                return self._within(place, (rank - below) / count)
            below += count
        return self.bounds[-1]

    def _within(self, place: int, part: float) -> float:
        if place == len(self.bounds):  # it has no end
            return self.bounds[-1]
        high = self.bounds[place]
        low = self.bounds[place - 1] if place else min(0.0, high)
        return low + (high - low) * min(1.0, max(0.0, part))


def common_bounds(all_bounds: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """The bounds of several histograms together, each once."""
    distinct = set(all_bounds)
    if len(distinct) == 1:
        return distinct.pop()
    return tuple(sorted({bound for bounds in distinct for bound in bounds}))
