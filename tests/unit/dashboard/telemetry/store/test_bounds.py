"""What is kept of telemetry is bounded, and bounded fairly; what is dropped is counted."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import hex_id, log, point, sender, span

from fairlead.dashboard.telemetry.records import LogRecord, Span
from fairlead.dashboard.telemetry.store import kept_trace
from fairlead.dashboard.telemetry.store.log_store import LogStore
from fairlead.dashboard.telemetry.store.metric_store import MetricStore
from fairlead.dashboard.telemetry.store.sizes import LONGEST_TEXT
from fairlead.dashboard.telemetry.store.trace_store import SETTLED_SECONDS, TraceStore
from fairlead.dashboard.telemetry.store.usage_history import UsageHistory
from fairlead.runtime.usage.book import Usage, UsageSample


def ids(store: LogStore, **wanted: object) -> list[int]:
    """The numbers of the kept entries."""
    return [entry.id for entry in store.behind(0, 10_000, **wanted)]  # type: ignore[arg-type]


# Logs


def test_the_oldest_entries_go_first() -> None:
    """Of one resource the oldest entries must go, be counted, and be found no more."""
    store = LogStore(limit=3)
    store.add([log(str(n), trace_id="t" if n < 2 else None) for n in range(5)])
    assert ids(store) == [3, 4, 5]
    assert (store.kept.dropped, store.kept.limit, store.last) == (2, 3, 5)
    assert store.find(2) is None and store.find(3) is not None and store.find(9) is None
    assert store.of_trace("t") == []


def test_a_chatty_resource_pushes_out_its_own() -> None:
    """A resource that sends far more than others must lose its own entries, and leave theirs alone."""
    store = LogStore(limit=100)
    store.add([log(by="quiet") for _ in range(10)])
    for _ in range(50):
        store.add([log(by="chatty") for _ in range(100)])
        store.add([log(by="middle")])
    counts = {id: levels["info"] for id, levels in store.levels().items()}
    assert counts == {"quiet": 10, "chatty": 45, "middle": 45}
    assert store.kept.dropped == 50 * 101 + 10 - 100


def test_many_resources_share_alike() -> None:
    """Where all send the same, each must keep about the same."""
    store = LogStore(limit=1000)
    for _ in range(500):
        store.add([log(by=f"r{n}") for n in range(20)])
    counts = [levels["info"] for levels in store.levels().values()]
    assert sum(counts) == 1000 and min(counts) > 40 and max(counts) < 60


def test_bytes_are_bounded_too() -> None:
    """Few large entries must not take more memory than many small ones, and a very large one is cut."""
    store = LogStore(byte_limit=200_000)
    store.add([log("x" * 10_000) for _ in range(100)])
    assert store.size <= 200_000 and 10 < len(ids(store)) < 20
    store.add([log("y" * 10**6, attributes={"a": "z" * 10**6, "b": ["w" * 10**6], "c": 1})])
    record = store.behind(store.last - 1, 1)[0].record
    assert len(record.body) == LONGEST_TEXT + 1
    assert [len(str(value)) for value in record.attributes.values()] == [LONGEST_TEXT + 1, 1, 1]


@given(
    st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=12),
    st.integers(1, 8),
    st.lists(st.integers(1, 5), min_size=1),
    st.none() | st.sets(st.sampled_from("abc"), min_size=1),
)
def test_readers_get_each_entry_once_or_are_told(
    batches: list[list[str]], limit: int, portions: list[int], resources: set[str] | None
) -> None:
    """A reader that goes on behind what it has got must get each entry once, in order, or be told that it is lost."""
    store, position, lost, read = LogStore(limit=limit), 0, 0, []
    for turn, batch in enumerate(batches):
        store.add([log(by=name) for name in batch])
        if turn % 2:
            chunk = store.behind(position, portions[turn % len(portions)], resources)
            until = chunk[-1].id if chunk else store.last
            lost += store.lost(position, until, resources)
            read += [entry.id for entry in chunk]
            position = until
    rest = store.behind(position, 10_000, resources)
    lost += store.lost(position, store.last, resources)
    read += [entry.id for entry in rest]
    sent = sum(resources is None or name in resources for batch in batches for name in batch)
    assert len(read) + lost == sent
    assert all(earlier < later for earlier, later in pairwise(read))


def test_entries_are_read_backwards_in_portions() -> None:
    """The last entries before a number must be found, of all resources or of some."""
    store = LogStore()
    store.add([log(by="ab"[n % 2]) for n in range(10)])
    assert [entry.id for entry in store.before(9, 3)] == [6, 7, 8]
    assert [entry.id for entry in store.before(9, 3, {"a"})] == [3, 5, 7]
    assert store.before(1, 3) == [] and store.before(9, 3, {"none"}) == []


# Traces


def trace_ids(store: TraceStore) -> list[int]:
    """The numbers of the kept traces."""
    return [int(trace.id, 16) for trace in store.all()]


def one(trace: int, number: int = 1, parent: int | None = None, by: str = "api", **fields: Any) -> Span:
    """A span of a trace with a number."""
    return span(number, parent, by=by, trace_id=hex_id(trace, 32), **fields)


def test_the_oldest_traces_go_first() -> None:
    """Of one resource the oldest traces must go, with their spans, and late spans of them must not come back."""
    store = TraceStore(limit=2)
    store.add([one(1), one(2), one(3), one(3, 2, 1)])
    assert trace_ids(store) == [2, 3]
    assert (store.kept.dropped, store.dropped_spans, store.spans) == (1, 1, 3)
    store.add([one(1, 5)])
    assert trace_ids(store) == [2, 3] and store.dropped_spans == 2


def test_traces_are_shared_out_by_their_first_spans() -> None:
    """A trace must count for the resource of its first span, even if that comes last, and a chatty one lose its own."""
    store = TraceStore(limit=10)
    store.add([one(1, 2, 1, by="api"), one(1, 1, None, by="shop")])
    for number in range(2, 100):
        store.add([one(number, 2, 1, by="api"), one(number, 1, None, by="probe")])
    assert trace_ids(store)[0] == 1 and len(store) == 10


def test_spans_are_bounded_in_all_and_per_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many spans must push out old traces; of one trace with too many the first must be kept, and its root."""
    monkeypatch.setattr(kept_trace, "LONGEST_TRACE", 5)
    store = TraceStore(span_limit=8)
    store.add([one(1, n, 1) for n in range(2, 20)])
    store.add([one(1, 1), one(1, 30, 1)])
    (trace,) = store.all()
    assert [int(id, 16) for id in trace.spans] == [2, 3, 4, 5, 6, 1]
    assert (store.dropped_spans, trace.dropped) == (14, 14)
    store.add([one(2, n) for n in range(1, 4)])
    assert trace_ids(store) == [2] and store.spans == 3
    small = TraceStore(byte_limit=3000)
    small.add([one(n, attributes={"x": "y" * 500}) for n in range(1, 10)])
    assert small.size <= 3000 and 0 < len(small) < 5


