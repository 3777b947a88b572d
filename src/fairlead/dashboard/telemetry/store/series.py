"""One series of an instrument: what one sender measures for one set of attributes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from fairlead.dashboard.telemetry.records import Attributes, Exemplar, Instrument, Sender


@dataclass(frozen=True, slots=True)
class Sample:
    """A point without what its series says.

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
