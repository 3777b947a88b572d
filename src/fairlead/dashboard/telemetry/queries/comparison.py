"""How a span compares with others of its resource and name."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fairlead.dashboard.telemetry.documents import Comparison
from fairlead.dashboard.telemetry.records import Span

BUCKETS = 12
_SHORTEST = 1e-6


def is_alike(span: Span, other: Span) -> bool:
    """Whether two spans of different traces are the same operation of the same resource."""
    return (
        other.name == span.name
        and other.kind == span.kind
        and other.sender.resource == span.sender.resource
        and other.trace_id != span.trace_id
    )


def compare(duration: float, others: Sequence[float]) -> Comparison | None:
    """Compare a duration with others; None where there are no others."""
    if not others:
        return None
    shortest, longest = min(duration, *others), max(duration, *others)
    low, high = math.log(max(shortest, _SHORTEST)), math.log(max(longest, _SHORTEST))

    def bucket(value: float) -> int:
        if high <= low:
            return 0
        place = (math.log(max(value, _SHORTEST)) - low) / (high - low)
        return min(BUCKETS - 1, int(place * BUCKETS))

    buckets = [0] * BUCKETS
    for other in others:
        buckets[bucket(other)] += 1
    faster = sum(other < duration for other in others) / len(others)
    return Comparison(len(others), shortest, longest, tuple(buckets), bucket(duration), faster)