def test_a_span_that_comes_twice_counts_once() -> None:
    """A span that is sent again must change nothing; one that differs must replace the one before."""
    store = TraceStore()
    store.add([one(1, 1, name="a")])
    version = store.version
    store.add([one(1, 1, name="a")])
    assert (store.version, store.spans) == (version, 1)
    store.add([one(1, 1, name="b")])
    assert store.version > version and store.spans == 1
    assert [each.name for each in store.all()[0].spans.values()] == ["b"]


def test_changes_are_given_in_their_order() -> None:
    """A reader must get each trace that has changed since a version, once, the last change last."""
    store = TraceStore()
    store.add([one(1), one(2)])
    version = store.version
    assert store.changed_after(version) == []
    store.add([one(3)])
    store.add([one(1, 2, 1), one(1, 3, 1)])
    assert [int(trace.id, 16) for trace in store.changed_after(version)] == [3, 1]
    assert [trace.version for trace in store.changed_after(0)] == sorted(trace.version for trace in store.all())


def test_a_root_that_never_comes_is_not_waited_for() -> None:
    """A trace without its first span must be running for a while, and then change once, as that is not expected."""
    now = 0.0
    store = TraceStore(clock=lambda: now)
    store.add([one(1, 2, 1), one(2)])
    waiting, whole = store.all()
    assert store.is_running(waiting) and not store.is_running(whole)
    version = store.version
    now = SETTLED_SECONDS + 1
    store.settle()
    store.settle()
    assert not store.is_running(waiting)
    assert store.changed_after(version) == [waiting] and store.version == version + 1
    store.add([one(1, 1)])
    assert not store.is_running(waiting)


def test_imported_traces_are_marked_and_apart() -> None:
    """Imported traces must be marked, come even if they were dropped, push out no others, and make nobody a sender."""
    store = TraceStore(limit=4)
    store.add([one(1), one(2)])
    store.add([one(n, by="else") for n in range(10, 20)], imported=True)
    assert trace_ids(store) == [1, 2, 18, 19]
    assert store.all()[-1].imported and store.senders == {"api"}
    store.add([one(10, by="else")], imported=True)
    assert trace_ids(store) == [1, 2, 19, 10]


