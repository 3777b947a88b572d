"""What was counted between two points of a series, whether its values are totals or differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.dashboard.telemetry.store.series import KeptSeries, Sample

_CLOCK_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Increment:
    """What was counted in a time.

    Args:
        start: When the time began.
        end: When it ended.
        value: What was added; for a histogram the sum of what was measured.
        count: How many measurements a histogram has made.
        bounds: The upper bounds of its buckets but the last.
        buckets: How many measurements came into each.
    """

    start: float
    end: float
    value: float
    count: float = 0.0
    bounds: tuple[float, ...] = ()
    buckets: tuple[float, ...] = ()


def increments(series: KeptSeries) -> Iterator[Increment]:
    """The increments of a counter or a histogram, in order; a counter that begins again counts from nothing."""
    known: Sample | None = None
    for sample in series.samples:
        increment = _increment(series, known, sample)
        known = sample
        if increment is not None and increment.end > increment.start:
            yield increment


def _increment(series: KeptSeries, known: Sample | None, sample: Sample) -> Increment | None:
    if not series.cumulative:
        if sample.start is not None:
            return _whole(sample, sample.start)
        return None if known is None else _whole(sample, known.time)
    if known is None:
        return None if sample.start is None or series.was_cut else _whole(sample, sample.start)
    if _has_reset(known, sample):
        start = known.time if sample.start is None else max(known.time, sample.start)
        return _whole(sample, start)
    return Increment(
        known.time,
        sample.time,
        sample.value - known.value,
        sample.count - known.count,
        sample.bounds,
        tuple(new - old for new, old in zip(sample.buckets, known.buckets, strict=True)),
    )


def _whole(sample: Sample, start: float) -> Increment:
    return Increment(start, sample.time, sample.value, sample.count, sample.bounds, sample.buckets)


def _has_reset(known: Sample, sample: Sample) -> bool:
    if sample.bounds != known.bounds or len(sample.buckets) != len(known.buckets):
        return True
    if known.start is not None and sample.start is not None and sample.start > known.start + _CLOCK_SECONDS:
        return True
    if sample.count or known.count:  # a histogram, whose sum may fall
        return sample.count < known.count or any(
            new < old for new, old in zip(sample.buckets, known.buckets, strict=True)
        )
    return sample.value < known.value
