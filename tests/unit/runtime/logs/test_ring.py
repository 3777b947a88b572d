"""A log must keep its last lines in bounded memory, and the lines that have no end yet beside them."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from fairlead.runtime.logs.records import LogLine
from fairlead.runtime.logs.ring import ResourceLog
from fairlead.runtime.logs.text import Mask


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines]


def numbered(start: int, end: int) -> list[bytes]:
    return [b"line %d" % number for number in range(start, end)]


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
    """A line that was overwritten must take one number."""
    log = ResourceLog()
    log.feed("stdout", [b"10%\r20%", b"done"])
    assert [(line.number, line.text) for line in log.lines()] == [(1, "20%"), (2, "done")]


def test_lines_tell_their_source() -> None:
    """Lines of a part of the resource must say which, and others that there is none."""
    log = ResourceLog()
    log.feed("stdout", [b"a"], "1")
    log.write("b")
    assert [(line.text, line.source) for line in log.lines()] == [("a", "1"), ("b", None)]


def test_a_line_without_an_end_is_open() -> None:
    """A prompt must be there at once, without a number, and be replaced by what its stream and source write next."""
    log = ResourceLog()
    log.feed_open("stdout", b"Na")
    log.feed_open("stdout", b"Name? ")
    log.feed_open("stderr", b"...")
    log.feed_open("stdout", b"10%\r20%", "1")
    log.write("about it")
    assert [(line.stream, line.text, line.source) for line in log.open_lines] == [
        ("stdout", "Name? ", None),
        ("stderr", "...", None),
        ("stdout", "20%", "1"),
    ]
    assert texts(log.lines()) == ["about it"]
    log.feed("stdout", [b"Name? Ada"])
    log.feed_open("stderr", b"\x1b[K")
    assert [line.source for line in log.open_lines] == ["1"]
    assert [(line.number, line.text) for line in log.lines()] == [(1, "about it"), (2, "Name? Ada")]


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


def test_a_copy_has_what_the_log_drops() -> None:
    """A copy must get every line in its order, masked, also of a write of which the log drops most at once."""
    mask = Mask()
    mask.add("opensesame")
    log = ResourceLog(mask=mask, kept_lines=10)
    copied: list[tuple[str, str]] = []
    log.copy = lambda stream, text: copied.append((stream, text))

    log.feed("stdout", [f"{number} opensesame".encode() for number in range(5000)])
    log.feed("stderr", [b"end"])

    lines = [line for stream, text in copied if stream == "stdout" for line in text.split("\n")]
    assert lines == [f"{number} ***" for number in range(5000)]
    assert copied[-1] == ("stderr", "end")
    assert len(log.lines()) <= 20