# Metrics


def test_the_oldest_points_go_first() -> None:
    """Of one resource the oldest points must go, whatever their series, and their series know of it."""
    store = MetricStore(limit=4)
    for n in range(4):
        store.add([point("a", n, n), point("b", n, n)])
    assert [[sample.time for sample in series.samples] for series in store.series()] == [[2, 3], [2, 3]]
    assert all(series.was_cut for series in store.series())
    assert (store.kept.dropped, store.points) == (4, 4)


def test_points_are_shared_out_by_resource() -> None:
    """A resource with many points must lose its own, and one with few keep theirs."""
    store = MetricStore(limit=100)
    store.add([point("a", n, n, by="quiet") for n in range(20)])
    store.add([point("a", n, n, by="chatty") for n in range(1000)])
    assert {each.sender.resource: len(each.samples) for each in store.series()} == {"quiet": 20, "chatty": 80}


def test_series_are_bounded() -> None:
    """An attribute with endless values must lose the series that have not grown for longest, and bytes be bounded."""
    store = MetricStore(series_limit=10)
    for n in range(6000):
        store.add([point("a", n, n, attributes={"user": n}), point("b", n, n, by="other")])
    names = [(each.instrument.name, each.attributes.get("user")) for each in store.series()]
    assert names == [*(("a", n) for n in range(5991, 6000)), ("b", None)]
    assert store.points < 7000 and len(store._shares["api"].order) < 3000
    small = MetricStore(byte_limit=20_000)
    small.add([point("a", n, n, "histogram", buckets=(1,) * 100, bounds=(1.0,) * 99) for n in range(100)])
    assert small.size <= 20_000 and small.points > 3


def test_points_come_in_any_order() -> None:
    """Points that come late must be put in their place, the same one once, and those without a number left out."""
    store = MetricStore()
    store.add([point("a", t, v) for t, v in ((5, 1), (3, 2), (4, 3), (4, 3), (6, float("nan")), (7, float("inf")))])
    assert [(each.time, each.value) for each in store.series()[0].samples] == [(3, 2), (4, 3), (5, 1)]
    lists = {"a": [1, 2]}
    store.add([point("b", 1, 1, attributes=lists), point("b", 2, 1, attributes=lists)])
    assert len(store.series()) == 2


def test_the_use_of_the_machine_is_kept_coarser_with_age() -> None:
    """The last minutes must be kept as they came, hours as their extremes, and all of it in bounded number."""
    history = UsageHistory()
    for second in range(30_000):
        history.add(UsageSample(1e6 + second, {"api": Usage(100.0 if second == 20_007 else second % 7, 1.0)}))
        history.add(UsageSample(1e6 + second, {"api": Usage(999.0, 1.0)}))
    cpu, _ = history.histories()["api"]
    samples = cpu.samples(0.0)
    assert [each[0] for each in samples] == sorted({each[0] for each in samples})
    assert samples[0][0] < 1e6 + 150 and samples[-1][0] == 1e6 + 29_999
    assert max(value for _, value in samples) == 100.0
    assert cpu.samples(1e6 + 29_990) == [(1e6 + n, n % 7) for n in range(29_990, 30_000)]
    assert cpu.samples(1e6 + 20_000) == [each for each in samples if each[0] >= 1e6 + 20_000]
    assert len(samples) < 1500
    for number in range(300):
        history.add(UsageSample(2e6 + number, {f"pod{number}": Usage(1.0, 1.0)}))
    assert len(history.histories()) == 200


# All of it


def a_log(number: int) -> LogRecord:
    """An entry as programs write them."""
    attributes = {"order.id": f"ord_{number}", "http.route": "/api/orders", "order.total": number / 100, "items": 3}
    by = sender(f"r{number % 8}")
    return log(f"Order ord_{number} placed", sender=by, attributes=attributes, trace_id=hex_id(number // 5, 32))


def test_entries_take_little_memory() -> None:
    """An entry must take less than 1.5 kB, about what is estimated, and more entries no more memory."""
    store = LogStore(limit=4000)
    tracemalloc.start()
    try:
        for number in range(4000):
            store.add([a_log(number)])
        full = tracemalloc.get_traced_memory()[0]
        for number in range(4000, 8000):
            store.add([a_log(number)])
        later = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert store.kept.dropped == 4000
    assert full < 4000 * 1500 and later < full * 1.15
    assert 0.5 < store.size / full < 2
