"""The logs of a run must serve every reader, in the order of writing, without being held up by any."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import UsageError
from fairlead.runtime.logs.book import Gap, LogBook, LogLine, OpenLine, Portion

DEADLINE = 60


def numbered(start: int, end: int) -> list[bytes]:
    return [b"line %d" % number for number in range(start, end)]


def texts(portions: Iterable[Portion]) -> list[str]:
    """What records say; the number of lines that a gap stands for in brackets, an open line with an ellipsis."""
    found = []
    for _, records in portions:
        for record in records:
            if isinstance(record, Gap):
                found.append(f"[{record.lost}]")
            else:
                found.append(record.text + ("…" if isinstance(record, OpenLine) else ""))
    return found


def lines(portions: Iterable[Portion]) -> list[LogLine]:
    return [record for _, records in portions for record in records if isinstance(record, LogLine)]


async def collect(batches: AsyncIterator[list[Portion]], count: int) -> list[Portion]:
    """Read until there are so many records."""
    found: list[Portion] = []
    async with asyncio.timeout(DEADLINE):
        while sum(len(portion.records) for portion in found) < count:
            found += await anext(batches)
    return found


async def everything(batches: AsyncIterator[list[Portion]]) -> list[Portion]:
    async with asyncio.timeout(DEADLINE):
        return [portion async for batch in batches for portion in batch]


def present(book: LogBook, *ids: str, tail: int | None = None, after: str | None = None) -> list[Portion]:
    return [portion for batch in book.read(ids or None, tail, after) for portion in batch]


async def test_a_follower_gets_the_past_and_what_comes() -> None:
    """A follower must get the kept lines, then new ones, each once and in order, and end when the book is closed."""
    book = LogBook()
    log = book.log("a")
    log.feed("stdout", numbered(0, 3))
    batches = book.follow(["a"])
    assert texts(await anext(batches)) == ["line 0", "line 1", "line 2"]
    log.feed("stdout", numbered(3, 5))
    assert texts(await collect(batches, 2)) == ["line 3", "line 4"]
    log.feed("stdout", numbered(5, 6))
    book.close()
    assert texts(await everything(batches)) == ["line 5"]


@pytest.mark.parametrize(("tail", "expected"), [(None, 5), (0, 1), (2, 3), (99, 5)])
async def test_a_tail_is_settled_by_the_call(tail: int | None, expected: int) -> None:
    """What is replayed must be settled when following begins, whenever the first line is read."""
    book = LogBook()
    book.log("a").feed("stdout", numbered(0, 4))
    batches = book.follow(tail=tail)
    book.log("a").feed("stdout", numbered(4, 5))
    book.close()
    assert texts(await everything(batches)) == [f"line {number}" for number in range(5 - expected, 5)]


async def test_closing_wakes_followers() -> None:
    """Closing must end every follower that waits, at once."""
    book = LogBook()
    book.log("a")
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        tasks = [group.create_task(everything(book.follow())) for _ in range(10)]
        await asyncio.sleep(0)
        book.close()
    assert [task.result() for task in tasks] == [[]] * 10


async def test_a_line_is_passed_on_promptly() -> None:
    """A line must reach a follower that waits in some milliseconds, not at the next tick of a clock."""
    book = LogBook()
    batches = book.follow()
    delays = []
    for _ in range(20):
        waiting = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0)
        began = time.perf_counter()
        book.log("a").feed("stdout", [b"now"])
        await waiting
        delays.append(time.perf_counter() - began)
    assert min(delays) < 0.05  # the machine has other things to do now and then


async def test_a_flood_of_single_lines_is_read_in_batches() -> None:
    """A follower must not be woken for every line of a busy log."""
    book = LogBook()
    sizes: list[int] = []

    async def read() -> None:
        async for batch in book.follow():
            sizes.append(len(lines(batch)))

    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        group.create_task(read())
        for _ in range(5000):
            book.log("a").feed("stdout", [b"x"])
            await asyncio.sleep(0)
        book.close()
    assert sum(sizes) == 5000
    assert len(sizes) < 500


@pytest.mark.parametrize("size", [1, 10, 16_000])
async def test_batches_are_of_convenient_size(size: int) -> None:
    """A replay must come in bounded portions, in whatever portions the lines were written."""
    book = LogBook()
    for start in range(0, 16_000, size):
        book.log("a").feed("stdout", numbered(start, start + size))
        book.log("b").feed("stdout", [b"x"])
    book.close()
    sizes = [len(lines(batch)) async for batch in book.follow(["a"])]
    assert sum(sizes) == 10_000
    assert max(sizes) <= 1000
    assert sizes == [len(lines(batch)) for batch in book.read(["a"])]


async def test_a_slow_reader_is_told_what_it_missed() -> None:
    """A reader that is overtaken must get a record of how many lines it missed, and then what is kept."""
    book = LogBook(kept_lines=100)
    log = book.log("a")
    log.feed("stdout", numbered(0, 10))
    batches = book.follow()
    assert len(lines(await anext(batches))) == 10
    for start in range(10, 1010, 10):
        log.feed("stdout", numbered(start, start + 10))
    book.close()
    found = await everything(batches)
    assert texts(found) == ["[900]", *(f"line {number}" for number in range(910, 1010))]
    assert found[0].records[0] == Gap(900, 910)
    assert [line.number for line in lines(found)] == list(range(911, 1011))


async def test_a_reader_that_waits_before_its_first_read() -> None:
    """Lines that were lost between the call and the first read must be told too."""
    book = LogBook(kept_lines=2)
    log = book.log("a")
    log.feed("stdout", numbered(0, 2))
    batches = book.follow()
    log.feed("stdout", numbered(2, 3))
    assert texts(await anext(batches)) == ["[1]", "line 1", "line 2"]


async def test_a_slow_reader_costs_no_memory() -> None:
    """A reader that never reads on must not make anything be kept beyond the ring."""
    book = LogBook()
    log = book.log("a")
    log.feed("stdout", [b"x"])
    readers = [book.follow() for _ in range(50)]
    for reader in readers:
        await anext(reader)

    def fill() -> int:
        for _ in range(200):
            log.feed("stdout", [b"y" * 100] * 500)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        used = fill()
        assert fill() < used * 1.2
    finally:
        tracemalloc.stop()


def test_a_book_makes_logs_on_first_use() -> None:
    """The same id must give the same log, and names must be of declared resources, in the order of their making."""
    book = LogBook()
    assert book.log("b") is book.log("b")
    book.log("b/pod/-/x")
    book.log("a")
    assert book.names() == ["b", "a"]


def test_a_book_masks_secrets_in_all_logs() -> None:
    """A secret must be masked in every log, made before or after, and in what Fairlead itself writes."""
    book = LogBook()
    early = book.log("early")
    early.feed("stdout", [b"hunter2"])
    book.mask("hunter2")
    early.feed("stdout", [b"a hunter2"])
    book.log("late").write("b hunter2")
    book.log("late").feed_open("stdout", b"c hunter2")
    assert texts(present(book)) == ["hunter2", "a ***", "b ***"]
    assert [line.text for line in book.log("late").open_lines] == ["c ***"]


async def test_a_book_is_followed_as_a_whole() -> None:
    """Following all must give the tails of all logs, and everything of logs that are made later."""
    book = LogBook()
    book.log("a").feed("stdout", numbered(0, 5))
    reading = asyncio.ensure_future(everything(book.follow(tail=1)))
    await asyncio.sleep(0)
    book.log("b").feed("stdout", numbered(0, 3))
    await asyncio.sleep(0)
    book.log("a").feed("stdout", numbered(5, 6))
    book.close()
    assert [(id, texts([Portion(id, records)])) for id, records in await reading] == [
        ("a", ["line 4"]),
        ("b", ["line 0", "line 1", "line 2"]),
        ("a", ["line 5"]),
    ]


async def test_a_book_is_followed_by_name() -> None:
    """Following some must give those and no others, also when their log is made later."""
    book = LogBook()
    book.log("a").write("a")
    reading = asyncio.ensure_future(everything(book.follow(["b", "c"])))
    await asyncio.sleep(0)
    book.log("b").write("b")
    book.close()
    assert texts(await reading) == ["b"]


async def test_a_closed_book_stays_closed() -> None:
    """Logs that are made after the book was closed must be closed, so that nobody waits for them."""
    book = LogBook()
    book.close()
    book.log("a").write("x")
    assert book.log("a").closed
    assert texts(await everything(book.follow())) == ["x"]


async def test_a_flooded_log_hides_no_other() -> None:
    """While one log is flooded faster than it is read, lines of others, and new logs, must come through in turn."""
    book = LogBook(kept_lines=1000)
    batches = book.follow()
    flood = numbered(0, 1000)
    async with asyncio.timeout(DEADLINE):
        for name in ("a", "b", "c"):
            book.log(name).write("here I am")
            for _ in range(4):
                book.log("flood").feed("stdout", flood)
                if name in [portion.id for portion in await anext(batches)]:
                    break
            else:
                pytest.fail(f"{name} was not heard")


async def test_followers_are_forgotten() -> None:
    """A reader that is closed, cancelled or never begun must leave nothing behind."""
    book = LogBook()
    log = book.log("a")
    log.write("x")
    batches = book.follow()
    await anext(batches)
    waiting = asyncio.ensure_future(everything(book.follow()))
    book.follow()
    await asyncio.sleep(0)
    assert len(book._followers) == len(log._listeners) == 2
    await batches.aclose()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not book._followers and not log._listeners


# The order of all lines, and going on by a cursor


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=40), st.integers(1, 20), st.data())
def test_a_cursor_goes_on_exactly_where_it_was(writes: list[tuple[str, int]], kept: int, data: st.DataObject) -> None:
    """Behind a cursor must come what was written later, in its order, with exact counts of what was dropped."""
    book = LogBook(kept_lines=kept)
    written: list[tuple[str, int]] = []  # id and number
    ends = dict.fromkeys("abc", 0)
    for id, count in writes:
        book.log(id).feed("stdout", [b"x"] * count)
        written += [(id, ends[id] + number) for number in range(1, count + 1)]
        ends[id] += count
    position = data.draw(st.integers(0, len(written)))
    expected = [(id, number) for id, number in written[position:] if number > ends[id] - kept]
    found = present(book, after=book.cursor(position))
    assert [
        (id, record.number) for id, records in found for record in records if isinstance(record, LogLine)
    ] == expected
    for id in "abc":
        lost = [record.lost for each, records in found if each == id for record in records if isinstance(record, Gap)]
        missing = [entry for entry in written[position:] if entry[0] == id and entry not in expected]
        assert sum(lost) == len(missing)
        assert len(lost) == bool(missing)


async def test_following_goes_on_behind_a_cursor() -> None:
    """A follower that comes back must get what it missed of all logs, and nothing twice; so must one with a tail."""
    book = LogBook()
    book.log("a").write("1")
    book.log("b").write("2")
    (first, *_) = lines(present(book))
    cursor = book.cursor(first.position)
    batches = book.follow(after=cursor)
    book.log("c").write("3")
    book.log("a").write("4")
    book.close()
    assert texts(await everything(batches)) == ["2", "3", "4"]
    assert texts(present(book, after=cursor, tail=1)) == ["2", "3", "4"]
    assert texts(present(book, "a", after=cursor)) == ["4"]
    assert present(book, after=book.cursor()) == []


def test_a_cursor_of_another_run_begins_anew() -> None:
    """A cursor that an earlier run has given must lead to all there is; a text that is none must be refused."""
    book = LogBook()
    book.log("a").write("x")
    assert texts(present(book, after=LogBook().cursor(1))) == ["x"]
    for text in ("", "7", "zzzzzzzz-1", book.cursor(1) + "0" * 20):
        with pytest.raises(UsageError, match="is not a cursor"):
            present(book, after=text)


async def test_an_answer_is_of_one_moment() -> None:
    """What is written while an answer is being read must not be in it, so that a flood can't make it endless."""
    book = LogBook()
    book.log("a").feed("stdout", numbered(0, 3000))
    batches = book.read()
    found = next(batches)
    book.log("a").feed("stdout", numbered(3000, 9000))
    found += [portion for batch in batches for portion in batch]
    assert [line.number for line in lines(found)] == list(range(1, 3001))


