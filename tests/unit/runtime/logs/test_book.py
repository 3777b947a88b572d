"""Logs must keep the last lines in bounded memory, and serve every reader without being held up by any."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.runtime.logs.book import LogBook, LogLine, ResourceLog

DEADLINE = 60


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines]


def numbered(start: int, end: int) -> list[bytes]:
    return [b"line %d" % number for number in range(start, end)]


async def collect(batches: AsyncIterator[list[LogLine]], count: int) -> list[LogLine]:
    """Read until there are so many lines."""
    found: list[LogLine] = []
    async with asyncio.timeout(DEADLINE):
        while len(found) < count:
            found += await anext(batches)
    return found


def test_lines_are_numbered_and_timed() -> None:
    """Lines must be numbered from 1 over all streams, with the stream and the time of their arrival."""
    log = ResourceLog()
    before = time.time()
    log.feed("stdout", [b"a", b"b"])
    log.feed("stderr", [b"c"])
    log.write("d")
    after = time.time()
    assert [(line.number, line.stream, line.text) for line in log.lines()] == [
        (1, "stdout", "a"),
        (2, "stdout", "b"),
        (3, "stderr", "c"),
        (4, "system", "d"),
    ]
    assert all(before <= line.time <= after for line in log.lines())


def test_a_text_of_several_lines() -> None:
    """A written text must become one line per line, and its last line feed none."""
    log = ResourceLog()
    log.write("a\nb\n")
    log.write("")
    log.write("path \udcff")
    assert texts(log.lines()) == ["a", "b", "", "path ?"]


def test_nothing_is_fed() -> None:
    """An empty batch must add nothing."""
    log = ResourceLog()
    log.feed("stdout", [])
    assert log.lines() == []


def test_carriage_returns_keep_the_numbers_right() -> None:
    """A line that comes apart must take as many numbers as it has parts."""
    log = ResourceLog()
    log.feed("stdout", [b"10%\r20%", b"done"])
    assert [(line.number, line.text) for line in log.lines()] == [(1, "10%"), (2, "20%"), (3, "done")]


def test_ten_thousand_lines_are_kept() -> None:
    """The last 10,000 lines must be kept, and no more, however they came."""
    for size in (1, 7, 3000, 25_000):
        log = ResourceLog()
        for start in range(0, 25_000, size):
            log.feed("stdout", numbered(start, min(start + size, 25_000)))
        kept = log.lines()
        assert len(kept) == 10_000
        assert (kept[0].number, kept[0].text) == (15_001, "line 15000")
        assert (kept[-1].number, kept[-1].text) == (25_000, "line 24999")


@given(
    st.integers(1, 20),
    st.lists(st.integers(0, 30), max_size=20),
    st.one_of(st.none(), st.integers(-1, 40)),
)
def test_the_ring_is_the_end_of_all_lines(kept: int, sizes: list[int], tail: int | None) -> None:
    """The ring must hold exactly the last lines of all that were fed, and a tail exactly the last of those."""
    log = ResourceLog(kept_lines=kept)
    everything: list[str] = []
    for size in sizes:
        batch = numbered(len(everything), len(everything) + size)
        everything += [line.decode() for line in batch]
        log.feed("stdout", batch)
    expected = everything[-kept:]
    if tail is not None:
        expected = expected[len(expected) - min(max(tail, 0), len(expected)) :]
    assert texts(log.lines(tail)) == expected
    assert [line.number for line in log.lines(tail)] == list(
        range(len(everything) - len(expected) + 1, len(everything) + 1)
    )


def test_memory_is_bounded_in_bytes() -> None:
    """Long lines must be bounded in bytes: ten thousand lines of 64 KiB would be 640 MB."""
    log = ResourceLog(kept_bytes=4 * 1024 * 1024)
    tracemalloc.start()
    try:
        for number in range(1000):
            log.feed("stdout", [b"%06d " % number + b"x" * 65_000])
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < 5 * 1024 * 1024
    kept = log.lines()
    assert 50 < len(kept) < 70
    assert kept[-1].number == 1000
    assert kept[-1].text.startswith("000999 ")


def test_wide_characters_count_as_what_they_take() -> None:
    """The bound must hold for text that takes four bytes a character."""
    log = ResourceLog(kept_bytes=1024 * 1024)
    for _ in range(100):
        log.feed("stdout", [("😀" * 10_000).encode()])
    assert sum(sys.getsizeof(line.text) for line in log.lines()) < 1.1 * 1024 * 1024


def test_a_huge_batch_and_a_huge_line_are_cut() -> None:
    """What comes at once beyond all measure must be kept in part, and be bounded too."""
    log = ResourceLog(kept_bytes=4 * 1024 * 1024)
    log.feed("stdout", [b"x" * 50_000] * 400)
    assert sum(len(line.text) for line in log.lines()) < 5 * 1024 * 1024
    assert log.lines()[-1].number == 400
    log.feed("stdout", [b"y" * 20_000_000])
    assert sum(len(line.text) for line in log.lines()) < 5 * 1024 * 1024
    assert max(len(line.text) for line in log.lines()) <= 65_536


def test_a_million_lines_a_second() -> None:
    """Feeding must cost some times what joining the lines does, a microsecond each: a flood has to leave time."""
    log = ResourceLog()
    batch = [b"2024-01-01 12:00:00 INFO request %06d path=/api/orders status=200 took 12 ms" % n for n in range(800)]

    def cost(deed: Callable[[], object]) -> float:
        """The least that it took of the processor; what else runs on the machine does not count."""
        costs = []
        for _ in range(20):
            began = time.thread_time()
            for _ in range(20):
                deed()
            costs.append(time.thread_time() - began)
        return min(costs)

    assert cost(lambda: log.feed("stdout", batch)) < 15 * cost(lambda: b"\n".join(batch).decode().split("\n"))


async def test_a_follower_gets_the_past_and_what_comes() -> None:
    """A follower must get the kept lines, then new ones, each once and in order, and end when the log is closed."""
    log = ResourceLog()
    log.feed("stdout", numbered(0, 3))
    batches = log.follow()
    assert texts(await anext(batches)) == ["line 0", "line 1", "line 2"]
    log.feed("stdout", numbered(3, 5))
    assert texts(await collect(batches, 2)) == ["line 3", "line 4"]
    log.feed("stdout", numbered(5, 6))
    log.close()
    assert [texts(batch) async for batch in batches] == [["line 5"]]


@pytest.mark.parametrize(("tail", "expected"), [(None, 5), (0, 1), (2, 3), (99, 5)])
async def test_a_tail_is_settled_by_the_call(tail: int | None, expected: int) -> None:
    """What is replayed must be settled when following begins, whenever the first line is read."""
    log = ResourceLog()
    log.feed("stdout", numbered(0, 4))
    batches = log.follow(tail)
    log.feed("stdout", numbered(4, 5))
    log.close()
    found = [line for batch in [batch async for batch in batches] for line in batch]
    assert texts(found) == [f"line {number}" for number in range(5 - expected, 5)]


async def test_a_closed_log_is_replayed() -> None:
    """Following a log that is closed must give what it has and end, and reading it must still be possible."""
    log = ResourceLog()
    log.feed("stdout", [b"a"])
    log.close()
    assert [texts(batch) async for batch in log.follow()] == [["a"]]
    assert log.closed
    assert texts(log.lines()) == ["a"]


async def test_closing_wakes_followers() -> None:
    """Closing must end every follower that waits, at once."""
    log = ResourceLog()

    async def count() -> int:
        return len([batch async for batch in log.follow()])

    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        tasks = [group.create_task(count()) for _ in range(10)]
        await asyncio.sleep(0)
        log.close()
    assert [task.result() for task in tasks] == [0] * 10


async def test_a_line_is_passed_on_promptly() -> None:
    """A line must reach a follower that waits in some milliseconds, not at the next tick of a clock."""
    log = ResourceLog()
    batches = log.follow()
    delays = []
    for _ in range(20):
        waiting = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0)
        began = time.perf_counter()
        log.feed("stdout", [b"now"])
        await waiting
        delays.append(time.perf_counter() - began)
    assert min(delays) < 0.05  # the machine has other things to do now and then


async def test_a_flood_of_single_lines_is_read_in_batches() -> None:
    """A follower must not be woken for every line of a busy log."""
    log = ResourceLog()
    sizes: list[int] = []

    async def read() -> None:
        async for batch in log.follow():
            sizes.append(len(batch))

    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        group.create_task(read())
        for _ in range(5000):
            log.feed("stdout", [b"x"])
            await asyncio.sleep(0)
        log.close()
    assert sum(sizes) == 5000
    assert len(sizes) < 500


async def test_batches_are_of_convenient_size() -> None:
    """A replay must come in portions, so that a reader is not given the whole ring at once."""
    log = ResourceLog()
    for start in range(0, 10_000, 10):
        log.feed("stdout", numbered(start, start + 10))
    log.close()
    sizes = [len(batch) async for batch in log.follow()]
    assert sum(sizes) == 10_000
    assert max(sizes) <= 1010


async def test_a_slow_reader_is_told_what_it_missed() -> None:
    """A reader that is overtaken must get one line that says how many it missed, and then what is kept."""
    log = ResourceLog(kept_lines=100)
    log.feed("stdout", numbered(0, 10))
    batches = log.follow()
    assert len(await anext(batches)) == 10
    for start in range(10, 1010, 10):
        log.feed("stdout", numbered(start, start + 10))
    log.close()
    found = [line for batch in [batch async for batch in batches] for line in batch]
    assert found[0].stream == "system"
    assert found[0].text == "… 900 lines skipped, this reader is too slow"
    assert texts(found[1:]) == [f"line {number}" for number in range(910, 1010)]
    assert [line.number for line in found] == list(range(910, 1011))


async def test_a_reader_that_waits_before_its_first_read() -> None:
    """Lines that were lost between the call and the first read must be told too, and a single one in the singular."""
    log = ResourceLog(kept_lines=2)
    log.feed("stdout", numbered(0, 2))
    batches = log.follow()
    log.feed("stdout", numbered(2, 3))
    assert texts(await anext(batches)) == ["… 1 line skipped, this reader is too slow", "line 1", "line 2"]


async def test_a_slow_reader_costs_no_memory() -> None:
    """A reader that never reads on must not make anything be kept beyond the ring."""
    log = ResourceLog()
    log.feed("stdout", [b"x"])
    readers = [log.follow() for _ in range(50)]
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


async def test_an_abandoned_reader_is_forgotten() -> None:
    """A reader that is closed or cancelled must leave nothing behind in the log."""
    log = ResourceLog()
    batches = log.follow()
    task = asyncio.ensure_future(anext(batches))
    await asyncio.sleep(0)
    assert len(log._alarms) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not log._alarms


def test_a_book_makes_logs_on_first_use() -> None:
    """The same name must give the same log, and names must be in the order of their making."""
    book = LogBook()
    assert book.log("b") is book.log("b")
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
    assert texts(early.lines()) == ["hunter2", "a ***"]
    assert texts(book.log("late").lines()) == ["b ***"]


async def gather(batches: AsyncIterator[tuple[str, list[LogLine]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    async with asyncio.timeout(DEADLINE):
        async for name, batch in batches:
            found.setdefault(name, []).extend(texts(batch))
    return found


async def test_a_book_is_followed_as_a_whole() -> None:
    """Following all must give the tails of all logs, and everything of logs that are made later."""
    book = LogBook()
    book.log("a").feed("stdout", numbered(0, 5))
    reading = asyncio.ensure_future(gather(book.follow(tail=1)))
    await asyncio.sleep(0)
    book.log("b").feed("stdout", numbered(0, 3))
    await asyncio.sleep(0)
    book.log("a").feed("stdout", numbered(5, 6))
    book.close()
    assert await reading == {"a": ["line 4", "line 5"], "b": ["line 0", "line 1", "line 2"]}


async def test_a_book_is_followed_by_name() -> None:
    """Following some must give those and no others, also when their log is made later."""
    book = LogBook()
    book.log("a").write("a")
    reading = asyncio.ensure_future(gather(book.follow(["b", "c"])))
    await asyncio.sleep(0)
    book.log("b").write("b")
    book.close()
    assert await reading == {"b": ["b"]}


async def test_a_closed_book_stays_closed() -> None:
    """Logs that are made after the book was closed must be closed, so that nobody waits for them."""
    book = LogBook()
    book.close()
    book.log("a").write("x")
    assert book.log("a").closed
    assert await gather(book.follow()) == {"a": ["x"]}


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
                if (await anext(batches))[0] == name:
                    break
            else:
                pytest.fail(f"{name} was not heard")


async def test_followers_of_a_book_are_forgotten() -> None:
    """A reader of the book that is closed must leave nothing behind."""
    book = LogBook()
    book.log("a").write("x")
    batches = book.follow()
    await anext(batches)
    assert book._alarms and book.log("a")._alarms
    await batches.aclose()  # type: ignore[attr-defined]
    assert not book._alarms and not book.log("a")._alarms
