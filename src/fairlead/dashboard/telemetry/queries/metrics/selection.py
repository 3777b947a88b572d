"""Which series an instrument is made of: those of its name, or for a derived one those of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fairlead.dashboard.telemetry.queries.attributes import find_number, find_text
from fairlead.dashboard.telemetry.queries.filters import Filter, nested_value
from fairlead.dashboard.telemetry.queries.metrics import titles
from fairlead.dashboard.telemetry.records import Attributes, Instrument
from fairlead.dashboard.telemetry.store.series import KeptSeries

_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """An instrument with its series.

    Args:
        instrument: What measures.
        series: What was measured.
        counts_measurements: Whether it counts the measurements of a histogram, and not what was measured.
    """

    instrument: Instrument
    series: tuple[KeptSeries, ...]
    counts_measurements: bool = False

    @property
    def points(self) -> int:
        """How many points there are."""
        return sum(len(each.samples) for each in self.series)

    def since(self, time: float) -> Selection:
        """A copy for another thread, of what was measured since a time."""
        return Selection(self.instrument, tuple(each.since(time) for each in self.series), self.counts_measurements)

    def where(self, filters: Sequence[Filter]) -> Selection:
        """The same with those series only whose attributes are as filters say."""
        kept = [
            each
            for each in self.series
            if all(filter.holds(partial(nested_value, each.attributes)) for filter in filters)
        ]
        return Selection(self.instrument, tuple(kept), self.counts_measurements)


_REQUESTS = Instrument(titles.REQUESTS, "counter", "{request}", "Requests that were answered.")
_FAILED = Instrument(titles.FAILED_REQUESTS, "counter", "{request}", "Requests that were answered with an error.")


def selections(series: Iterable[KeptSeries]) -> list[Selection]:
    """The instruments of some series, with those that follow from them, in the order in which they are shown."""
    by_name: dict[str, list[KeptSeries]] = {}
    for each in series:
        by_name.setdefault(each.instrument.name, []).append(each)
    found = [_selection(each) for each in by_name.values()]
    durations = [*by_name.get(titles.DURATION, ()), *by_name.get(titles.OLD_DURATION, ())]
    found += _derived(durations, by_name)
    return sorted(found, key=lambda selection: titles.order_of(selection.instrument.name))


def _selection(series: Sequence[KeptSeries]) -> Selection:
    """Those of a name; where senders differ about what it is, as the last of them says."""
    instrument = series[-1].instrument
    return Selection(instrument, tuple(each for each in series if each.instrument.kind == instrument.kind))


def _derived(durations: Sequence[KeptSeries], by_name: dict[str, list[KeptSeries]]) -> Iterator[Selection]:
    if durations and titles.REQUESTS not in by_name:
        yield Selection(_REQUESTS, tuple(durations), counts_measurements=True)
    if durations and titles.FAILED_REQUESTS not in by_name:
        failed = tuple(each for each in durations if has_failed(each.attributes))
        if failed:
            yield Selection(_FAILED, failed, counts_measurements=True)


def has_failed(attributes: Attributes) -> bool:
    """Whether the attributes of requests say that these were answered with an error of the server."""
    status = find_number(attributes, "http.response.status_code", "http.status_code")
    if status is not None:
        return status >= _SERVER_ERROR
    return bool(find_text(attributes, "error.type"))
