"""One series of an instrument: what one sender measures for one set of attributes."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from operator import attrgetter

from fairlead.dashboard.telemetry.records import Attributes, Exemplar, Instrument, Sender

_time = attrgetter("time")


@dataclass(slots=True)  # not frozen, which would make them three times as dear
class Sample:
    """A point without what its series says; it never changes.

    Args:
        time: When it was read.
        start: Since when it counts; None for a gauge.
        value: The value; for a histogram the sum.
        count: How many measurements a histogram holds.
        bounds: The upper bounds of its buckets but the last.
        buckets: How many measurements are in each.
        exemplars: Measurements with their traces.
    """

    time: float
    start: float | None
    value: float
    count: int
    bounds: tuple[float, ...]
    buckets: tuple[int, ...]
    exemplars: tuple[Exemplar, ...]


class KeptSeries:
    """The kept points of one series, oldest first.

    Args:
        instrument: What measures.
        sender: Who sends them.
        attributes: What tells the series from others of the instrument.
        cumulative: Whether its values count from their start, and not from the point before.
    """

    __slots__ = ("attributes", "cumulative", "instrument", "key", "samples", "sender", "was_cut")

    def __init__(
        self, key: object, instrument: Instrument, sender: Sender, attributes: Attributes, cumulative: bool
    ) -> None:
        self.key = key
        self.instrument = instrument
        self.sender = sender
        self.attributes = attributes
        self.cumulative = cumulative
        self.samples: deque[Sample] = deque()
        #: Whether points of it were dropped, so that the first that is kept is not its first.
        self.was_cut = False

    def since(self, time: float) -> KeptSeries:
        """A copy for another thread, of the points since a time and the one before.

        What goes up and down by differences is copied whole, as each of them counts.
        """
        copy = KeptSeries(self.key, self.instrument, self.sender, self.attributes, self.cumulative)
        samples = list(self.samples)
        start = 0
        if self.cumulative or self.instrument.kind != "up_down_counter":
            start = max(0, bisect_left(samples, time, key=_time) - 1)
        copy.samples = deque(samples[start:])
        copy.was_cut = self.was_cut or start > 0
        return copy

    def add(self, sample: Sample) -> bool:
        """Keep a point, in the order of time; False for one that has come before."""
        samples = self.samples
        if not samples or sample.time > samples[-1].time:
            samples.append(sample)
            return True
        place = len(samples)
        while place and samples[place - 1].time > sample.time:
            place -= 1
        if place and samples[place - 1].time == sample.time:
            return False
        samples.insert(place, sample)
        return True
