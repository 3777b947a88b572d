"""What resources have used of the machine, for as long as the run lasts: the longer ago, the coarser."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from fairlead.runtime.usage.book import Usage, UsageSample

_FINE = 300
"""Samples that are kept as they came."""
_COARSE = ((15.0, 500), (120.0, 1500))
"""Older ones: the least and the most of steps of so many seconds, and how many samples of those are kept."""
_MOST = 200
"""Resources and replicas whose usage is kept; those that are gone for longest go first."""


class _Samples:
    """Times and values, in bounded number.

    Args:
        limit: How many are kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data: array[float] = array("d")  # time, value, time, value, …

    def add(self, time: float, value: float) -> None:
        self._data.extend((time, value))
        if len(self._data) >= 4 * self._limit:  # twice as many, so that room is made once in a while only
            del self._data[: -2 * self._limit]

    def between(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """The samples of a time, its end left out, the oldest first."""
        data = self._data[-2 * self._limit :]
        times = data[::2]
        first, last = bisect_left(times, start), bisect_left(times, end)
        return zip(times[first:last], data[1::2][first:last], strict=True)

    @property
    def first(self) -> float:
        """The time of the oldest; infinite without any."""
        data = self._data[-2 * self._limit :][:1]
        return data[0] if data else float("inf")


class _Steps:
    """The least and the most of each step of time.

    Args:
        seconds: How long a step is.
        limit: How many samples are kept.
    """

    def __init__(self, seconds: float, limit: int) -> None:
        self._seconds = seconds
        self._samples = _Samples(limit)
        self._step = 0
        self._least = self._most = (0.0, 0.0)

    def add(self, time: float, value: float) -> None:
        step = int(time / self._seconds)
        if step != self._step:
            self._end_step()
            self._step, self._least, self._most = step, (time, value), (time, value)
        elif value < self._least[1]:
            self._least = (time, value)
        elif value > self._most[1]:
            self._most = (time, value)

    def _end_step(self) -> None:
        if self._step:
            for time, value in sorted({self._least, self._most}):
                self._samples.add(time, value)

    def between(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """The samples of a time, its end left out, the oldest first."""
        return self._samples.between(start, end)

    @property
    def first(self) -> float:
        """The time of the oldest; infinite without any."""
        return self._samples.first


class History:
    """One measure of one resource."""

    def __init__(self) -> None:
        self._fine = _Samples(_FINE)
        self._coarse = [_Steps(seconds, limit) for seconds, limit in _COARSE]

    def add(self, time: float, value: float) -> None:
        """Add a sample, later than all before."""
        self._fine.add(time, value)
        for steps in self._coarse:
            steps.add(time, value)

    def samples(self, since: float) -> list[tuple[float, float]]:
        """Times and values since a time, the oldest first."""
        samples = list(self._fine.between(since, math.inf))
        first = self._fine.first
        for steps in self._coarse:
            if first <= since:
                break
            samples = [*steps.between(since, first), *samples]
            first = min(first, steps.first)
        return samples


class UsageHistory:
    """CPU and memory of resources and their replicas. Belongs to the thread of the event loop."""

    def __init__(self) -> None:
        self._histories: OrderedDict[str, tuple[History, History]] = OrderedDict()
        self._latest = 0.0

    def add(self, sample: UsageSample) -> None:
        """Keep a sample; one that is not newer than all before is left out."""
        if sample.time <= self._latest:
            return
        self._latest = sample.time
        for id, usage in sample.values.items():
            self._add(id, sample.time, usage)
        while len(self._histories) > _MOST:
            self._histories.popitem(last=False)

    def _add(self, id: str, time: float, usage: Usage) -> None:
        cpu, memory = self._histories.setdefault(id, (History(), History()))
        self._histories.move_to_end(id)
        cpu.add(time, usage.cpu)
        memory.add(time, usage.memory)

    def histories(self) -> Mapping[str, tuple[History, History]]:
        """The histories of CPU, in per cent of a core, and memory, in bytes, by id."""
        return dict(self._histories)