# Open lines


async def test_an_open_line_is_followed_until_it_ends() -> None:
    """A follower that wants them must get an open line at each change, behind the lines before it; others must not."""
    book = LogBook()
    log = book.log("a")
    log.write("before", "stdout")
    log.feed_open("stdout", b"10%")
    batches = book.follow(open_lines=True)
    assert texts(await anext(batches)) == ["before", "10%…"]
    log.feed_open("stdout", b"20%")
    assert texts(await anext(batches)) == ["20%…"]
    log.feed("stdout", [b"100%"])
    log.feed_open("stderr", b"? ")
    assert texts(await anext(batches)) == ["100%", "? …"]
    log.feed_open("stderr", b"")
    assert texts(await anext(batches)) == ["…"]
    plain = book.follow()
    log.feed_open("stdout", b"last")
    book.close()
    assert texts(await everything(plain)) == ["before", "100%"]
    assert texts(await everything(batches)) == ["last…"]


# Observed children


POD = "cluster/pod/default/web"


def test_observed_logs_share_a_budget() -> None:
    """The logs of all observed children together must stay small: the largest gives way, whichever grows."""
    book = LogBook(observed_bytes=1024 * 1024)
    book.log("declared").feed("stdout", [b"x" * 60_000] * 50)
    book.log(POD).write("a word")
    for number in range(100):
        book.log(f"cluster/pod/default/{number % 3}").feed("stdout", [b"y" * 50_000])
    sizes = [log.size for id, log in book._logs.items() if "/" in id]
    assert 900_000 < sum(sizes) <= 1024 * 1024
    assert texts(present(book, POD)) == ["a word"]
    assert len(lines(present(book, "declared"))) == 50


async def test_observed_logs_are_read_by_id_only() -> None:
    """Following all must not bring the lines of every pod; a pod that is gone must take its log with it."""
    book = LogBook()
    book.log("a").write("a")
    book.log(POD).write("b")
    batches = book.follow([POD, "a"])
    assert texts(await anext(batches)) == ["a", "b"]
    assert texts(present(book)) == ["a"]
    book.forget(POD)
    assert present(book, POD) == []
    book.log(POD).write("new")
    assert texts(await anext(batches)) == ["new"]


async def test_following_what_is_gone_ends() -> None:
    """Who follows observed children alone must get the rest of their logs, and the end when the last one is gone."""
    book = LogBook()
    other = f"{POD}-2"
    for id in (POD, other):
        book.log(id).write(f"first of {id}")
    reading = asyncio.ensure_future(everything(book.follow([POD, other])))
    await asyncio.sleep(0)
    book.log(POD).write("last")
    book.forget(POD)
    book.log(other).write("still here")
    book.forget(other)
    assert texts(await reading) == [f"first of {POD}", f"first of {other}", "last", "still here"]
