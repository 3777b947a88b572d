"""Exponential histograms: laid onto explicit bounds, the same for all, so that points can be added and compared.

A bucket of scale S and index I holds what is above B^I and at most B^(I+1), for B = 2^(2^-S). At scale 1 that is two
buckets for each power of two. A finer histogram merges into these without loss of what they tell (an index of scale S
is in bucket I >> (S-1)), a coarser one fills the last of those that its buckets span. What is below the first bound is
counted there, together with zero and all negative measurements, which no instrument for durations or sizes has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LOWEST: Final = -60
"""Index of the bucket of scale 1 whose lower end is the first bound: 2^-30, a nanosecond in seconds."""
_HIGHEST: Final = 80
"""Index of the last one that has an upper end: up to 2^40.5, a terabyte in bytes."""
_COARSEST: Final = -11
"""The scale at which two buckets hold all that a float can be."""

BOUNDS: Final = tuple(2.0 ** (index / 2) for index in range(_LOWEST, _HIGHEST + 2))
"""The bounds that every exponential histogram gets."""


def explicit_buckets(scale: int, offset: int, counts: Iterable[int], lowest: int) -> tuple[int, ...]:
    """How many measurements are in each of the buckets of :data:`BOUNDS`.

    Args:
        scale: The scale of the histogram.
        offset: The index of its first positive bucket.
        counts: Its positive buckets.
        lowest: How many measurements are zero or negative.
    """
    buckets = [0] * (len(BOUNDS) + 1)
    buckets[0] = lowest
    for index, count in enumerate(counts, offset):
        if count:
            buckets[min(max(_index_at_scale_1(index, scale) - _LOWEST + 1, 0), len(BOUNDS))] += count
    return tuple(buckets)


def _index_at_scale_1(index: int, scale: int) -> int:
    if scale >= 1:
        return index >> (scale - 1)
    return ((index + 1) << (1 - max(scale, _COARSEST))) - 1
