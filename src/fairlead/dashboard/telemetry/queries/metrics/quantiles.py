"""Quantiles of histograms, interpolated within their buckets.

How measurements lie within their buckets is not known, but their sum is. Instrumentations that measure milliseconds in
buckets of seconds are common; spread evenly, all of theirs would seem to take seconds. So the measurements are taken to
fall off within each bucket by so much that their sum comes out right.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence

_HIGHEST = 0.9999
_EVEN = 0.01  # from the middle: spread evenly
_STEEP = 0.1

QUANTILES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))


class Buckets:
    """How many measurements are in each bucket, of several histograms together; their bounds may differ.

    A bucket that lies across bounds of others is split, as if its measurements were spread evenly.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0.0] * (len(bounds) + 1)
        #: The sum of what was measured; 0 where it is not known.
        self.sum = 0.0

    @property
    def total(self) -> float:
        """How many measurements there are."""
        return sum(self.counts)

    def add(
        self, bounds: Sequence[float], buckets: Sequence[float], weight: float = 1.0, measured: float = 0.0
    ) -> None:
        """Add a part of another histogram, whose bounds are among these.

        Args:
            bounds: Its bounds.
            buckets: How many measurements are in each bucket.
            weight: The part.
            measured: The sum of its measurements; 0 where it is not known.
        """
        self.sum += measured * weight
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

    def quantiles(self, parts: Sequence[float]) -> list[float | None]:
        """The values that parts of the measurements do not exceed, about; None without measurements.

        Args:
            parts: From 0 to 1.
        """
        total = self.total
        if total <= 0 or not self.bounds:
            return [None for _ in parts]
        place_within = _falling_off(self._mean_place())
        return [self._quantile(part, total, place_within) for part in parts]

    def _mean_place(self) -> float:
        """Where in their buckets measurements lie on average, from 0 to 1; the middle where that is not known."""
        if self.sum <= 0 or self.bounds[0] < 0 or self.counts[-1] > 0:
            return 0.5
        lows = (0.0, *self.bounds)
        begins = sum(count * low for count, low in zip(self.counts, lows, strict=True))
        widths = sum(count * (high - low) for count, low, high in zip(self.counts, lows, self.bounds, strict=False))
        return min(_HIGHEST, max(1 - _HIGHEST, (self.sum - begins) / widths)) if widths > 0 else 0.5

    def _quantile(self, part: float, total: float, place_within: Callable[[float], float]) -> float:
        rank = part * total
        below = 0.0
        for place, count in enumerate(self.counts):
            if count > 0 and below + count >= rank:
                return self._within(place, place_within(min(1.0, max(0.0, (rank - below) / count))))
            below += count
        return self.bounds[-1]

    def _within(self, place: int, part: float) -> float:
        if place == len(self.bounds):  # it has no end
            return self.bounds[-1]
        high = self.bounds[place]
        low = self.bounds[place - 1] if place else min(0.0, high)
        return low + (high - low) * part


def _falling_off(mean: float) -> Callable[[float], float]:
    """Where in a bucket its measurements lie, by their rank; both from 0 to 1.

    Args:
        mean: Where they lie on average. They fall off exponentially from the beginning, or towards it.
    """
    if abs(mean - 0.5) < _EVEN:
        return lambda part: part
    if mean > 0.5:
        mirrored = _falling_off(1 - mean)
        return lambda part: 1 - mirrored(1 - part)
    rate = _rate(mean)
    reach = -math.expm1(-rate)
    return lambda part: min(1.0, -math.log1p(-part * reach) / rate)


def _rate(mean: float) -> float:
    """The rate of an exponential distribution that is cut at 1 and has a mean below a half."""
    if mean < _STEEP:
        return 1 / mean  # what is cut off is nothing
    low, high = 1e-3, 2 / _STEEP
    for _ in range(40):
        rate = (low + high) / 2
        if 1 / rate - 1 / math.expm1(rate) > mean:
            low = rate
        else:
            high = rate
    return (low + high) / 2


def common_bounds(all_bounds: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """The bounds of several histograms together, each once."""
    distinct = set(all_bounds)
    if len(distinct) == 1:
        return distinct.pop()
    return tuple(sorted({bound for bounds in distinct for bound in bounds}))
