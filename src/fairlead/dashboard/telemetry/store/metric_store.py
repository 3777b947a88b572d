"""The points of metrics, by series, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from operator import attrgetter

from fairlead.dashboard.telemetry.documents import Dropped
from fairlead.dashboard.telemetry.records import Attributes, MetricPoint
from fairlead.dashboard.telemetry.store.bell import Bell
from fairlead.dashboard.telemetry.store.series import KeptSeries, Sample
from fairlead.dashboard.telemetry.store.shares import fit
from fairlead.dashboard.telemetry.store.sizes import attributes_size, cut_attributes

KEPT_POINTS = 50_000
"""Points that are kept of all series."""
KEPT_SERIES = 5_000
"""Series that are kept."""
KEPT_POINT_BYTES = 48 * 1024 * 1024
"""Bytes that they may take, about."""

_SERIES_BYTES = 600
_POINT_BYTES = 250
_NUMBER_BYTES = 45
_EXEMPLAR_BYTES = 250
_STALE = 1024  # points of dropped series that may be left in the order of arrival
_MOST_EXEMPLARS = 16
_MOST_BUCKETS = 512


class _Share:
    """The series of one resource, and its points in the order of arrival."""

    __slots__ = ("order", "points", "series", "size")

    def __init__(self) -> None:
        self.series: OrderedDict[object, KeptSeries] = OrderedDict()  # the one that has grown last is the last
        self.order: deque[KeptSeries] = deque()  # of each point its series; that may be gone
        self.points = 0
        self.size = 0


class MetricStore:
    """Series of points. Belongs to the thread of the event loop.

    Args:
        limit: How many points are kept.
        series_limit: How many series are kept; the one that has not grown for longest goes first.
        byte_limit: How many bytes they may take.
    """

    def __init__(
        self, limit: int = KEPT_POINTS, series_limit: int = KEPT_SERIES, byte_limit: int = KEPT_POINT_BYTES
    ) -> None:
        self._limit = limit
        self._series_limit = series_limit
        self._byte_limit = byte_limit
        self._shares: dict[str, _Share] = {}
        self._points = 0
        self._series = 0
        self._size = 0
        self._dropped = 0
        #: Rings when there are new points.
        self.bell = Bell()

    @property
    def kept(self) -> Dropped:
        """How many points were dropped, and how many are kept at most."""
        return Dropped(self._dropped, self._limit)

    @property
    def points(self) -> int:
        """How many points are kept."""
        return self._points

    @property
    def size(self) -> int:
        """The bytes that the kept points take, about."""
        return self._size

    def series(self, resources: Collection[str] | None = None) -> list[KeptSeries]:
        """The series of some resources; of all without."""
        shares = self._shares if resources is None else {id: self._shares[id] for id in resources if id in self._shares}
        return [series for share in shares.values() for series in share.series.values()]

    def add(self, points: Iterable[MetricPoint]) -> None:
        """Keep points; those without a finite value say nothing, and are left out."""
        for point in points:
            if math.isfinite(point.value) and math.isfinite(point.time):
                self._add(point)
        shares = self._shares.values()
        fit(lambda: self._series - self._series_limit, shares, lambda share: len(share.series), self._drop_series)
        fit(lambda: self._points - self._limit, shares, attrgetter("points"), self._drop_oldest)
        fit(lambda: self._size - self._byte_limit, shares, attrgetter("size"), self._drop_oldest)
        self.bell.ring()

    def _add(self, point: MetricPoint) -> None:
        share = self._shares.setdefault(point.sender.resource, _Share())
        series = self._series_of(share, point)
        sample = _sample(point)
        if not series.add(sample):
            return
        share.order.append(series)
        share.series.move_to_end(series.key)
        self._grow(share, 1, _size(sample))

    def _series_of(self, share: _Share, point: MetricPoint) -> KeptSeries:
        instrument = point.instrument
        key = (instrument.name, instrument.kind, point.sender.instance, _frozen(point.attributes))
        series = share.series.get(key)
        if series is None:
            attributes = cut_attributes(point.attributes)
            series = KeptSeries(key, instrument, point.sender, attributes, point.cumulative)
            share.series[key] = series
            self._series += 1
            self._grow(share, 0, _SERIES_BYTES + attributes_size(attributes))
        return series

    def _grow(self, share: _Share, points: int, size: int) -> None:
        share.points += points
        share.size += size
        self._points += points
        self._size += size

    def _drop_oldest(self, share: _Share) -> None:
        while share.order:
            series = share.order.popleft()
            if not series.samples:
                continue
            sample = series.samples.popleft()
            series.was_cut = True
            self._grow(share, -1, -_size(sample))
            self._dropped += 1
            if not series.samples:
                self._forget(share, series)
            return
        share.size = 0

    def _drop_series(self, share: _Share) -> None:
        series = next(iter(share.series.values()))
        self._grow(share, -len(series.samples), -sum(map(_size, series.samples)))
        self._dropped += len(series.samples)
        series.samples.clear()
        self._forget(share, series)
        if len(share.order) > 2 * share.points + _STALE:
            share.order = deque(series for series in share.order if series.samples)

    def _forget(self, share: _Share, series: KeptSeries) -> None:
        del share.series[series.key]
        self._series -= 1
        self._grow(share, 0, -(_SERIES_BYTES + attributes_size(series.attributes)))


def _sample(point: MetricPoint) -> Sample:
    buckets = point.buckets if len(point.buckets) <= _MOST_BUCKETS else ()
    bounds = point.bounds if buckets else ()
    exemplars = point.exemplars[-_MOST_EXEMPLARS:]
    return Sample(point.time, point.start, point.value, point.count, bounds, buckets, exemplars)


def _size(sample: Sample) -> int:
    return _POINT_BYTES + _NUMBER_BYTES * len(sample.buckets) + _EXEMPLAR_BYTES * len(sample.exemplars)


def _frozen(attributes: Attributes) -> object:
    """The attributes as a key."""
    if not attributes:
        return ()
    try:
        return frozenset(attributes.items())
    except TypeError:  # lists and such can't be keys
        return frozenset((name, repr(value)) for name, value in attributes.items())
