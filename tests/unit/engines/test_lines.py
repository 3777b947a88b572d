"""Cutting a stream of bytes into lines."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.engines import lines as lines_module
from fairlead.engines.lines import MAX_LINE, LineSplitter


def split(*chunks: bytes) -> list[bytes]:
    splitter = LineSplitter()
    return [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.flush()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"one", [b"one"]),
        (b"one\n", [b"one"]),
        (b"one\ntwo", [b"one", b"two"]),
        (b"\n\n", [b"", b""]),
        (b"dos\r\nunix\n", [b"dos", b"unix"]),
        (b"10%\r20%\r\n", [b"10%\r20%"]),
        (b"end\r", [b"end\r"]),
        (b"\r\r\n", [b"\r"]),
        (b"\x00\xff\n", [b"\x00\xff"]),
    ],
)
def test_lines_are_cut_at_line_ends_only(data: bytes, expected: list[bytes]) -> None:
    r"""Lines must end at \n and \r\n and nowhere else, and the last one needs no end."""
    assert split(data) == expected


def test_a_line_comes_out_as_soon_as_it_is_complete() -> None:
    """A complete line must not wait for the next one."""
    splitter = LineSplitter()
    assert splitter.feed(b"on") == []
    assert splitter.feed(b"e\ntw") == [b"one"]
    assert splitter.feed(b"o\n") == [b"two"]
    assert splitter.flush() == []


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, MAX_LINE + 2, 2 * MAX_LINE, 3 * MAX_LINE + 1])
def test_a_long_line_comes_in_full_pieces(size: int, end: bytes) -> None:
    """A line over the limit must come in as few pieces as the limit allows, with nothing lost."""
    pieces = split(b"x" * size + end)
    assert b"".join(pieces) == b"x" * size
    assert [len(piece) for piece in pieces] == [MAX_LINE] * (size // MAX_LINE) + [size % MAX_LINE] * bool(
        size % MAX_LINE
    )


def test_no_character_is_torn_apart() -> None:
    """A piece must not end inside a UTF-8 character."""
    text = "x" + "€🚢é" * MAX_LINE
    pieces = split(text.encode())
    assert "".join(piece.decode() for piece in pieces) == text
    assert all(len(piece) > MAX_LINE - 4 for piece in pieces[:-1])


@given(
    data=st.lists(st.sampled_from([b"a", b"\xbf", "é".encode(), b"\n", b"\r", b"\r\n", b"long line "]), max_size=60),
    cuts=st.lists(st.integers(0, 400), max_size=12),
)
def test_chunks_make_no_difference(data: list[bytes], cuts: list[int]) -> None:
    """The same bytes must give the same lines in whatever chunks they come, with all bytes if none are returns."""
    stream = b"".join(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "MAX_LINE", 8)  # so that small data has long lines
        whole = split(stream)
        borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
        assert split(*(stream[start:end] for start, end in pairwise(borders))) == whole
        assert split(*(stream[place : place + 1] for place in range(len(stream)))) == whole
        assert all(len(line) <= 8 for line in whole)
    if b"\r" not in stream:
        assert sum(map(len, whole)) == len(stream) - stream.count(b"\n")


@given(st.binary(max_size=2000))
def test_nothing_is_lost(stream: bytes) -> None:
    r"""Joined again, the lines must be the stream, but for \r before \n and the last \n."""
    assert b"\n".join(split(stream)) == stream.replace(b"\r\n", b"\n").removesuffix(b"\n")


def test_what_is_held_back_is_bounded() -> None:
    """An endless line must be handed out as it grows."""
    splitter = LineSplitter()
    taken = sum(len(piece) for _ in range(1000) for piece in splitter.feed(b"x" * 1000))
    assert 1_000_000 - taken < MAX_LINE + 2


def test_an_endless_line_in_small_chunks_takes_linear_time() -> None:
    """Ten times the bytes must take about ten times as long, not a hundred times."""

    def seconds(count: int) -> float:
        splitter = LineSplitter()
        begin = time.thread_time()
        for _ in range(count):
            splitter.feed(b"0123456789")
        return time.thread_time() - begin

    assert min(seconds(200_000) for _ in range(3)) < 40 * min(seconds(20_000) for _ in range(3))


def test_the_open_line_is_what_a_terminal_would_show() -> None:
    """What has no end yet must be there to be shown, without what a progress bar has overwritten."""
    splitter = LineSplitter()
    shown = []
    for chunk in (b"Name? ", b"Ada\n", b"10%", b"\r20%", b"\r", b"30%\r\n"):
        splitter.feed(chunk)
        shown.append(splitter.open_line)
    assert shown == [b"Name? ", b"", b"10%", b"20%", b"20%", b""]


def test_a_progress_bar_of_any_length_is_one_line() -> None:
    """A line that is overwritten over and over must not come in pieces, and not be held back without a bound."""
    splitter = LineSplitter()
    updates = [b"\r%5d of 100000" % count for count in range(100_000)]
    assert [line for update in updates for line in splitter.feed(update)] == []
    assert splitter.open_line == b"99999 of 100000"
    (line,) = splitter.feed(b"\n")
    assert line.endswith(b"\r99999 of 100000") and len(line) <= MAX_LINE
