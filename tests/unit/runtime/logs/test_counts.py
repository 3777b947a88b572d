"""Counts must be those of the lines that can be read, whatever came and went since they were asked for."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.runtime.logs.book import LogBook, ResourceLog
from fairlead.runtime.logs.counts import NOTHING, Counting, Counts, LogCounts
from fairlead.runtime.logs.histogram import STEPS, choose_step, in_steps
from fairlead.runtime.logs.levels import level_of

LINES = [b"ERROR:x:1", b"WARNING:x:1", b"INFO:x:1", b"DEBUG:x:1", b"nothing"]


def counted_one_by_one(log: ResourceLog) -> Counts:
    """What the counts of a log have to be."""
    counts = Counter("fairlead" if line.stream == "system" else level_of(line.text) or "other" for line in log.lines())
    return Counts(**counts)


async def no_turn() -> None:
    await asyncio.sleep(0)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["stdout", "system"]), st.lists(st.sampled_from(LINES), min_size=1, max_size=9)),
            st.just("count"),
            st.just("drop"),
        ),
        max_size=40,
    )
)
def test_counts_follow_the_ring(steps: list[object]) -> None:
    """After any row of lines, drops and counts, the counts must be those of the kept lines, and zero where none is."""
    log, counts = ResourceLog("a", kept_lines=20), LogCounts()
    for step in [*steps, "count"]:
        if step == "count":
            while counts.advance(log, 3) >= 3:
                pass
            assert counts.total == counted_one_by_one(log)
            assert sum(map(sum, counts.seconds.values())) == sum(map(sum, counts.minutes.values())) == sum(counts.total)
            assert counts.lost == log.first - 1
        elif step == "drop":
            log.drop_oldest()
        elif isinstance(step, tuple):
            log.feed(*step)


def test_a_long_log_is_counted_in_pieces() -> None:
    """A count must end near its limit, so that the loop has its turn, and go on where it was."""
    log, counts = ResourceLog("a"), LogCounts()
    log.feed("stdout", [b"INFO: x"] * 5000)
    pieces = [counts.advance(log, 1000) for _ in range(6)]
    assert sum(pieces) == 5000 and max(pieces) < 2500 and pieces[-1] == 0
    assert counts.total == Counts(info=5000)


async def test_counts_are_kept_while_somebody_asks() -> None:
    """A second question must count only what is new; nothing must be kept when the last one has gone."""
    book = LogBook()
    book.log("a").feed("stdout", LINES)
    counting = Counting()
    with counting.asking():
        first = await counting.count(book.present(), no_turn)
        book.log("a").write("started")
        second = await counting.count(book.present(), no_turn)
        assert second["a"] is first["a"] and second["a"].total == Counts(1, 1, 1, 1, 1, 1)
    with counting.asking():
        assert (await counting.count(book.present(["a", "gone"]), no_turn))["a"] is not second["a"]


async def test_some_parts_of_a_log() -> None:
    """Lines of other replicas must not count where only some are asked for, nor when they are dropped."""
    book, counting = LogBook(kept_lines=10), Counting()
    log = book.log("api")
    log.feed("stdout", [b"ERROR: x"] * 4, "api-1")
    log.feed("stdout", [b"ERROR: x"] * 3, "api-2")
    with counting.asking():
        some = await counting.count(book.present(), no_turn, {"api": {"api-2"}})
        every = await counting.count(book.present(), no_turn)
        assert (some["api"].total, every["api"].total) == (Counts(error=3), Counts(error=7))
        log.feed("stdout", [b"x"] * 9, "api-1")
        again = await counting.count(book.present(), no_turn, {"api": ["api-2"]})
        assert again["api"] is some["api"] and again["api"].total == Counts(error=1)


def test_the_rate_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate must be that of the last seconds, and of what is kept where the ring has dropped some of those."""
    log, counts = ResourceLog("a", kept_lines=10), LogCounts()
    monkeypatch.setattr("time.time", lambda: 100.0)
    log.feed("stdout", [b"x"] * 5)
    counts.advance(log, 1000)
    assert (counts.rate(103.0), counts.rate(105.0)) == (1.0, 0.0)
    monkeypatch.setattr("time.time", lambda: 102.5)
    log.feed("stdout", [b"x"] * 10)
    log.feed("stdout", [b"x"] * 10)
    counts.advance(log, 1000)
    assert counts.rate(103.0) == 20.0


@pytest.mark.parametrize(("seconds", "step"), [(0, 1), (99, 1), (101, 2), (6000, 60), (10**9, STEPS[-1])])
def test_the_length_of_a_step(seconds: float, step: int) -> None:
    """A step must be the shortest convenient one with which all fits."""
    assert choose_step(seconds, 100) == step


@pytest.mark.parametrize(("age", "step"), [(0, 1), (300, 5), (36_000, 600)])
def test_steps_of_several_logs(monkeypatch: pytest.MonkeyPatch, age: int, step: int) -> None:
    """Lines of all logs must be in the step of their time, in order, few enough, without empty ones."""
    now = 1_800_000_000.0
    logs = []
    for name, line in (("a", b"ERROR: x"), ("b", b"x")):
        log, counts = ResourceLog(name), LogCounts()
        for each in (now - age, now):
            monkeypatch.setattr("time.time", lambda each=each: each)
            log.feed("stdout", [line])
        counts.advance(log, 1000)
        logs.append(counts)
    length, steps = in_steps(logs, now, 100)
    both = Counts(error=1, other=1) if age else Counts(error=2, other=2)
    assert length == step
    assert steps == {int(now) - age: both, int(now): both}
    assert in_steps([], now, 100) == (1, {})
    assert NOTHING.plus(both).minus(both) == NOTHING
