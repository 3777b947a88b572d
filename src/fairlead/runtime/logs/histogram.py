"""How many lines there were when: counts in steps of a convenient length."""

from __future__ import annotations

from collections.abc import Collection

from fairlead.runtime.logs.counts import NOTHING, Counts, LogCounts

#: Seconds that a step may be long, such that its beginnings are those of minutes and hours.
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_MINUTE = 60


def choose_step(seconds: float, buckets: int) -> int:
    """Return the shortest step with which some seconds fit into a number of buckets; the longest if none does."""
    return next((step for step in STEPS if seconds <= step * buckets), STEPS[-1])


def in_steps(logs: Collection[LogCounts], now: float, buckets: int) -> tuple[int, dict[int, Counts]]:
    """Return the counts of all logs together, from their oldest kept line until now.

    Args:
        logs: The counts of each log.
        now: The present, in seconds since the epoch.
        buckets: How many steps there may be.

    Returns:
        The seconds that a step is long, and the counts by the beginnings of the steps, in order, without empty ones.
    """
    oldest = min((next(iter(log.seconds)) for log in logs if log.seconds), default=int(now))
    step = choose_step(now - oldest, max(1, buckets - 1))  # the first and the last step are parts
    steps: dict[int, Counts] = {}
    for log in logs:
        for time, counts in (log.minutes if step >= _MINUTE else log.seconds).items():
            begin = time - time % step
            steps[begin] = steps.get(begin, NOTHING).plus(counts)
    return step, dict(sorted(steps.items()))
