"""Counts of log lines, for a histogram that needs none of the lines."""

from __future__ import annotations

from dataclasses import dataclass


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
