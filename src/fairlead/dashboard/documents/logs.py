"""Counts of log lines, for a histogram that needs none of the lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.runtime.logs.counts import NOTHING, Counts, LogCounts
from fairlead.runtime.logs.histogram import in_steps


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """How many lines of each level; ``other`` are those without one, ``fairlead`` what Fairlead says itself."""

    error: int
    warn: int
    info: int
    debug: int
    other: int
    fairlead: int


@dataclass(frozen=True, slots=True)
class LogBucket:
    """The lines of a step of time that begins at ``time``."""

    time: float
    counts: LevelCounts


@dataclass(frozen=True, slots=True)
class LogHistogram:
    """The kept lines of the resources asked for, by time and by resource.

    Args:
        step: Seconds that a bucket is long.
        buckets: In order of time; empty ones are left out.
        resources: How many lines of each resource, by id.
        totals: How many of each level.
        lost: How many lines were dropped, as only the last of each resource are kept.
        rate: Lines a second in the last five seconds.
    """

    step: float
    buckets: tuple[LogBucket, ...]
    resources: dict[str, int]
    totals: LevelCounts
    lost: int
    rate: float


def log_histogram(logs: Mapping[str, LogCounts], now: float, buckets: int) -> LogHistogram:
    """Return the histogram of some logs.

    Args:
        logs: The counts by the ids of the resources.
        now: The present, in seconds since the epoch.
        buckets: How many buckets there may be.
    """
    step, counts = in_steps(logs.values(), now, buckets)
    totals = NOTHING
    for log in logs.values():
        totals = totals.plus(log.total)
    return LogHistogram(
        step=float(step),
        buckets=tuple(LogBucket(float(time), _level_counts(each)) for time, each in counts.items()),
        resources={id: sum(log.total) for id, log in logs.items()},
        totals=_level_counts(totals),
        lost=sum(log.lost for log in logs.values()),
        rate=round(sum(log.rate(now) for log in logs.values()), 1),
    )


def _level_counts(counts: Counts) -> LevelCounts:
    return LevelCounts(**counts._asdict())
